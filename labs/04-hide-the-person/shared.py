"""What the checks and the judge have in common."""

import re

from labs.kit.checking import not_attempted, not_yet, passed

NUMBER = "1207170045318062"
"""The impossible identity number of task b."""
START = {"between": "nothing", "lookalikes": "no", "phones": "no", "last": "no", "sweep": "nothing"}
CHOICES = {
    "between": ("nothing", "space", "signs"),
    "lookalikes": ("no", "yes"),
    "phones": ("no", "yes"),
    "last": ("no", "yes"),
    "sweep": ("nothing", "numbers", "capitals"),
}
FIRST_CLUES = ("Mr", "Ms")
LANGUAGES = ("rw", "en", "fr")
BEST = {"between": "signs", "lookalikes": "yes"}
CAPITAL = r"[A-ZÀ-Ý][\wÀ-ÿ]+"
BETWEEN = {"nothing": "", "space": "[ ]?", "signs": r"[ .\-]?"}
PHONE = r"(?<!\w)(?:\+250 ?7|07)00 ?\d{3} ?\d{3}(?!\w)"
SWEEP = {"numbers": r"\d+", "capitals": CAPITAL}


def stencils(settings, clues=()):
    """(kind, pattern) of every rule that is switched on."""
    set_to = START | settings
    digit = "[0-9OolI]" if set_to["lookalikes"] == "yes" else "[0-9]"
    found = [("id", rf"(?<!\w){digit}(?:{BETWEEN[set_to['between']]}{digit}){{15}}(?!\w)")]
    if set_to["phones"] == "yes":
        found.append(("phone", PHONE))
    if set_to["last"] == "yes":
        found.append(("name", rf"\n({CAPITAL} {CAPITAL})\s*$"))
    if clues:
        words = "|".join(re.escape(word) for word in sorted(clues, key=len, reverse=True))
        found.append(("name", rf"(?<!\w)(?i:{words}),? ({CAPITAL}(?: {CAPITAL})?)"))
    if set_to["sweep"] in SWEEP:
        found.append(("hidden", SWEEP[set_to["sweep"]]))
    return [(kind, re.compile(pattern)) for kind, pattern in found]


def hits(text, rules):
    """What the rules hide in a text: (begin, end, kind)."""
    return [(*hit.span(hit.lastindex or 0), kind) for kind, rule in rules for hit in rule.finditer(text)]


MOST_WORDS = 4
"""Words of one clue: more of them are a list without commas."""


def clues_of(written):
    """The words of a list with commas, or None if it is none."""
    if written is None:
        return ()
    if not isinstance(written, str):
        return None
    words = [word.strip() for word in re.split(r"[,;\n]", written.replace("’", "'"))]
    words = tuple(dict.fromkeys(word for word in words if word))
    good = len(words) <= 120 and all(len(word) <= 60 and len(word.split()) <= MOST_WORDS for word in words)
    return words if good else None


def odd_clues(clues, letters):
    """The key for a list whose words come before no name, with the first of them; (None, "") for any other list.

    `letters` are (text, what is marked in it).
    """
    own = [clue for clue in clues if clue not in FIRST_CLUES]
    said = {word for text, marks in letters for begin, end, kind in marks if kind == "name"
            for word in re.findall(r"\w+", text[begin:end].lower())}  # fmt: skip
    names = [clue for clue in own if set(re.findall(r"\w+", clue.lower())) <= said and clue[0].isalpha()]
    whole = "\n".join(text for text, _ in letters).lower().replace("’", "'")
    absent = [clue for clue in own if " " in clue and clue.lower() not in whole]
    for key, odd in (("names-themselves", names), ("no-commas", absent)):
        if odd and 2 * len(odd) >= len(own):
            return key, odd[0]
    return None, ""


PIECES = {
    "run": r"\d{16}",
    "end": r"(?!\w)",
    "more": r"([ .-]?\d){15}",
    "one": r"\d",
    "each": r"([ .-]\d){15}",
    "start": r"(?<!\w)",
    "many": r"([ .-]?\d){16}",
}


DIGITS = {"run": 16, "more": 15, "one": 1, "each": 15, "many": 16}
"""How many digits each piece asks for."""


def stencil_verdict(chosen, hidden_by, least):
    """The verdict on four pieces; `hidden_by` says what a stencil hides: shares, and other words hidden for nothing."""
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 4 or not all(isinstance(one, str) and one in PIECES for one in chosen):
        return not_yet("incomplete")
    wrong = [
        ("run" in chosen, "one-run-only"),
        ("each" in chosen, "sign-every-time"),
        (sum(DIGITS.get(one, 0) for one in chosen) != 16, "counts-seventeen"),
        ("start" not in chosen or "end" not in chosen, "no-border"),
    ]
    key = next((name for is_so, name in wrong if is_so), None)
    if key:
        return not_yet(key)
    stencil = "".join(PIECES[one] for one in chosen)
    n = hidden_by(re.compile(stencil.replace("(", "(?:").replace("(?:?", "(?")))
    if n["id_share"] < least or n["others"]:
        return not_yet("order-matters")
    return passed(stencil=stencil, **n)


