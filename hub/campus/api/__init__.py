"""The campus' API for programs: nbgrader's exchange, formgrader, grading agents."""
