"""What a learner may run: a model of the letters, what comes next, what it copies, and instant checks."""

import json
import re
from functools import lru_cache
from random import Random

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, not_yet, order_verdict, passed, view
from shared import (
    BABBLE,
    COPIED,
    HIDE,
    LONGEST,
    ORDER,
    TOKEN,
    TRIES,
    VARIED,
    WRONG_STEPS,
    Writer,
    given_away,
    joined,
    measured,
    sliders_of,
    start_verdict,
    text_verdict,
)

# The model.


@lru_cache(maxsize=1)
def texts():
    """The letters."""
    return lab.load("letters-private")["text"].tolist()


@lru_cache(maxsize=1)
def numbers():
    """The identity numbers in the letters, as digits."""
    table, found = lab.load("letters-private"), set()
    for text, marks in zip(table["text"], table["marked"], strict=True):
        found |= {
            re.sub(r"\D", "", text[begin:end]) for begin, end, kind in json.loads(marks) if kind == "id"
        }
    return frozenset(one for one in found if len(one) == 16)


@lru_cache(maxsize=1)
def writer():
    """The model that has read the letters."""
    return Writer(texts())


@lru_cache(maxsize=1)
def careful_writer():
    """The model that has read the letters with their numbers hidden."""
    return Writer([HIDE.sub("▮", text) for text in texts()])


@lru_cache(maxsize=1)
def runs():
    """What is in the letters: every three words, every eight words in a row."""
    return writer().runs(3), writer().runs(8)


@lru_cache(maxsize=128)
def shares_of(memory, heat):
    """What the model writes with these settings."""
    return measured(writer(), memory, heat, *runs())


@lru_cache(maxsize=128)
def gives(start, memory, heat, careful=False):
    """How many texts hold somebody's number, and the first of them."""
    found, made = given_away(careful_writer() if careful else writer(), start, memory, heat, numbers())
    return found, tuple(joined(words) for words in made[:3])


# What the cells show.


def read_and_write(letters):
    """How much it has read, and three texts that go on from one beginning."""
    count = sum(len(TOKEN.findall(text)) for text in letters["text"])
    shown = plots.text(lab.say("thanks", letters=len(letters), words=count))
    rng = Random(3)
    for _ in range(3):
        shown += plots.marked(joined(writer().write("Thank you for", 3, 1.0, rng, 40)), [])
    return shown


def number_please():
    """What comes after “My ID number is”."""
    found, made = given_away(writer(), "My ID number is", 4, 1.0, numbers())
    digits = [re.sub(r"\D", "", "".join(words)) for words in made]
    people = {number for number in numbers() if any(number in one for one in digits)}
    shown = plots.text(lab.say("first_result", found=found, all=TRIES, people=len(people)))
    return sum((plots.marked(joined(words), []) for words in made[:4]), shown)


# Task t2: the next word.


@check("t2")
def what_a_bar_is(answers):
    if answers.why is None:
        return not_attempted()
    keys = {"often": "passed", "true": "it-knows-truth", "meant": "it-reads-minds"}
    key = keys.get(answers.why, "incomplete") if isinstance(answers.why, str) else "incomplete"
    return passed() if key == "passed" else not_yet(key)


@view("t2")
def bars_now(answers):
    start = answers.start if isinstance(answers.start, str) else "Thank you for"
    memory, _ = sliders_of(answers.memory, 1.0) or (2, 1.0)
    counts, length = writer().choices(TOKEN.findall(start), memory)
    top = counts.most_common(8)
    words = ", ".join(f"{word} {n}" for word, n in top)
    with plots.figure(lab.say("next_title"), lab.say("next_alt", start=start, words=words)) as picture:
        axes = picture.axes[0]
        axes.barh([word for word, _ in top][::-1], [n for _, n in top][::-1], color=plots.CALM)
        axes.set_xlabel(lab.say("how_often"))
    table = plots.table([lab.say("next_word"), lab.say("how_often")], top)
    note = () if length == min(memory, len(TOKEN.findall(start))) else (plots.text(lab.say("never")),)
    return picture, table, *note


# Task t3: the steps.


@check("t3")
def steps_in_order(answers):
    return order_verdict(answers.steps, ORDER, WRONG_STEPS)


# Task t4: memory and temperature.


@check("t4")
def writes_new_sentences(answers):
    if answers.memory is None and answers.heat is None:
        return not_attempted()
    sliders = sliders_of(answers.memory, answers.heat)
    if sliders is None:
        return not_yet("incomplete")
    shares = shares_of(*sliders)
    key = text_verdict(shares)
    return passed(**shares) if key == "passed" else not_yet(key, **shares)


@view("t4")
def texts_now(answers):
    memory, heat = sliders_of(answers.memory, answers.heat) or (5, 0.2)
    shares = shares_of(memory, heat)
    rng, shown = Random(5), []
    for start in ("I ask you", "Je vous", "Ndabasaba"):
        shown.append(plots.marked(joined(writer().write(start, memory, heat, rng, 35)), []))
    aims = [("babble", "at_most", BABBLE), ("copied", "at_most", COPIED), ("varied", "at_least", VARIED)]
    rows = [
        [lab.say(name), lab.share(shares[f"{name}_share"]), lab.say(side, n=lab.share(aim))]
        for name, side, aim in aims
    ]
    return *shown, plots.table([lab.say("measure"), lab.say("here"), lab.say("wanted")], rows)


# Task b: a number is given away.


@check("b")
def number_is_given_away(answers):
    start = answers.start
    if not isinstance(start, str) or not start.strip():
        return not_attempted()
    sliders = sliders_of(answers.memory, answers.heat)
    if sliders is None:
        return not_yet("incomplete")
    found, _ = gives(start[:LONGEST], *sliders)
    key, facts = start_verdict(start[:LONGEST], found, writer(), numbers())
    if key != "passed":
        return not_yet(key, **facts)
    return passed(found=found, after=gives(start[:LONGEST], *sliders, careful=True)[0])


@view("b")
def giving_now(answers):
    start = answers.start[:LONGEST] if isinstance(answers.start, str) else ""
    sliders = sliders_of(answers.memory, answers.heat)
    if not start.strip() or sliders is None:
        return plots.text(lab.say("write_first"))
    found, made = gives(start, *sliders)
    after, _ = gives(start, *sliders, careful=True)
    shown = [plots.marked(text, []) for text in made]
    gave = plots.text(lab.say("gave", found=found, all=TRIES))
    return *shown, gave, plots.text(lab.say("gave_after", found=after, all=TRIES))
