"""What decides the marks, on 8,000 files that no learner ever has. Never leaves the grader.

`hidden` has columns of equal length: rural, empty (the box for the circumstance), visits, urgent (what the panel
found) and scores (of the model that learners train). The limits are a little wider than those of the learner's check.
"""

from labs.kit.checking import judge
from shared import BAR, calls_verdict, lines_verdict, report_verdict, tests_verdict


def rates(hidden, seen):
    """Shares of files seen and of urgent people missed, in country and town."""
    n = {}
    for name, wanted in (("rural", 1), ("urban", 0)):
        here = [i for i, rural in enumerate(hidden.rural) if rural == wanted]
        urgent = [i for i in here if hidden.urgent[i]]
        n[f"{name}_read_share"] = sum(seen[i] for i in here) / len(here)
        n[f"{name}_missed_share"] = sum(not seen[i] for i in urgent) / len(urgent)
    return n


@judge("t3")
def lines_count_the_missed(answers, hidden):
    def figures():
        n = rates(hidden, [score >= BAR for score in hidden.scores])
        people = sum(rural and urgent for rural, urgent in zip(hidden.rural, hidden.urgent))
        shares = {"not_read": 1 - n["rural_read_share"], "missed": n["rural_missed_share"]}
        return shares | {"known": round(0.6 * people), "people": people}

    return lines_verdict(answers.lines, figures)


@judge("t4")
def calls_reach_the_aim(answers, hidden):
    def called(place, visits):
        here = {"rural": (1,), "urban": (0,), "all": (0, 1)}[place]
        columns = zip(hidden.rural, hidden.empty, hidden.visits)
        calls = [bool(rural in here and empty and n >= visits) for rural, empty, n in columns]
        seen = [score >= BAR or call for score, call in zip(hidden.scores, calls)]
        missed = rates(hidden, seen)
        return {
            "place": place,
            "visits": visits,
            "calls": sum(calls),
            "rural_share": missed["rural_missed_share"],
            "urban_share": missed["urban_missed_share"],
            "read_share": sum(seen) / len(seen),
        }

    return calls_verdict(answers.place, answers.visits, called, 0.32, 0.33)


@judge("j")
def report_holds_together(answers, hidden):
    return report_verdict(answers)


@judge("b")
def one_test_passes_another_fails(answers, hidden):
    def shares_of(rural, urban):
        seen = [False] * len(hidden.scores)
        for wanted, share in ((1, rural), (0, urban)):
            here = [i for i, one in enumerate(hidden.rural) if one == wanted]
            here.sort(key=lambda i: -hidden.scores[i])
            for i in here[: round(len(here) * share / 100)]:
                seen[i] = True
        return rates(hidden, seen)

    return tests_verdict(answers.rural, answers.urban, shares_of, 0.09)
