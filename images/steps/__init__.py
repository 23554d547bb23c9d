"""Steps that run inside a container while an image is made."""