def rules_verdict(settings, n, limits):
    """The verdict on the rules of task t4: `n` are figures; `limits` are other words, names, each language."""
    most_others, least_names, least_language = limits
    if settings["sweep"] != "nothing":
        return not_yet(f"hides-every-{settings['sweep'].removesuffix('s')}", **n)
    least = n["language_share"]
    few = n["name_share"] < least_names or least < least_language
    wrong = [
        (settings["between"] == "nothing", "one-run-only"),
        (settings["between"] == "space", "signs-forgotten"),
        (settings["lookalikes"] == "no", "misread-forgotten"),
        (settings["phones"] == "no", "phones-forgotten"),
        (settings["last"] == "no", "signature-forgotten"),
        (n["other_share"] > most_others, "clues-too-wide"),
        (few and n["odd"] is not None, n["odd"]),
        (n["best_share"] >= least_names and least < least_language, "one-language"),
        (few, "too-few-clues"),
    ]
    key = next((name for is_so, name in wrong if is_so), None)
    return not_yet(key, **n) if key else passed(**n)


def decision_verdict(answers):
    """The verdict on task j."""
    said = {name: getattr(answers, name) for name in ASKED}
    ticked = answers.remains
    if not any(said.values()) and not ticked:
        return not_attempted()
    if not isinstance(ticked, list) or not all(isinstance(one, str) for one in ticked) or not ticked:
        return not_yet("incomplete")
    if not all(isinstance(said[name], str) and said[name] in ASKED[name] for name in ASKED):
        return not_yet("incomplete")
    wrong = [
        (bool(set(ticked) - LEADS), "everything-is-personal"),
        (not set(ticked) >= LEADS, "names-only"),
        (said["still"] != "yes", "says-both"),
        (said["give"] == "web", "published-for-ever"),
        (said["give"] == "all", "good-enough-for-whom"),
        (said["because"] != "person", "reason-does-not-hold"),
        (said["signs"] != "head", "nobody-decides"),
        (said["leak"] != "report", "kept-quiet"),
    ]
    key = next((name for is_so, name in wrong if is_so), None)
    return not_yet(key) if key else passed()


def own_rules(answers):
    """(settings, clues) as set in the form, or None where they are no choices of it."""
    given = {name: getattr(answers, name) for name in CHOICES}
    given = {name: START[name] if value is None else value for name, value in given.items()}
    clues = clues_of(answers.clues)
    good = all(isinstance(value, str) and value in CHOICES[name] for name, value in given.items())
    return (given, clues) if good and clues is not None else None


LEADS = {"parcel", "job", "family"}
ASKED = {
    "still": ("no", "yes", "number"),
    "give": ("web", "all", "read"),
    "because": ("trust", "use", "person"),
    "signs": ("programmer", "head", "university"),
    "leak": ("quiet", "complaint", "report"),
}
GAP = 40
LONGEST = 400
FORMS = {
    "0": "0 o q zero zéro zeru",
    "1": "1 l i | one un une rimwe",
    "2": "2 z two deux kabiri",
    "3": "3 three trois gatatu",
    "4": "4 four quatre kane",
    "5": "5 s five cinq gatanu",
    "6": "6 b g six gatandatu",
    "7": "7 seven sept karindwi",
    "8": "8 b eight huit umunani",
    "9": "9 g q nine neuf icyenda",
}


def can_be_read(text, number):
    """Whether the digits of `number` are in `text` in their order, with no other digit between them."""
    text = text.lower()
    reached, first = {at for at in range(len(text)) if not text[max(0, at - 1) : at].isdigit()}, True
    for digit in number:
        ends = set()
        for begin in reached:
            for at in range(begin, min(begin + (1 if first else GAP), len(text))):
                ends |= {at + len(form) for form in FORMS[digit].split() if text.startswith(form, at)}
                if text[at].isdigit():
                    break
        reached, first = ends, False
    # No further digit may follow at once: 17 digits are another number.
    return any(not text[end : end + 1].isdigit() for end in reached)


def possible_number(text):
    """Whether sixteen digits are in `text` that a person alive could have on a card."""
    for hit in re.finditer(r"(?=(\d(?:[^\w\n]{0,3}\d){15}))", text):
        digits = re.sub(r"\D", "", hit[1])
        if digits != NUMBER and 1900 <= int(digits[1:5]) <= 2026:
            return True
    return False


def seen_by_the_rule(text):
    """What the office's best rule hides."""
    return [text[begin:end] for begin, end, _ in hits(text, stencils(BEST))]


def sentence_verdict(text):
    """The verdict on the sentence of task b."""
    if not isinstance(text, str) or not text.strip():
        return not_attempted()
    text = text[:LONGEST]
    if possible_number(text):
        return not_yet("could-be-somebody")
    if not can_be_read(text, NUMBER):
        return not_yet("not-the-number")
    seen = seen_by_the_rule(text)
    return not_yet("rule-sees-it", seen=seen[0]) if seen else passed()
