"""What the administrator types: up, down, status, logs, doctor, demo, and what they stand on."""
