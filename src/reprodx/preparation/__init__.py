"""TODO-preparation."""
