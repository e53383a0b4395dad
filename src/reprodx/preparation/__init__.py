"""From raw cases to what a model takes: split, checked for leaks, transformed by what training cases alone tell."""
