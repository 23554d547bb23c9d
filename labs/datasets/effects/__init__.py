"""Measures of the declared effects: the models that the labs teach with, one module per lab."""
