"""What the checks and the judge have in common."""

import math
import re
from difflib import SequenceMatcher

from labs.kit.checking import not_yet, number, passed

WEEKS, CHECKS_A_WEEK = 50, 6
MODEL_BAR = 0.72
SECRET = ["identity", "phone", "person"]


def is_per_cent(bar):
    """Whether a bar above 1 was meant in per cent."""
    return (number(bar) or 0) > 1


def measured(found, true):
    """Pairs proposed, those of them that are one person, precision and recall."""
    right = len(found & true)
    return {
        "pairs": len(found),
        "right": right,
        "wrong": len(found) - right,
        "true": len(true),
        "precision_share": right / len(found) if found else 0.0,
        "recall_share": right / len(true) if true else 0.0,
    }


def near_pairs(distance, near, alike):
    """Pairs of places that are at least this alike."""
    return {
        (min(row, int(other)), max(row, int(other)))
        for row in range(len(near))
        for far, other in zip(distance[row], near[row])
        if int(other) != row and 1 - far >= alike
    }


# The lines of task t3, run as they stand: they are ours, the learner chooses their order.
LINES = {
    "itself": "pairs = [(a, b) for a, b in pairs if a != b]",
    "far": "alike = distance",
    "keep": "kept = alike >= 0.72",
    "once": "found = {(min(a, b), max(a, b)) for a, b in pairs}",
    "alike": "alike = 1 - distance",
    "twice": "found = set(pairs)",
    "rows": "pairs = [(row, other) for row in range(len(near)) for other in near[row][kept[row]]]",
    "below": "kept = alike <= 0.72",
}
LAST = ("once", "twice")


def ordered(chosen, distance, near):
    """What chosen lines do."""
    space = {"distance": distance, "near": near}
    try:
        exec("\n".join(LINES[one] for one in chosen), space)
    except NameError as error:
        return not_yet("order-matters", name=error.name)
    if chosen[-1] not in LAST:
        return not_yet("no-pairs")
    found = space["found"]
    if "far" in chosen or "below" in chosen:
        return not_yet("far-is-not-alike")
    if any(a == b for a, b in found):
        return not_yet("with-itself")
    if found != near_pairs(distance, near, 0.72):
        return not_yet("counted-twice", n=len(found), right=len({(min(p), max(p)) for p in found}))
    return passed(n=len(found))


def proposed(found, numbers):
    """Pairs of payment numbers as pairs of places, or the name of what is wrong with them."""
    place = {name: n for n, name in enumerate(numbers)}
    if not isinstance(found, (list, tuple, set)):
        return "wrong-shape"
    made = set()
    for pair in found:
        if (
            not isinstance(pair, (list, tuple))
            or len(pair) != 2
            or not all(isinstance(one, str) for one in pair)
        ):
            return "wrong-shape"
        if pair[0] == pair[1]:
            return "with-itself"
        if pair[0] not in place or pair[1] not in place:
            return "wrong-shape"
        a, b = place[pair[0]], place[pair[1]]
        made.add((min(a, b), max(a, b)))
    return made


def judged(found, true, columns, least=(0.90, 0.80)):
    """What the pairs found say about the search. `columns` are the list's columns by name."""
    n = measured(found, true)
    if not found:
        return not_yet("too-strict", **n)

    def equal(a, b, names):
        return all(columns[name][a] == columns[name][b] for name in names)

    if n["precision_share"] < least[0]:
        wrong = found - true
        strangers = sum(columns["born"][a] != columns["born"][b] for a, b in wrong)
        birthdays = sum(equal(a, b, ["born"]) for a, b in found)
        if birthdays == len(found):
            return not_yet("only-birthdays", **n)
        neighbours = sum(equal(a, b, ["district"]) for a, b in wrong)
        if strangers > 0.9 * len(wrong) and neighbours < 0.3 * len(wrong):
            return not_yet("names-are-not-people", **n)
        return not_yet("too-loose", **n)
    if n["recall_share"] < least[1]:
        same = sum(equal(a, b, ["given", "family"]) for a, b in found)
        return not_yet("only-identical" if same == len(found) else "too-strict", **n)
    return passed(**n)


def read_well(said):
    """What the six answers say about reading pairs."""
    names = ("card", "twins", "slip", "namesakes", "gap", "move")
    if set(said) != set(names) or not all(one in ("same", "two", "ask") for one in said.values()):
        return not_yet("incomplete")
    wrong = [
        (said["twins"] == "same", "twins-merged"),
        (said["namesakes"] == "same", "namesakes-merged"),
        (said["card"] == "two", "number-decides"),
        (said["slip"] == "two", "slip-is-a-stranger"),
        (said["gap"] != "ask", "guessed-the-gap"),
        (said["move"] == "two", "number-decides"),
        (said["card"] == "ask" and said["slip"] == "ask", "asks-about-everything"),
    ]
    found = next((key for is_so, key in wrong if is_so), None)
    return not_yet(found) if found else passed()


