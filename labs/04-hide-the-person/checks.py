"""What a learner may run: letters with their marks, what rules hide in all of them, and instant checks."""

import json
import re
from collections import Counter
from functools import lru_cache

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, not_yet, view
from shared import (
    BEST,
    FIRST_CLUES,
    LANGUAGES,
    NUMBER,
    START,
    can_be_read,
    decision_verdict,
    hits,
    odd_clues,
    own_rules,
    rules_verdict,
    seen_by_the_rule,
    sentence_verdict,
    stencil_verdict,
    stencils,
)

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


@check("t3")
def stencil_fits(answers):
    return stencil_verdict(answers.pieces, lambda stencil: facts(*measure([("id", stencil)])[:2]), 0.75)


# Task t4: the learner's own rules.


@check("t4")
def rules_protect(answers):
    found = own_rules(answers)
    if found is None:
        return not_yet("incomplete")
    settings, clues = found
    if settings == START and clues in ((), FIRST_CLUES):
        return not_attempted()
    all_of, hidden, _ = measured(tuple(sorted(settings.items())), clues)
    n = facts(all_of, hidden)
    shares = {lang: hidden[f"name-{lang}"] / all_of[f"name-{lang}"] for lang in LANGUAGES}
    weakest = min(shares, key=shares.get)
    n |= {"language": lab.say(f"lang_{weakest}"), "language_share": shares[weakest]}
    n["odd"], n["clue"] = odd_clues(clues, [(text, marks) for text, _, marks in archive()])
    return rules_verdict(settings, n | {"best_share": max(shares.values())}, (0.01, 0.60, 0.50))


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


@check("j")
def decision_holds_together(answers):
    return decision_verdict(answers)


# Task b: a number that a reader reads and the rule does not see.


@check("b")
def number_is_not_seen(answers):
    return sentence_verdict(answers.sentence)


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
