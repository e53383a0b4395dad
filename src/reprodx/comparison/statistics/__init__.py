"""Every metric of a contender as a function of case weights, quick enough for thousands of resamples."""
