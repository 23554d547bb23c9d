"""What a learner may run: letters with their marks, what rules hide in all of them, and instant checks."""

import json
import re
from collections import Counter
from functools import lru_cache

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, not_yet, passed, view
from shared import (
    ASKED,
    BEST,
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


# What the rules are made of.


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
