"""What a fitted model's wrong answers rest on: attributions to features, pixels, time and tokens, through captum.

`explain` is the entry: predictions, prepared cases and the folder `models/` in, the content of the explanations file
out.
"""
