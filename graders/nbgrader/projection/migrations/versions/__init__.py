"""What we add to nbgrader's own schema; kept apart from its migrations by a version table of ours."""
