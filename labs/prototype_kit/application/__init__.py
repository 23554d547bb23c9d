"""The shared application: all that its container needs. It imports nothing of the bench, the hub or the labs."""
