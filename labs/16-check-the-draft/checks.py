"""What a learner may run: the replies, the rule sheet, marks in the text, and instant checks."""

import base64
import json

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, not_yet, order_verdict, passed, view
from shared import (
    FAULTS,
    LETTERS,
    ORDER,
    WRONG_STEPS,
    assistant,
    from_nowhere,
    marks_of,
    marks_verdict,
    reply_verdict,
    steps_key,
)


# What the cells show.


def sentences(name):
    """The three sentences of a reply."""
    return [lab.say(f"s_{name}_{n}") for n in (1, 2, 3)]


def reply(name, mark=("none", "none")):
    """A question with its reply; what was marked in it is shown."""
    what, where = mark
    asked = lab.say("question", name=name, asked=lab.say(f"q_{name}"))
    text, pieces = f"{asked}\n\n", []
    first = len(text)
    for n, sentence in enumerate(sentences(name), 1):
        if where == str(n) and what not in ("none", "unread"):
            pieces.append((len(text), len(text) + len(sentence), lab.say(f"fault_{what}")))
        text += sentence + " "
    if where == "all" and what not in ("none", "unread"):
        pieces = [(first, len(text) - 1, lab.say(f"fault_{what}"))]
    return plots.marked(text.rstrip(), pieces)


def together(shown):
    """Several things, one below the other."""
    return sum(shown[1:], shown[0])


def replies(names):
    """Some replies as they came."""
    return together([reply(name) for name in names])


def sheet():
    """The rule sheet as a table."""
    return plots.table([lab.say("sheet")], [[f"{n} · {lab.say(f'rule_{n}')}"] for n in range(1, 8)])


def place(where):
    """A place in a reply, in words."""
    return lab.say("where_n", n=where) if where.isdigit() else lab.say(f"where_{where}")


def faults():
    """What is wrong with the first six replies, and the sheet."""
    rows = [
        [name, lab.say(f"fault_{what}"), place(where), lab.say(f"why_{name}")]
        for name, (what, where) in FAULTS.items()
    ]
    return plots.table([lab.say(key) for key in ("reply", "fault", "where", "why")], rows) + sheet()


# Task t3: the steps.


@check("t3")
def steps_in_order(answers):
    return order_verdict(answers.steps, ORDER, WRONG_STEPS, steps_key)


# Task t4: six replies. Packed, so that nobody reads the answers by chance; a person who unpacks them has them.

PACKED = "eyJBIjpbIm51bWJlciIsIjIiXSwiQiI6WyJvZmZpY2UiLCIzIl0sIkMiOlsibm9uZSIsIm5vbmUiXSwiRCI6WyJzb3VyY2UiLCIzIl0sIkUiOlsicGVyc29uIiwiMiJdLCJGIjpbImVtcHR5IiwiYWxsIl19"


def truth():
    """What is wrong with each reply."""
    return {letter: tuple(mark) for letter, mark in json.loads(base64.b64decode(PACKED)).items()}


@check("t4")
def faults_are_found(answers):
    marks = marks_of(answers)
    if marks is None:
        return not_yet("incomplete")
    if all(mark == ("unread", "none") for mark in marks.values()):
        return not_attempted()
    key, facts = marks_verdict(marks, truth())
    return passed(**facts) if key == "passed" else not_yet(key, **facts)


@view("t4")
def replies_now(answers):
    marks = marks_of(answers) or dict.fromkeys(LETTERS, ("unread", "none"))
    read = sum(what != "unread" for what, _ in marks.values())
    said = plots.text(lab.say("read_so_far", n=read))
    return sheet(), *(reply(letter, marks[letter]) for letter in LETTERS), said


# Task c: one reply, corrected.


@check("c")
def reply_is_corrected(answers):
    if not isinstance(answers.reply, str) or not answers.reply.strip():
        return not_attempted()
    key, facts = reply_verdict(answers.reply[:600])
    return passed() if key == "passed" else not_yet(key, **facts)


@view("c")
def numbers_now(answers):
    text = answers.reply if isinstance(answers.reply, str) else ""
    strange = from_nowhere(text)
    said = lab.say("found_number", numbers=", ".join(strange)) if strange else lab.say("no_number")
    return sheet(), plots.text(said)


# Task b: the practice assistant.


@check("b")
def source_is_invented(answers):
    if not isinstance(answers.request, str) or not answers.request.strip():
        return not_attempted()
    key, _facts = assistant(answers.request[:400])
    return passed() if key == "passed" else not_yet(key)


@view("b")
def assistant_now(answers):
    request = answers.request if isinstance(answers.request, str) else ""
    key, facts = assistant(request[:400])
    if key == "too-short":
        return plots.text(lab.say("assistant", text=lab.say("says_nothing")))
    if key == "no-source-asked":
        return plots.text(lab.say("assistant", text=lab.say("says_plain")))
    if "article" in facts:
        text = lab.say("says_invented", article=facts["article"], year=str(facts["year"]))
        return plots.text(lab.say("assistant", text=text)), plots.text(lab.say("not_on_sheet"))
    return plots.text(lab.say("assistant", text=lab.say("says_true"))), plots.text(lab.say("on_sheet"))
