"""TODO-splits."""
