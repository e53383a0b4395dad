"""How well a model does: every number with its interval, its cases, and its method or the reason why there is none.

`scorecard.score` is the way in; each other file holds one metric or one idea. All take arrays and compute in float64.
A metric that these cases cannot define is an `Estimate` with a reason, never NaN and never a silent 0.
"""