def decided(said, n, precision, recall):
    """Whether the decision fits its reasons, and the sliders fit the decision."""
    wrong = [
        (said["act"] != "person", "machine-stops-the-money"),
        (said["worse"] != "merge", "money-first"),
        (said["because"] != "life", "reason-does-not-hold"),
        (said["twins"] == "rare", "twins-do-not-count"),
        (said["twins"] == "bar", "bar-for-twins"),
        (said["told"] != "before", "told-too-late"),
        (n["precision_share"] < precision, "says-one-does-another"),
        (n["recall_share"] < recall, "finds-too-few"),
        (n["week"] > n["capacity"], "more-than-staff-can-check"),
    ]
    found = next((key for is_so, key in wrong if is_so), None)
    return not_yet(found, **n) if found else passed(**n)


def pieces(text):
    """Pieces of two to four characters of each word, a space before and after it, and how often each is there.

    As scikit-learn's `analyzer="char_wb"` cuts them.
    """
    found = {}
    for word in text.lower().split():
        padded = f" {word} "
        for size in (2, 3, 4):
            for begin in range(max(1, len(padded) - size + 1)):
                piece = padded[begin : begin + size]
                found[piece] = found.get(piece, 0) + 1
            if len(padded) <= size:
                break
    return found


def likeness(one, other, weights):
    """How alike the office's model finds two people, 0 to 1: the cosine of their weighted pieces."""
    sides = []
    for who in (one, other):
        text = " ".join(who[name] for name in ("given", "family", "born", "district"))
        side = {piece: count * weights[piece] for piece, count in pieces(text).items() if piece in weights}
        length = math.sqrt(sum(value * value for value in side.values())) or 1.0
        sides.append({piece: value / length for piece, value in side.items()})
    return sum(value * sides[1].get(piece, 0.0) for piece, value in sides[0].items())


def person(value):
    """A person with four entries in small letters and a real date, None where it is none."""
    if not isinstance(value, dict) or set(value) != {"given", "family", "born", "district"}:
        return None
    if not all(isinstance(one, str) and 2 <= len(one.strip()) <= 40 for one in value.values()):
        return None
    cleaned = {name: one.strip().lower() for name, one in value.items()}
    parts = cleaned["born"].split("-")
    if (
        len(parts) != 3
        or not all(part.isdigit() for part in parts)
        or [len(part) for part in parts] != [4, 2, 2]
    ):
        return None
    real = 1900 <= int(parts[0]) <= 2020 and 1 <= int(parts[1]) <= 12 and 1 <= int(parts[2]) <= 31
    names = all(re.sub("[-' ’]", "", cleaned[name]).isalpha() for name in ("given", "family", "district"))
    return cleaned if real and names else None


def broken(twins, namesakes, weights):
    """Whether the search takes these twins, and these namesakes, for one person."""
    sides = []
    for given in (twins, namesakes):
        people = [person(one) for one in given] if isinstance(given, (list, tuple)) else []
        if len(people) != 2 or None in people:
            return not_yet("not-two-people")
        sides.append(people)
    (a, b), (c, d) = sides
    if any(a[name] != b[name] for name in ("family", "born", "district")) or a["given"] == b["given"]:
        return not_yet("not-twins")
    if SequenceMatcher(None, a["given"], b["given"]).ratio() > 0.65:
        return not_yet("one-person-misspelt", given=a["given"].title(), other=b["given"].title())
    if any(c[name] != d[name] for name in ("given", "family")) or c["born"] == d["born"]:
        return not_yet("not-namesakes")
    if abs(int(c["born"][:4]) - int(d["born"][:4])) < 5:
        return not_yet("a-slip-explains-it")
    n = {"twins": round(likeness(a, b, weights), 2), "namesakes": round(likeness(c, d, weights), 2)}
    if n["twins"] < MODEL_BAR:
        return not_yet("search-sees-the-twins", **n)
    if n["namesakes"] < MODEL_BAR:
        return not_yet("search-sees-the-namesakes", **n)
    return passed(**n)


def at_bar(curve, bar, staff):
    """What the search proposes with the bar at `bar`, and what `staff` colleagues can check."""
    step = min(range(len(curve["steps"])), key=lambda n: abs(curve["steps"][n] - bar))
    found, right, twins = (curve[name][step] for name in ("pairs", "right", "twins"))
    return {
        "alike": bar,
        "staff": int(staff),
        "pairs": found,
        "right": right,
        "wrong": found - right,
        "twins": twins,
        "missed": curve["true"] - right,
        "precision_share": right / found if found else 0.0,
        "recall_share": right / curve["true"],
        "week": math.ceil(found / WEEKS),
        "capacity": int(staff) * CHECKS_A_WEEK,
    }
