"""Pages of the campus."""
