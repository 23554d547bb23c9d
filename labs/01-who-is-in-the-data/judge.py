"""What decides the marks, on 5,000 requests that no learner ever has. Never leaves the grader.

`hidden` has columns of equal length: channel, province, urban_rural, category. The limits are a little wider than
those of the learner's own check: another 5,000 requests are never quite the same.
"""

from labs.kit.checking import judge, not_attempted
from shared import (
    CATEGORIES,
    decision_verdict,
    lines_verdict,
    ranking_verdict,
    visitors_verdict,
    word_verdict,
)

QUIET = ("Gakenke", "Gatsibo", "Nyabihu", "Nyamagabe")
# Requests of one year in the learners' register, rounded: for the sentences only, not for the marks.
ABOUT = {"Gasabo": 408, "Huye": 135, "Musanze": 142, "Nyamasheke": 221}


@judge("w")
def a_number_of_people(answers, hidden):
    return visitors_verdict(answers.visitors)


@judge("t3")
def lines_give_the_baseline(answers, hidden):
    return lines_verdict(answers.lines, [hidden.category.count(one) for one in CATEGORIES])


@judge("t4")
def word_for_the_online_desk(answers, hidden):
    def reached(channel, word):
        files = [one for one, door in zip(hidden.category, hidden.channel) if door == channel]
        return {"channel": channel, "word": word, "share": files.count(word) / max(1, len(files))}

    return word_verdict(answers.channel, answers.word, reached, 0.28)


def about(place):
    """What the register holds about a district of the menu."""
    if place not in QUIET and place not in ABOUT:
        return None
    return {"district": place, "files": ABOUT.get(place, 25), "ordinary": 135, "quiet": place in QUIET}


@judge("j")
def decision_holds_together(answers, hidden):
    return decision_verdict(answers, about)


@judge("b")
def ranking_is_turned_over(answers, hidden):
    names = ("channel", "province", "urban_rural")
    wanted = {name: getattr(answers, name) for name in names}
    wanted = {name: value for name, value in wanted.items() if isinstance(value, str) and value != "any"}
    if not wanted:
        return not_attempted()
    columns = {name: getattr(hidden, name) for name in wanted}
    kept = [
        category
        for place, category in enumerate(hidden.category)
        if all(columns[name][place] == wanted[name] for name in wanted)
    ]
    land, executed = kept.count("land"), kept.count("judgment not carried out")
    return ranking_verdict({"files": len(kept), "land": land, "executed": executed}, 130, 1.3)
