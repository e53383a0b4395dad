"""Runs with overrides, one or many: Hydra composes and launches, the pipeline runs."""
