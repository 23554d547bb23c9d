"""What decides the marks, on data that no learner ever has. Never leaves the grader."""

from labs.kit.checking import judge, not_attempted, not_yet, number, passed


@judge("t4")
def share_of_agents(answers, hidden):
    if answers.part is None:
        return not_attempted()
    part = number(answers.part)
    if part is None:
        return not_yet("not-a-number")
    if part > 1:
        return not_yet("per-cent", given=part)
    share = sum(hidden.by_agent) / len(hidden.by_agent)
    # A little wider than the learner's check: other rows are never quite the same.
    return passed(share=share) if abs(part - share) < 0.04 else not_yet("too-far")
