"""The specification, as something that can fail."""
