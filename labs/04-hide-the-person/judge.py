"""What decides the marks, on 500 letters that no learner ever has. Never leaves the grader.

`hidden` has columns of equal length: text, lang, and marked (what is personal, as [begin, end, kind]). The limits are
a little wider than the learner's own check: other letters are never quite the same.
"""

import re
from collections import Counter

from labs.kit.checking import judge, not_attempted, not_yet, passed

NUMBER = "1207170045318062"
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
# Each language by its own name, because the sentence may be in any of them.
NAMED = {"rw": "Kinyarwanda", "en": "English", "fr": "français"}

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


def clues_of(written):
    """The words of a list with commas, or None if it is none."""
    if written is None:
        return ()
    if not isinstance(written, str):
        return None
    words = [word.strip() for word in re.split(r"[,;\n]", written.replace("’", "'"))]
    words = tuple(dict.fromkeys(word for word in words if word))
    return words if len(words) <= 120 and all(len(word) <= 60 for word in words) else None


def measure(hidden_letters, rules):
    """What rules hide of identity numbers, phones, names (in each language too) and of all other words."""
    all_of, hidden = Counter(), Counter()
    for text, lang, marks in zip(*hidden_letters):
        mask, own = bytearray(len(text)), bytearray(len(text))
        for begin, end, _ in hits(text, rules):
            mask[begin:end] = b"\1" * (end - begin)
        for begin, end, kind in marks:
            own[begin:end] = b"\1" * (end - begin)
            gone = all(mask[at] for at in range(begin, end) if text[at].isalnum())
            for key in (kind, f"{kind}-{lang}"):
                all_of[key] += 1
                hidden[key] += gone
        for word in re.finditer(r"\w+", text):
            if not own[word.start()]:
                all_of["other"] += 1
                hidden["other"] += any(mask[word.start() : word.end()])
    return all_of, hidden


def facts(all_of, hidden, letters):
    """Figures for sentences."""
    n = {"ids": hidden["id"], "all_ids": all_of["id"], "letters": letters}
    n |= {"others": hidden["other"], "words": all_of["other"], "left": all_of["name"] - hidden["name"]}
    for key, name in (("id", "id_share"), ("phone", "phone_share"), ("name", "name_share")):
        n[name] = hidden[key] / max(1, all_of[key])
    return n | {"other_share": hidden["other"] / max(1, all_of["other"])}


PIECES = {
    "run": r"\d{16}",
    "end": r"(?!\w)",
    "more": r"([ .-]?\d){15}",
    "one": r"\d",
    "each": r"([ .-]\d){15}",
    "start": r"(?<!\w)",
    "many": r"([ .-]?\d){16}",
}


@judge("t3")
def stencil_fits(answers, hidden):
    chosen = answers.pieces
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 4 or not all(isinstance(one, str) and one in PIECES for one in chosen):
        return not_yet("incomplete")
    wrong = [
        ("run" in chosen, "one-run-only"),
        ("each" in chosen, "sign-every-time"),
        ("many" in chosen or chosen.count("more") != 1 or chosen.count("one") != 1, "counts-seventeen"),
        ("start" not in chosen or "end" not in chosen, "no-border"),
    ]
    found = next((key for is_so, key in wrong if is_so), None)
    if found:
        return not_yet(found)
    stencil = "".join(PIECES[one] for one in chosen).replace("(", "(?:").replace("(?:?", "(?")
    all_of, gone = measure((hidden.text, hidden.lang, hidden.marked), [("id", re.compile(stencil))])
    n = facts(all_of, gone, len(hidden.text))
    if n["id_share"] < 0.70 or gone["other"]:
        return not_yet("order-matters")
    return passed(stencil="".join(PIECES[one] for one in chosen), **n)


def own_rules(answers):
    """(settings, clues) as set in the form, or None where they are no choices of it."""
    given = {name: getattr(answers, name) for name in CHOICES}
    given = {name: START[name] if value is None else value for name, value in given.items()}
    clues = clues_of(answers.clues)
    good = all(isinstance(value, str) and value in CHOICES[name] for name, value in given.items())
    return (given, clues) if good and clues is not None else None


@judge("t4")
def rules_protect(answers, hidden):
    found = own_rules(answers)
    if found is None:
        return not_yet("incomplete")
    settings, clues = found
    if settings == START and clues in ((), FIRST_CLUES):
        return not_attempted()
    all_of, gone = measure((hidden.text, hidden.lang, hidden.marked), stencils(settings, clues))
    n = facts(all_of, gone, len(hidden.text))
    if settings["sweep"] != "nothing":
        return not_yet(f"hides-every-{settings['sweep'].removesuffix('s')}", **n)
    weakest = min(LANGUAGES, key=lambda lang: gone[f"name-{lang}"] / all_of[f"name-{lang}"])
    least = gone[f"name-{weakest}"] / all_of[f"name-{weakest}"]
    n |= {"language": NAMED[weakest], "language_share": least}
    unequal = (
        max(gone[f"name-{lang}"] / all_of[f"name-{lang}"] for lang in LANGUAGES) >= 0.56 and least < 0.42
    )
    wrong = [
        (settings["between"] == "nothing", "one-run-only"),
        (settings["between"] == "space", "signs-forgotten"),
        (settings["lookalikes"] == "no", "misread-forgotten"),
        (settings["phones"] == "no", "phones-forgotten"),
        (settings["last"] == "no", "signature-forgotten"),
        (n["other_share"] > 0.0125, "clues-too-wide"),
        (unequal, "one-language"),
        (n["name_share"] < 0.56 or least < 0.42, "too-few-clues"),
    ]
    key = next((key for is_so, key in wrong if is_so), None)
    return not_yet(key, **n) if key else passed(**n)


LEADS = {"parcel", "job", "family"}
ASKED = {
    "still": ("no", "yes", "number"),
    "give": ("web", "all", "read"),
    "because": ("trust", "use", "person"),
    "signs": ("programmer", "head", "university"),
    "leak": ("quiet", "complaint", "report"),
}


@judge("j")
def decision_holds_together(answers, _):
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
    found = next((key for is_so, key in wrong if is_so), None)
    return not_yet(found) if found else passed()


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
    """Whether the digits of `number` stand in `text` in their order, with no other digit between them."""
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
    """Whether sixteen digits stand in `text` that a person alive could have on a card."""
    for hit in re.finditer(r"(?=(\d(?:[^\w\n]{0,3}\d){15}))", text):
        digits = re.sub(r"\D", "", hit[1])
        if digits != NUMBER and 1900 <= int(digits[1:5]) <= 2026:
            return True
    return False


def seen_by_the_rule(text):
    """What the office's best rule hides."""
    return [text[begin:end] for begin, end, _ in hits(text, stencils(BEST))]


@judge("b")
def number_is_not_seen(answers, _):
    text = answers.sentence
    if not isinstance(text, str) or not text.strip():
        return not_attempted()
    text = text[:LONGEST]
    if possible_number(text):
        return not_yet("could-be-somebody")
    if not can_be_read(text, NUMBER):
        return not_yet("not-the-number")
    seen = seen_by_the_rule(text)
    return not_yet("rule-sees-it", seen=seen[0]) if seen else passed()
