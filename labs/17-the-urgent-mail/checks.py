"""What a learner may run: signs in mails, a lens, a filter, two programs that file letters, and instant checks."""

from functools import lru_cache

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, not_yet, order_verdict, passed, view
from shared import (
    FIND,
    LONGEST,
    ORDER,
    SIGNS,
    STOP,
    WRONG_STEPS,
    filter_of,
    filter_verdict,
    filtered,
    lens_verdict,
    letter_verdict,
    readers,
    steps_key,
)

INSIDE = "nyanza-technical-school.example"
MAILS = {
    "1": {"address": f"director@{INSIDE}", "reply": f"director@{INSIDE}", "link": ""},
    "2": {
        "address": "news@bank-of-the-hills.example",
        "reply": "no-reply@bank-of-the-hills.example",
        "link": "www.bank-of-the-hills.example → www.bank-of-the-hills.example/hours",
    },
    "3": {
        "address": f"director.{INSIDE}@mail-desk.example",
        "reply": "pay-office@mail-desk.example",
        "link": f"www.{INSIDE}/bill → files.mail-desk.example/bill",
    },
    "4": {"address": "keza.mama@post.example", "reply": "keza.mama@post.example", "link": ""},
}
"""Four mails: addresses and links; names, subjects and texts are words of the lab."""


# What the cells show.


@lru_cache(maxsize=1)
def mails():
    """The mails of half a year."""
    return lab.load("desk-mails")


def signs_table():
    """How often each sign is there in false mails and in honest ones."""
    table = mails()
    rows = []
    for sign in SIGNS:
        of_false, of_honest = table[sign][table["false"]].mean(), table[sign][~table["false"]].mean()
        rows.append([lab.say(sign), lab.share(of_false), lab.share(of_honest)])
    return plots.table([lab.say("sign"), lab.say("in_false"), lab.say("in_honest")], rows)


# Task t2: the lens.


@check("t2")
def mail_is_found(answers):
    if answers.which is None and answers.how is None:
        return not_attempted()
    key = lens_verdict(answers.which, answers.how)
    return passed() if key == "passed" else not_yet(key)


@view("t2")
def lens_now(answers):
    mail = answers.mail if answers.mail in MAILS else "1"
    look = answers.look if answers.look in ("text", "address", "reply", "link") else "text"
    shown = lab.say(f"text_{mail}") if look == "text" else MAILS[mail][look] or lab.say("no_link")
    rows = [[n, lab.say(f"subject_{n}"), lab.say(f"name_{n}")] for n in MAILS]
    head = plots.table([lab.say("mail"), lab.say("shows"), lab.say("from")], rows)
    subject = lab.say(f"subject_{mail}")
    return head, plots.marked(lab.say("lens", subject=subject, look=lab.say(f"look_{look}"), shown=shown), [])


# Task t3: the steps.


@check("t3")
def steps_in_order(answers):
    return order_verdict(answers.steps, ORDER, WRONG_STEPS, steps_key)


# Task t4: a filter of signs.


def measured(signs, least):
    """What a filter does to the learner's mails."""
    table = mails()
    return filtered(signs, least, {sign: table[sign].tolist() for sign in SIGNS}, table["false"].tolist())


@check("t4")
def filter_is_good(answers):
    if not answers.signs:
        return not_attempted()
    made = filter_of(answers.signs, answers.least)
    if made is None:
        return not_yet("incomplete")
    facts = measured(*made)
    key = filter_verdict(*made, facts)
    return passed(**facts) if key == "passed" else not_yet(key, **facts)


@view("t4")
def filter_now(answers):
    made = filter_of(answers.signs or [], answers.least)
    if made is None or not made[0]:
        return plots.text(lab.say("no_sign"))
    n = measured(*made)
    rows = [
        [
            lab.say("false"),
            n["found"],
            n["left"],
            lab.share(n["found_share"]),
            lab.say("at_least", n=lab.share(FIND)),
        ],
        [
            lab.say("honest"),
            n["stopped"],
            n["honest"] - n["stopped"],
            f"{100 * n['stopped_share']:.1f}%",
            lab.say("at_most", n=lab.share(STOP)),
        ],
    ]
    head = [lab.say("sorts"), lab.say("stopped"), lab.say("passed_on"), "%", lab.say("wanted")]
    return plots.table(head, rows)


# Task b: the letter that gives orders.


@check("b")
def letter_gives_orders(answers):
    if not isinstance(answers.rest, str) or not answers.rest.strip():
        return not_attempted()
    key = letter_verdict(answers.rest[:LONGEST])
    return passed() if key == "passed" else not_yet(key)


@view("b")
def readers_now(answers):
    rest = answers.rest[:LONGEST] if isinstance(answers.rest, str) else ""
    seen = readers(rest)
    letter = plots.marked(f"{lab.say('letter_begins')} {rest}".strip(), [])
    tray = {True: lab.say("tray_paid"), False: lab.say("tray_not")}
    counting = lab.say(
        "counting", words_paid=seen["paid"], words_not=seen["not"], tray=tray[seen["counting"]]
    )
    did = lab.say("did_order" if seen["order"] else "did_read")
    obeying = lab.say("obeying", did=did, tray=tray[seen["obeying"]])
    return letter, plots.text(counting), plots.text(obeying), plots.text(lab.say("book"))
