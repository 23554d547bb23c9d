"""A course's record as the rows of an nbgrader gradebook."""
