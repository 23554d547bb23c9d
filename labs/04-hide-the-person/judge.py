"""What decides the marks, on 500 letters that no learner ever has. Never leaves the grader.

`hidden` has columns of equal length: text, lang, and marked (what is personal, as [begin, end, kind]). The limits are
a little wider than the learner's own check: other letters are never quite the same.
"""

import re
from collections import Counter

from labs.kit.checking import judge, not_attempted, not_yet
from shared import (
    FIRST_CLUES,
    LANGUAGES,
    START,
    decision_verdict,
    hits,
    odd_clues,
    own_rules,
    rules_verdict,
    sentence_verdict,
    stencil_verdict,
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
    def hidden_by(stencil):
        counted = measure((hidden.text, hidden.lang, hidden.marked), [("id", stencil)])
        return facts(*counted, len(hidden.text))

    return stencil_verdict(answers.pieces, hidden_by, 0.70)


@judge("t4")
def rules_protect(answers, hidden):
    own = own_rules(answers)
    if own is None:
        return not_yet("incomplete")
    settings, clues = own
    if settings == START and clues in ((), FIRST_CLUES):
        return not_attempted()
    all_of, gone = measure((hidden.text, hidden.lang, hidden.marked), stencils(settings, clues))
    n = facts(all_of, gone, len(hidden.text))
    shares = {lang: gone[f"name-{lang}"] / all_of[f"name-{lang}"] for lang in LANGUAGES}
    weakest = min(shares, key=shares.get)
    n |= {"language": NAMED[weakest], "language_share": shares[weakest], "best_share": max(shares.values())}
    n["odd"], n["clue"] = odd_clues(clues, list(zip(hidden.text, hidden.marked)))
    return rules_verdict(settings, n, (0.0125, 0.56, 0.42))


@judge("j")
def decision_holds_together(answers, _):
    return decision_verdict(answers)


@judge("b")
def number_is_not_seen(answers, _):
    return sentence_verdict(answers.sentence)
