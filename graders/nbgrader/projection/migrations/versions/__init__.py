"""Additions of ours to nbgrader's schema; a version table of ours keeps them apart from its migrations."""
