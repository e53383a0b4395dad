"""Changes made to training batches, never to validation or test cases."""
