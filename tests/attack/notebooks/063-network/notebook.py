# %% before double
import socket
socket.create_connection(("127.0.0.1", 47114), 2)
