"""What decides the marks. Never leaves the grader: what is wrong with replies A to F is known here and in the check."""

from labs.kit.checking import judge, not_attempted, not_yet, order_verdict, passed
from shared import ORDER, WRONG_STEPS, assistant, marks_of, marks_verdict, reply_verdict, steps_key


@judge("t3")
def steps_in_order(answers, _):
    return order_verdict(answers.steps, ORDER, WRONG_STEPS, steps_key)


@judge("t4")
def faults_are_found(answers, hidden):
    marks = marks_of(answers)
    if marks is None:
        return not_yet("incomplete")
    if all(mark == ("unread", "none") for mark in marks.values()):
        return not_attempted()
    truth = {letter: (what, where) for letter, what, where in zip(hidden.reply, hidden.what, hidden.where)}
    key, facts = marks_verdict(marks, truth)
    return passed(**facts) if key == "passed" else not_yet(key, **facts)


@judge("c")
def reply_is_corrected(answers, _):
    if not isinstance(answers.reply, str) or not answers.reply.strip():
        return not_attempted()
    key, facts = reply_verdict(answers.reply[:600])
    return passed() if key == "passed" else not_yet(key, **facts)


@judge("b")
def source_is_invented(answers, _):
    if not isinstance(answers.request, str) or not answers.request.strip():
        return not_attempted()
    key, _facts = assistant(answers.request[:400])
    return passed() if key == "passed" else not_yet(key)
