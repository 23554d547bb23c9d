"""What a learner may run: letters with their marks, what rules hide in all of them, and instant checks."""

import json
import re
from collections import Counter
from functools import lru_cache

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, not_yet, passed, view

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

# What the rules are made of.

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


# What they do to the learner's letters.


@lru_cache(maxsize=1)
def archive():
    """The letters: text, language, and what somebody marked by hand."""
    table = lab.load("letters-private")
    rows = zip(table["text"], table["lang"], table["marked"], strict=True)
    return [(text, lang, json.loads(marks)) for text, lang, marks in rows]


def measure(rules):
    """What rules hide of identity numbers, phones, names (in each language too) and of all other words."""
    all_of, hidden, before = Counter(), Counter(), Counter()
    for text, lang, marks in archive():
        mask, own = bytearray(len(text)), bytearray(len(text))
        for begin, end, _ in hits(text, rules):
            mask[begin:end] = b"\1" * (end - begin)
        for begin, end, kind in marks:
            own[begin:end] = b"\1" * (end - begin)
            gone = all(mask[at] for at in range(begin, end) if text[at].isalnum())
            for key in (kind, f"{kind}-{lang}"):
                all_of[key] += 1
                hidden[key] += gone
            if kind == "name" and not gone:
                before[last_word(text[:begin])] += 1
        for word in re.finditer(r"\w+", text):
            if not own[word.start()]:
                all_of["other"] += 1
                hidden["other"] += any(mask[word.start() : word.end()])
    return all_of, hidden, before


def last_word(text):
    """The word right before a name; empty where the name begins a line."""
    words = text.rpartition("\n")[2].split()
    return words[-1].strip(",") if words else ""


@lru_cache(maxsize=64)
def measured(settings, clues):
    """`measure` for the settings of task t4; kept, because typing a letter must not be slow."""
    return measure(stencils(dict(settings), clues))


def facts(all_of, hidden):
    """Figures for sentences."""
    n = {"ids": hidden["id"], "all_ids": all_of["id"], "letters": len(archive())}
    n |= {"others": hidden["other"], "words": all_of["other"], "left": all_of["name"] - hidden["name"]}
    for key, name in (("id", "id_share"), ("phone", "phone_share"), ("name", "name_share")):
        n[name] = hidden[key] / max(1, all_of[key])
    return n | {"other_share": hidden["other"] / max(1, all_of["other"])}


# What the cells show.


def read(letters, *places):
    """Some letters, with what was marked by hand."""
    shown = []
    for place in places:
        row = letters.iloc[place]
        pieces = [(begin, end, lab.say(kind)) for begin, end, kind in json.loads(row["marked"])]
        shown.append(plots.marked(row["text"], pieces))
    return sum(shown[1:], shown[0])


def first_rule():
    """One sentence on what the first rule hides."""
    all_of, hidden, _ = measure(stencils({}))
    n, whole = hidden["id"], all_of["id"]
    return plots.text(lab.say("first_rule", hidden=n, all=whole, left=whole - n, hidden_share=n / whole))


def six_rules():
    """A table: what six rules hide."""
    tried = {
        "rule_run": {},
        "rule_space": {"between": "space"},
        "rule_signs": {"between": "signs"},
        "rule_misread": BEST,
        "rule_numbers": {"sweep": "numbers"},
        "rule_capitals": {"sweep": "capitals"},
    }
    rows = []
    for name, settings in tried.items():
        all_of, hidden, _ = measured(tuple(sorted(settings.items())), ())
        # Counts: 974 of 975 is not "100%" to the one person who is left.
        parts = [f"{hidden[key]} / {all_of[key]}" for key in ("id", "phone", "name")]
        rows.append([lab.say(name), *parts, f"{100 * hidden['other'] / all_of['other']:.1f}%"])
    return plots.table([lab.say(key) for key in ("rule", "ids", "phones", "names", "others")], rows)


# Task t3: a stencil of four pieces. The pieces are ours, the learner chooses their order.

PIECES = {
    "run": r"\d{16}",
    "end": r"(?!\w)",
    "more": r"([ .-]?\d){15}",
    "one": r"\d",
    "each": r"([ .-]\d){15}",
    "start": r"(?<!\w)",
    "many": r"([ .-]?\d){16}",
}


@check("t3")
def stencil_fits(answers):
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
    all_of, hidden, _ = measure([("id", re.compile(stencil))])
    n = facts(all_of, hidden)
    if n["id_share"] < 0.75 or hidden["other"]:
        return not_yet("order-matters")
    return passed(stencil="".join(PIECES[one] for one in chosen), **n)


