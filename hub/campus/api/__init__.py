"""What programs ask the campus: nbgrader's exchange, formgrader, grading agents."""
