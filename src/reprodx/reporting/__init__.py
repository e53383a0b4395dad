"""Results for people: plots as files, figures as inline SVG, and one self-contained HTML report.

`page` and `drawing` know how a report looks, `evaluation` what it is made from, and the other files fill its sections.
"""
