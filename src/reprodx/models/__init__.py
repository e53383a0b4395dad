"""The models: networks in plain torch, and scikit-learn estimators behind the same contract.

A network is a `torch.nn.Module` that takes features, pictures or sequences and gives logits: one for two classes, else
one a class or label; its `modalities` say which. An estimator has `fit`, `logits`, `save` and `load` as
`GradientBoosting` has. Nothing here knows how training is done.
"""
