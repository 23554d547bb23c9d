"""The API of the campus, one module for each group of calls."""
