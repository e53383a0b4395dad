"""What sums an input up in a row of numbers, for models of tables and as a baseline for networks."""
