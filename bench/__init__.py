"""Side-by-side benchmarks against the stock tools."""
