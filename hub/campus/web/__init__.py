"""Pages of the campus, one module for each group of them."""
