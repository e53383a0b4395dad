"""Whether two models differ: tests and intervals for differences of what was measured on the same cases."""
