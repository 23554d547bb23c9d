"""How work is judged."""
