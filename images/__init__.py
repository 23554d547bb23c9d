"""What runs in containers: their contents, their locks, and how they are built."""
