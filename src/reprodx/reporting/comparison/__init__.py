"""The report of a comparison: a verdict between models, and everything that a reader needs to doubt it."""