# Task t4: the learner's own rules.


def own_rules(answers):
    """(settings, clues) as set in the form, or None where they are no choices of it."""
    given = {name: getattr(answers, name) for name in CHOICES}
    given = {name: START[name] if value is None else value for name, value in given.items()}
    clues = clues_of(answers.clues)
    good = all(isinstance(value, str) and value in CHOICES[name] for name, value in given.items())
    return (given, clues) if good and clues is not None else None


@check("t4")
def rules_protect(answers):
    found = own_rules(answers)
    if found is None:
        return not_yet("incomplete")
    settings, clues = found
    if settings == START and clues in ((), FIRST_CLUES):
        return not_attempted()
    if settings["sweep"] != "nothing":
        n = facts(*measured(tuple(sorted(settings.items())), clues)[:2])
        return not_yet(f"hides-every-{settings['sweep'].removesuffix('s')}", **n)
    all_of, hidden, _ = measured(tuple(sorted(settings.items())), clues)
    n = facts(all_of, hidden)
    weakest = min(LANGUAGES, key=lambda lang: hidden[f"name-{lang}"] / all_of[f"name-{lang}"])
    least = hidden[f"name-{weakest}"] / all_of[f"name-{weakest}"]
    n |= {"language": lab.say(f"lang_{weakest}"), "language_share": least}
    unequal = (
        max(hidden[f"name-{lang}"] / all_of[f"name-{lang}"] for lang in LANGUAGES) >= 0.6 and least < 0.5
    )
    wrong = [
        (settings["between"] == "nothing", "one-run-only"),
        (settings["between"] == "space", "signs-forgotten"),
        (settings["lookalikes"] == "no", "misread-forgotten"),
        (settings["phones"] == "no", "phones-forgotten"),
        (settings["last"] == "no", "signature-forgotten"),
        (n["other_share"] > 0.01, "clues-too-wide"),
        (unequal, "one-language"),
        (n["name_share"] < 0.60 or least < 0.5, "too-few-clues"),
    ]
    key = next((key for is_so, key in wrong if is_so), None)
    return not_yet(key, **n) if key else passed(**n)


@view("t4")
def rules_now(answers):
    settings, clues = own_rules(answers) or (START, ())
    sample = answers.sample if isinstance(answers.sample, str) else ""
    rules = stencils(settings, clues)
    letter = plots.marked(sample, [(b, e, lab.say(kind)) for b, e, kind in hits(sample, rules)])
    all_of, hidden, before = measured(tuple(sorted(settings.items())), clues)

    def row(word, key, least):
        share = hidden[key] / all_of[key]
        enough = share >= least if key != "other" else share <= least
        aim = lab.say("at_most" if key == "other" else "at_least", n=lab.share(least))
        part = f"{hidden[key]} / {all_of[key]} ({100 * share:.1f}%)"
        return [lab.say(word), part, aim, "✓" if enough else "–"]

    rows = [row("ids", "id", 0.98), row("phones", "phone", 1.0), row("names", "name", 0.60)]
    rows += [row(f"in_{lang}", f"name-{lang}", 0.50) for lang in LANGUAGES]
    rows += [row("others", "other", 0.01)]
    table = plots.table([lab.say("on_all", n=len(archive())), lab.say("hidden"), lab.say("wanted"), ""], rows)
    missed = [[word or lab.say("line_begins"), n] for word, n in before.most_common(10)]
    return letter, table, plots.table([lab.say("before_missed"), lab.say("times")], missed)


# Task j: what may be handed out.

LEADS = {"parcel", "job", "family"}
ASKED = {
    "still": ("no", "yes", "number"),
    "give": ("web", "all", "read"),
    "because": ("trust", "use", "person"),
    "signs": ("programmer", "head", "university"),
    "leak": ("quiet", "complaint", "report"),
}


@check("j")
def decision_holds_together(answers):
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


# Task b: a number that a reader reads and the rule does not see.

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


@check("b")
def number_is_not_seen(answers):
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


@view("b")
def sentence_now(answers):
    text = answers.sentence if isinstance(answers.sentence, str) else ""
    rules = stencils(BEST)
    letter = plots.marked(text or " ", [(b, e, lab.say(kind)) for b, e, kind in hits(text, rules)])
    if not text.strip():
        return (letter,)
    seen = seen_by_the_rule(text)
    rule = lab.say("rule_sees", seen=seen[0]) if seen else lab.say("rule_blind")
    reader = lab.say("reader_reads" if can_be_read(text, NUMBER) else "reader_lost")
    return letter, plots.text(rule), plots.text(reader)
