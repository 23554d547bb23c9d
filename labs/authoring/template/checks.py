"""What a learner may run: a table, and an instant check on the learner's own data."""

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, not_yet, number, passed


def counts(requests):
    """How many requests came in by each channel."""
    found = requests["channel"].value_counts()
    return plots.table(
        [lab.say("channel"), lab.say("requests")], [[name, int(n)] for name, n in found.items()]
    )


@check("t4")
def share_of_agents(answers):
    if answers.part is None:
        return not_attempted()
    part = number(answers.part)
    if part is None:
        return not_yet("not-a-number")
    if part > 1:
        return not_yet("per-cent", given=part)
    share = float((lab.load("service-requests")["channel"] == "agent").mean())
    return passed(share=share) if abs(part - share) < 0.02 else not_yet("too-far")
