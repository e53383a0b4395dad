"""Fitting a model on the training cases, and the folder in which the fitted model is kept.

`fit` is the entry: prepared cases and a configuration in, the folder `models/` out. `load_scorer` reads that folder
again, without Lightning.
"""
