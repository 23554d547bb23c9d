"""What decides the marks, on letters that no learner has. Never leaves the grader.

`hidden` has columns text, lang, category and plain (whether the model of part 3 is right there); and `mixes`: for every
mix of the sliders ("rw-en-fr-mixed"), what the lab's model gets right in each of the four languages and over all, on
6,000 letters.
"""

from labs.kit.checking import draw, judge, not_attempted, not_yet, number
from shared import LANGUAGES, figures_verdict, gain_of, lines_verdict, loss_verdict, mix_verdict, stopped


@judge("t3")
def lines_find_the_worst(answers, hidden):
    return lines_verdict(answers.lines, lambda: mixed([1800, 750, 240, 100], hidden) | {"tray_share": 0.0})


@draw("t4")
def letters_of_each_language(hidden, rng):
    """All French letters, because there are few, and some of the others; their trays stay here."""
    places = [n for n, lang in enumerate(hidden.lang) if lang == "fr"]
    for lang, many in (("rw", 320), ("en", 500), ("mixed", 60)):
        places += rng.sample([n for n, one in enumerate(hidden.lang) if one == lang], many)
    rng.shuffle(places)
    return {"text": [hidden.text[n] for n in places]}, places


@judge("t4")
def every_language_counts(answers, hidden):
    said, places, own = answers.probed, answers.kept, 0.0
    if isinstance(said, dict):
        said, own = said.get("said"), number(said.get("own")) or 0.0
    if answers.problem:
        return stopped(str(answers.problem))
    if said is None:
        return not_attempted()
    if isinstance(said, str):
        return stopped(said)
    if (
        not isinstance(said, list)
        or len(said) != len(places)
        or not all(isinstance(one, str) for one in said)
    ):
        return not_yet("does-not-answer", problem="?")
    unknown = sorted(set(said) - set(hidden.category))
    if unknown:
        return not_yet("wrong-labels", label=unknown[0][:40])
    n = {}
    for lang in LANGUAGES:
        right = [
            tray == hidden.category[place] for tray, place in zip(said, places) if hidden.lang[place] == lang
        ]
        n[f"{lang}_share"] = sum(right) / max(1, len(right))
    french = [place for place in places if hidden.lang[place] == "fr"]
    now = dict(zip(places, said))
    n |= gain_of(
        [bool(hidden.plain[one]) for one in french], [now[one] == hidden.category[one] for one in french]
    )
    plain = [hidden.plain[place] for place in french]
    return figures_verdict(n, own, sum(plain) / len(plain), (0.36, 0.63, 0.02, 0.48))


def mixed(mix, hidden):
    """Figures of a mix; None where it is too small for a model."""
    row = hidden.mixes.get("-".join(map(str, mix)))
    if row is None:
        return None
    n = dict(zip([f"{one}_share" for one in LANGUAGES] + ["all_share"], row))
    return n | {"worst_share": min(row[:-1]), "total": sum(mix)}


@judge("j")
def mix_agrees_with_its_reason(answers, hidden):
    return mix_verdict(answers, lambda mix: mixed(mix, hidden), str)


@judge("b")
def language_is_lost(answers, hidden):
    return loss_verdict(answers, lambda mix: mixed(mix, hidden), 0.36, 0.57)
