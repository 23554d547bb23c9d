"""What decides the marks, on 500 letters that no learner ever has. Never leaves the grader.

`hidden` has columns of equal length: text, lang, and marked (what is personal, as [begin, end, kind]). The limits are
a little wider than the learner's own check: other letters are never quite the same.
"""

import re
from collections import Counter

from labs.kit.checking import judge, not_attempted, not_yet, passed
from shared import (
    ASKED,
    FIRST_CLUES,
    LANGUAGES,
    LEADS,
    LONGEST,
    NUMBER,
    PIECES,
    START,
    can_be_read,
    hits,
    own_rules,
    possible_number,
    seen_by_the_rule,
    stencils,
)


# Each language by its own name, because the sentence may be in any of them.
NAMED = {"rw": "Kinyarwanda", "en": "English", "fr": "français"}


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
