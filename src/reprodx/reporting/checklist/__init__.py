"""What reporting guidelines ask, and where a report answers it: filled here, left to a person, or not applicable."""
