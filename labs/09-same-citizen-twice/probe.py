"""Asks a learner's search for the pairs in a list that it has never seen. Runs beside the learner's code."""

import pandas as pd

from labs.kit.checking import probe, unanswered


@probe("t4")
def ask_their_search(names, inputs):
    """Pairs of payment numbers as lists, None where nothing was written."""
    is_blank = unanswered(names.get("alike"))
    try:
        found = names["find_pairs"](pd.DataFrame(inputs))
    except Exception:
        if is_blank:
            return None  # With a bar inside `find_pairs` it would have run.
        raise
    if is_blank and unanswered(found):
        return None
    if not isinstance(found, (list, tuple, set)):
        return "?"
    return [list(pair) if isinstance(pair, (list, tuple)) else str(pair) for pair in list(found)[:20000]]
