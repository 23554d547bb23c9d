"""What the checks and the judge have in common."""

import re

from labs.kit.checking import as_typed, not_attempted, not_yet, number, passed, unanswered

LEAST_KNOWN = 6
"""Words of a letter that the model has to know before its tray means anything: eight single letters are none."""
KNOWN = 3000
KINDS = ("bayes", "logistic")
LONGEST = 4000
CHOICES = {
    "worst": ("appeal", "invoice", "question", "same"),
    "because": ("lost", "often", "statistics"),
    "answers": ("model", "nobody", "head"),
}
LINES = {
    "split": ("letters", "known"),
    "fit": ("known", "model"),
    "fit-all": ("letters", "model"),
    "guess": ("model", "guess"),
    "guess-known": ("model", "guess"),
    "share": ("guess", "share"),
    "share-known": ("guess", "share"),
}
"""What each line of task t3 needs and makes."""
APPEALS = (
    "Dear Mayor, in May you refused my request for a pension. The decision came after many days. "
    "I ask you to reconsider this decision.",
    "Monsieur, le comité a refusé mon dossier. Cette décision ne tient pas compte de mes preuves. "
    "J'ai écrit dans le délai. Je vous prie de reconsidérer ma demande.",
)
"""The letters that task b begins with, one for each language."""


def words_of(text):
    """A letter's words in small letters, as the tasks count them."""
    return re.findall(r"[^\W_]+", text[:20000].lower()) if isinstance(text, str) else []


def changed_words(old, new):
    """How many words have to be replaced, added or taken out to make `new` of `old` (Levenshtein's distance)."""
    row = list(range(len(new) + 1))
    for i, word in enumerate(old, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(new, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]


def changes_of(text):
    """How many words of the nearest of our letters were changed."""
    return min(changed_words(words_of(old), words_of(text)[:200]) for old in APPEALS)


def letter_verdict(letter, order, known_words, tray_of):
    """The verdict on a letter of one's own and on what its order means."""
    text = letter[:LONGEST] if isinstance(letter, str) else ""
    if not words_of(text):
        return not_attempted() if order is None else not_yet("incomplete")
    known = known_words(text)
    if len(set(words_of(text))) < 8 or known < LEAST_KNOWN:
        return not_yet("too-short", n=known)
    if not isinstance(order, str) or order not in ("same", "other", "unsure"):
        return not_yet("incomplete")
    if order == "other":
        return not_yet("order-counts")
    if order == "unsure":
        return not_yet("reads-like-us")
    return passed(tray=tray_of(text))


def lines_verdict(chosen, share):
    """The verdict on the lines of task t3; `share` is what the right ones give."""
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 4 or not all(isinstance(one, str) and one in LINES for one in chosen):
        return not_yet("incomplete")
    made = {"letters"}
    for one in chosen:
        needs, makes = LINES[one]
        if needs not in made or (one not in ("split", "fit-all") and "known" not in made):
            return not_yet("order-matters", name=needs if needs not in made else "known")
        made.add(makes)
    if not chosen[-1].startswith("share"):
        return not_yet("no-share")
    if "fit-all" in chosen:
        return not_yet("learnt-the-exam")
    if ("guess-known" in chosen) != ("share-known" in chosen):
        return not_yet("mixed-piles")
    if "guess-known" in chosen:
        return not_yet("tested-on-what-it-learnt")
    return passed(share=share())


def setting_verdict(kind, given_size, quality, right, average):
    """The verdict on a way of learning and a number of letters; `quality` says what they reach."""
    if unanswered(kind) and unanswered(given_size):
        return not_attempted()
    size = number(given_size)
    if not isinstance(kind, str) or kind not in KINDS:
        return not_yet("not-a-kind", given=kind[:40] if isinstance(kind, str) else as_typed(kind))
    if size is None or size != int(size) or size < 20:
        return not_yet("not-a-size", given=as_typed(given_size))
    if size > KNOWN:
        return not_yet("learnt-the-exam", size=int(size))
    n = quality(kind, int(size))
    if n["right_share"] >= right and n["average"] >= average:
        return passed(**n)
    return not_yet("rare-trays-empty" if kind == "bayes" else "too-few-letters", **n)


def decision_verdict(answers, at_bar, most_wrong, most_read):
    """The verdict on task j; `at_bar` says what a bar does."""
    said = {name: getattr(answers, name) for name in CHOICES}
    if not any(said.values()):
        return not_attempted()
    bar = number(answers.bar)
    if not all(isinstance(said[name], str) and said[name] in CHOICES[name] for name in CHOICES):
        return not_yet("incomplete")
    if bar is None or not 0 <= bar <= 95:
        return not_yet("incomplete")
    n = at_bar(bar)
    wrong = [
        (said["worst"] == "same", "all-mistakes-equal"),
        (said["worst"] in ("invoice", "question"), "office-first"),
        (said["because"] != "lost", "counts-not-harm"),
        (said["answers"] != "head", "nobody-answers"),
        (n["wrong_share"] > most_wrong, "says-harm-sorts-alone"),
        (n["read"] > most_read, "more-than-staff-can-read"),
    ]
    key = next((name for is_so, name in wrong if is_so), None)
    return not_yet(key, **n) if key else passed(**n)


def rerouted_verdict(letter, chances_of, tray_name, lead):
    """The verdict on a changed letter: another tray has to be ahead of the appeals by `lead`."""
    text = letter if isinstance(letter, str) else ""
    if not words_of(text) or " ".join(text.replace("’", "'").split()) in APPEALS:
        return not_attempted()
    n = changes_of(text)
    if n > 3:
        return not_yet("too-many-changes", n=n)
    if not n:
        return not_yet("no-word-changed")
    by_tray = dict(chances_of(text[:LONGEST]))
    appeal = by_tray.pop("appeal")
    other = max(by_tray, key=by_tray.get)
    facts = {"n": n, "tray": tray_name(other), "other_share": by_tray[other], "appeal_share": appeal}
    return passed(**facts) if by_tray[other] - appeal > lead else not_yet("still-an-appeal", **facts)
