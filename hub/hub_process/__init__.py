"""Parts that run inside the process of JupyterHub."""
