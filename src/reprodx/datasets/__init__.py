"""TODO-datasets."""
