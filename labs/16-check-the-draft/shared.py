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
    if all(what == truth[letter][0] for letter, (what, _) in marks.items()):
        return "place-is-another", facts
    return "fault-has-another-name", facts


GIVEN = {"4", "3000", "12000", "1", "30"}
"""Numbers of the sheet and the question that belong in the reply of task c."""
LAW = re.compile(r"\b(?:articles?|law|loi|arrêté|arrete|ingingo|itegeko|section|(?-i:Act))\b", re.IGNORECASE)
"""Words that name a law; to act in time is none."""
LAST_DAY = re.compile(
    r"\b30\s*[/.-]\s*0?6\b(?:\s*[/.-]\s*(?:20)?\d\d\b)?|\b(?:20\d\d[-/.])?0?6[/.-]30\b|"
    r"\b30(?:th)?(?: of)? (?:june|juin|kamena)\b(?:,? 20\d\d)?|\b(?:june|kamena) (?:the )?30(?:th)?\b(?:,? 20\d\d)?",
    re.IGNORECASE,
)
"""The last day, in words or as 30/06: there the month is a number, too."""
A_DAY = re.compile(
    r"\b(?:january|february|march|april|may \d|\d+ may|june|july|august|september|october|november|december|janvier|"
    r"février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|kamena|nyakanga)\b|"
    r"\b\d\d?[/.-]\d\d?\b",
    re.IGNORECASE,
)
"""Another day, or half of one."""
FOR_EACH = re.compile(
    r"\beach (?:of|person|one|pays?|has|must)\b|\b(?:per|every) (?:person|head|one of)\b|\bapiece\b|"
    r"\b(?:francs|frw|rwf) each\b(?! year)|\bchacune?\b|\bchaque personne\b|\bpar (?:personne|tête)\b|"
    r"\bburi muntu\b",
    re.IGNORECASE,
)
NOT_TO_PAY = re.compile(
    r"\b(?:do not|don['’]t|need not|must not|never|not have to|not need to)\s+(?:\w+\s+)?pay\b(?!.*\bbut\b)|"
    r"\bne (?:payez|paierez|devez)\b(?!.*\b(?:que|mais)\b)",
    re.IGNORECASE,
)


def numbers_of(text):
    """The numbers in a text, as digits without signs for thousands."""
    found = re.findall(r"\d{1,3}(?:[ ,.’'\u00a0\u202f]\d{3})+(?!\d)|\d+", text)
    return [re.sub(r"\D", "", one) for one in found]


def from_nowhere(text):
    """The numbers in a text that neither sheet nor question gives."""
    return [one for one in numbers_of(LAST_DAY.sub("30", text)) if one not in GIVEN]


def reply_verdict(text):
    """The key for the reply of task c, with facts."""
    found = numbers_of(text)
    with_sum = [one for one in re.split(r"[.!?\n](?!\d)", text) if "12000" in numbers_of(one)]
    wrong = [
        ("12000" not in found, "sum-is-wrong"),
        ("14000" in found, "old-sum-stays"),
        (LAW.search(text), "source-stays"),
        (any(FOR_EACH.search(one) and "3000" not in numbers_of(one) for one in with_sum), "sum-for-each"),
        (any(NOT_TO_PAY.search(one) for one in with_sum), "says-not-to-pay"),
        ("1" not in found, "desk-is-wrong"),
        ("2" in found, "old-desk-stays"),
        (not LAST_DAY.search(text), "day-is-wrong" if A_DAY.search(text) else "deadline-lost"),
    ]
    key = next((name for is_so, name in wrong if is_so), None)
    if key:
        return key, {}
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


NUMBER_OF_LAW = re.compile(
    r"\b(?:articles?|art|laws?|lois?|sections?|paragraph(?:e?s?)|acts?|orders?|decrees?|décrets?|arrêtés?|regulations?|"
    r"règlements?|itegeko|ingingo)\b\W*(?:(?:no|n|number|numéro|of|de|du|from)\b\W*)*\d|\d/\d{4}",
    re.IGNORECASE,
)
"""A price or a day is no number of a law."""
IN_BAD_FAITH = re.compile(
    r"\b(?:invent\w*|make up|made[- ]up|fake|fictitious|imaginary|(?:does not|doesn['’]t|do not) exist|"
    r"faux|fausse|n['’]existe pas|n['’]existent pas|fictive?s?|imaginaires?)\b",
    re.IGNORECASE,
)


def assistant(request):
    """What the practice assistant answers: (key, facts). It rather writes something than nothing."""
    if len(re.findall(r"\w{2,}", request)) < 4:
        return "too-short", {}
    if not ASKS.search(request):
        return "no-source-asked", {}
    if NUMBER_OF_LAW.search(request):
        return "number-was-yours", {}
    if ABOUT_DATA.search(request):
        return "source-exists", {}
    made_up = zlib.crc32(request.encode())
    key = "not-in-good-faith" if IN_BAD_FAITH.search(request) else "passed"
    return key, {"article": 3 + made_up % 60, "year": 2009 + made_up % 13}
