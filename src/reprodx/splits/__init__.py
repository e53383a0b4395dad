"""One file a split: which cases train, validate and test."""
