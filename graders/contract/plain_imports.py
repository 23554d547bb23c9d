"""Libraries that code may import and still count as plain."""

from __future__ import annotations

PLAIN_IMPORTS = frozenset(
    """numpy pandas sklearn matplotlib scipy seaborn plotly ipywidgets labs math cmath random statistics json re
    string datetime time calendar collections itertools functools decimal fractions textwrap csv typing dataclasses
    enum warnings unicodedata copy bisect heapq pprint numbers zoneinfo __future__ abc""".split()
)
