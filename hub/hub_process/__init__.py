"""Code of JupyterHub's own process, and the two services that it starts."""
