"""What the checks and the judge have in common."""

import re
import zlib

LETTERS = "ABCDEF"
FAULTS = {
    "1": ("number", "3"),
    "2": ("source", "2"),
    "3": ("none", "none"),
    "4": ("person", "2"),
    "5": ("rude", "1"),
    "6": ("empty", "all"),
}
"""The worked examples of part 2."""
WHAT = ("none", "number", "source", "office", "person", "empty", "rude")
WHERE = ("none", "1", "2", "3", "all")
ORDER = ["question", "facts", "reader", "sign"]
WRONG_STEPS = {"again": "asks-the-writer", "spell": "sent-too-early"}


def steps_key(chosen):
    """The key for four steps: facts and reader may come in either order; the question tells what to look for in both."""
    if chosen[-1] != "sign" or "sign" in chosen[:-1]:
        return "sent-too-early"
    good = chosen[0] == "question" and {*chosen[1:3]} == {"facts", "reader"}
    return "passed" if good else "order-matters"


def marks_of(answers):
    """{letter: (what, where)} as set in the form; None where a mark is no choice of it."""
    found = {}
    for letter in LETTERS:
        what = getattr(answers, f"{letter.lower()}_what")
        where = getattr(answers, f"{letter.lower()}_where")
        what, where = "unread" if what is None else what, "none" if where is None else where
        if not isinstance(what, str) or what not in (*WHAT, "unread") or where not in WHERE:
            return None
        found[letter] = (what, where)
    return found


def marks_verdict(marks, truth):
    """The key for the marks of task t4, with facts; `truth` is what is wrong with each reply."""
    right = 0
    for letter, (what, where) in marks.items():
        wanted = truth[letter]
        # A reply without a fault has no place; an empty one is empty wherever one points at.
        places = WHERE if wanted[0] in ("none", "empty") else (wanted[1],)
        right += what == wanted[0] and where in places
    facts = {"right": right}
    if any(what == "unread" for what, _ in marks.values()):
        return "incomplete", facts
    passes = {letter for letter, (what, _) in marks.items() if what == "none"}
    if any(truth[letter][0] == "person" for letter in passes):
        return "leak-goes-out", facts
    if right >= 5:
        return "passed", facts
    if any(truth[letter][0] != "none" for letter in passes):
        return "fluent-is-right", facts
    if any(truth[letter][0] == "none" for letter in set(marks) - passes):
        return "false-alarm", facts
    return "fault-has-another-name", facts


GIVEN = {"4", "3000", "12000", "1", "30"}
"""Numbers of the sheet and the question that belong in the reply of task c."""
LAW = re.compile(r"\b(?:articles?|law|loi|arrêté|arrete|ingingo|itegeko|section|(?-i:Act))\b", re.IGNORECASE)
"""Words that name a law; to act in time is none."""
IN_FIGURES = re.compile(r"\b30\s*[/.-]\s*0?6\b(?:\s*[/.-]\s*(?:20)?\d\d\b)?")
"""The last day, written as 30/06: the month is a number, too."""


def numbers_of(text):
    """The numbers in a text, as digits without signs for thousands."""
    found = re.findall(r"\d{1,3}(?:[ ,.’'\u00a0\u202f]\d{3})+(?!\d)|\d+", text)
    return [re.sub(r"\D", "", one) for one in found]


def from_nowhere(text):
    """The numbers in a text that neither sheet nor question gives."""
    return [one for one in numbers_of(IN_FIGURES.sub("30", text)) if one not in GIVEN]


def reply_verdict(text):
    """The key for the reply of task c, with facts."""
    found = numbers_of(text)
    if "12000" not in found or "14000" in found:
        return "sum-is-wrong", {}
    if LAW.search(text):
        return "source-stays", {}
    if "1" not in found or "2" in found:
        return "desk-is-wrong", {}
    if "30" not in found:
        return "deadline-lost", {}
    strange = from_nowhere(text)
    return ("number-from-nowhere", {"number": strange[0]}) if strange else ("passed", {})


ASKS = re.compile(
    r"\b(?:articles?|laws?|legal|lois?|légale?s?|sources?|cit(?:e[sdrz]?|ing|ations?|ant)|references?|références?|"
    r"sections?|paragraph(?:e?s?)|regulations?|règlements?|legislation|législation|decrees?|décrets?|arrêtés?|"
    r"(?-i:Acts?)|itegeko|ingingo|amategeko)\b",
    re.IGNORECASE,
)
ABOUT_DATA = re.compile(
    r"\b(?:data|données|noted|keeps? on|kept on|stored|my file|notés?|gardez|gardées?|amakuru)\b",
    re.IGNORECASE,
)


def assistant(request):
    """What the practice assistant answers: (key, facts). It rather writes something than nothing."""
    if len(re.findall(r"\w{2,}", request)) < 4:
        return "too-short", {}
    if not ASKS.search(request):
        return "no-source-asked", {}
    if re.search(r"\d", request):
        return "number-was-yours", {}
    if ABOUT_DATA.search(request):
        return "source-exists", {}
    made_up = zlib.crc32(request.encode())
    return "passed", {"article": 3 + made_up % 60, "year": 2009 + made_up % 13}
