"""What runs inside of the process of JupyterHub."""
