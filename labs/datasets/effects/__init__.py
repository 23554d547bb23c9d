"""How declared effects are measured: the models that the labs teach with, one module per lab."""
