"""What a generator is judged by: are its cases real, useful, diverse and likely, and are they nobody's.

Each file holds one question; a result of several numbers has `estimates()`, which names them as `metrics.json` does.
All take NumPy arrays. Patients are any whole numbers, equal for cases of one patient; generated cases are nobody's, and
each counts as a patient of its own.
"""
