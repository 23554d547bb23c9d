"""One source per lab: learner notebook, grader notebook and every language."""
