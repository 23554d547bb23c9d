"""Images: their contents, their locks, and how they are built."""
