# %% before double
import socket
line = socket.socket(socket.AF_UNIX)
line.connect("\0isomo-attack")
