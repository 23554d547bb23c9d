"""What decides the marks, on another list of 2,500 payments that no learner ever has. Never leaves the grader.

`hidden`: `payments` (columns of the list), `person` (who is who), `curve` (what each bar of the office's model does
there), `weights` (its pieces), `distance` and `near` (neighbours of its first payments, by their names). A search is
tried on half of the districts, other ones at every attempt: whole districts, because people who look alike live in one.
Limits are a little wider than the learner's own check.
"""

from labs.kit.checking import draw, judge, not_attempted, not_yet, number
from shared import LINES, SECRET, at_bar, broken, decided, is_per_cent, judged, ordered, proposed, read_well

DISTRICTS = 15
CHOICES = {
    "act": ("stop", "person", "letter"),
    "worse": ("miss", "merge", "equal"),
    "because": ("count", "life", "rules"),
    "twins": ("rare", "bar", "ask"),
    "told": ("nobody", "after", "before"),
}


@judge("t3")
def lines_give_pairs(answers, hidden):
    import numpy as np

    chosen = answers.lines
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 5 or not all(isinstance(one, str) and one in LINES for one in chosen):
        return not_yet("incomplete")
    return ordered(chosen, np.array(hidden.distance), np.array(hidden.near))


@draw("t4")
def half_of_the_districts(hidden, rng):
    """Payments of some districts, without who is who; their places are kept."""
    where = hidden.payments["district"]
    chosen = set(rng.sample(sorted(set(where)), DISTRICTS))
    rows = [n for n, district in enumerate(where) if district in chosen]
    return {name: [values[n] for n in rows] for name, values in hidden.payments.items()}, rows


@judge("t4")
def search_reaches_the_aim(answers, hidden):
    if answers.problem:
        problem = str(answers.problem)
        missing = next((name for name in SECRET if f"KeyError: '{name}'" in problem), None)
        return (
            not_yet("not-on-paper", column=missing)
            if missing
            else not_yet("code-stops", problem=problem[:200])
        )
    if is_per_cent(answers.alike):
        return not_yet("per-cent", alike=number(answers.alike))
    if answers.probed is None or not isinstance(answers.kept, (list, tuple)):
        return not_attempted()
    rows = list(answers.kept)
    columns = {name: [values[n] for n in rows] for name, values in hidden.payments.items()}
    places = proposed(answers.probed, columns["payment_id"])
    if isinstance(places, str):
        return not_yet(places)
    by_person = {}
    for place, row in enumerate(rows):
        by_person.setdefault(hidden.person[row], []).append(place)
    true = {(a, b) for group in by_person.values() for a in group for b in group if a < b}
    return judged(places, true, columns, (0.88, 0.77))


@judge("p")
def pairs_are_read(answers, hidden):
    said = answers.pairs if isinstance(answers.pairs, dict) else {}
    if not said:
        return not_attempted()
    return read_well(said)


@judge("j")
def decision_holds_together(answers, hidden):
    said = {name: getattr(answers, name) for name in CHOICES}
    if not any(said.values()):
        return not_attempted()
    alike, staff = number(answers.alike), number(answers.staff)
    known = all(isinstance(said[name], str) and said[name] in CHOICES[name] for name in CHOICES)
    if not known or not alike or not staff or not (0.5 <= alike <= 0.95 and 1 <= staff <= 8):
        return not_yet("incomplete")
    n = at_bar(hidden.curve, alike, staff)
    n["capacity"] += 1  # Another list is never quite as long.
    return decided(said, n, 0.88, 0.76)


@judge("b")
def search_takes_two_for_one(answers, hidden):
    if answers.twins is None and answers.namesakes is None:
        return not_attempted()
    return broken(answers.twins, answers.namesakes, hidden.weights)
