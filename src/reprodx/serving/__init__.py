"""Fitted models applied to new raw tables."""
