"""What several test rooms share: a whole installation of its own, and people who use it in a real browser."""
