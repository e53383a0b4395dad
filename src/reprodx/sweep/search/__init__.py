"""Searches: Optuna draws settings, workers run them, the best on validation is reported."""
