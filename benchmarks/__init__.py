"""What reprodx costs, measured beside the bare tools that it stands on; `python -m benchmarks` prints one table."""
