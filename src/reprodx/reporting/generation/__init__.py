"""The report and the card of a generator: what it makes, how good that is, and whose it might be."""
