"""The trusted side: plain data in, verdict out."""
