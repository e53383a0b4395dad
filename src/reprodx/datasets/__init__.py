"""One file a dataset: where cases come from, read and checked, before anything is split."""
