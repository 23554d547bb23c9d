"""What a learner may run: a rule and a model on equal terms, the impact note, and instant checks."""

import re
from functools import lru_cache

import numpy as np

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, not_yet, passed, view
from labs.kit.urgent_files import trained
from shared import CARDS, GROUPS, LINES, MENUS, MODEL, NEVER, PEOPLE, QUESTIONS, RULE, SIZES, TICKS, own_rule

KNOWN = 4000
LETTERS_KNOWN = 3000


# The rule of the mail room: the first tray of which a word is in the letter. Words may go on.
WORDS = {
    "invoice": ("invoice", "facture", "inyemezabwishyu"),
    "tender": ("tender", "bid", "offres", "isoko"),
    "judgment": ("court", "tribunal", "urukiko"),
    "appeal": ("appeal", "recours", "ubujurire", "kujurira"),
    "complaint": ("complain", "plainte", "ikirego", "kurega"),
    "building-permit": ("build", "bâtir", "kubaka"),
    "land-transfer": ("land", "parcel", "terrain", "ubutaka", "isambu"),
    "information": ("know", "question", "savoir", "kumenya"),
    "application": ("apply", "application", "demande", "ndasaba", "mbasabye"),
}


@lru_cache(maxsize=8)
def pile(learnt=KNOWN):
    """The new files with the scores of a model that learnt from `learnt` older ones."""
    cases = lab.load("urgent-cases")
    known, new = cases.iloc[:learnt], cases.iloc[KNOWN:]
    return new.assign(score=trained(known, new)).reset_index(drop=True)


def best(scores, many):
    """Which files a model picks if it may pick so many: those with the highest scores."""
    picked = np.zeros(len(scores), bool)
    picked[np.argsort(-np.asarray(scores, float), kind="stable")[:many]] = True
    return picked


def race(rule, scores, new):
    """One sentence: rule and model with the same number of files."""
    return plots.text(lab.say("result", **count(rule, scores, new["urgent"])))


def rule_alone(rule, new):
    """One sentence: what the rule picks and finds."""
    urgent = new["urgent"].to_numpy(bool)
    found = int((np.asarray(rule, bool) & urgent).sum())
    files, whole = int(np.asarray(rule).sum()), len(urgent)
    return plots.text(lab.say("rule_alone", files=files, all=whole, found=found, urgent=int(urgent.sum())))


def count(rule, scores, urgent):
    """What rule and model find with as many files as the rule picks."""
    rule, urgent = np.asarray(rule, bool), np.asarray(urgent, bool)
    files, whole = int(rule.sum()), int(urgent.sum())
    return {
        "files": files,
        "urgent": whole,
        "found": int((rule & urgent).sum()),
        "model": int((best(scores, files) & urgent).sum()),
        "chance": round(whole * files / max(1, len(urgent))),
        "read_share": files / max(1, len(urgent)),
    }


def tray(text):
    """The tray in which the rule of the mail room puts a letter."""
    text = text.lower()
    for name, words in WORDS.items():
        if any(re.search(rf"(?<!\w){word}", text) for word in words):
            return name
    return "application"


@lru_cache(maxsize=8)
def mail(learnt=LETTERS_KNOWN):
    """(letters, rightly sorted by the rule, rightly sorted by a model that learnt from `learnt` others)."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    letters = lab.load("letters")
    known, new = letters.iloc[:learnt], letters.iloc[LETTERS_KNOWN:]
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
    guessed = model.fit(known["text"], known["category"]).predict(new["text"])
    by_rule = [tray(text) for text in new["text"]]
    return len(new), int((by_rule == new["category"]).sum()), int((guessed == new["category"]).sum())


def two_desks():
    """A table: two desks, a rule and a model at each."""
    n = desk_count({"ticks": list(TICKS), "group": "nobody", "days": NEVER})
    letters, rule, model = mail()
    rows = [
        [lab.say("desk_urgent", n=n["urgent"]), n["found"], n["model"]],
        [lab.say("desk_letters", n=letters), rule, model],
    ]
    return plots.table([lab.say(key) for key in ("desk", "one_line", "trained")], rows)


# The twelve cards.


@check("cards")
def cards_are_sorted(answers):
    said = {card: getattr(answers, card) for card in CARDS}
    if all(kind in (None, "choose") for kind in said.values()):
        return not_attempted()
    if not all(isinstance(kind, str) and kind in (RULE, MODEL, PEOPLE) for kind in said.values()):
        return not_yet("incomplete")
    if len(set(said.values())) == 1:
        return not_yet("one-answer-for-all")
    if said["refuse"] != PEOPLE:
        return not_yet("computer-decides")
    if said["despair"] != PEOPLE or said["cheat"] != PEOPLE:
        return not_yet("profiles-people")
    if said["bridge"] != PEOPLE:
        return not_yet("too-few-cases")
    right = sum(said[card] == kind for card, kind in CARDS.items())
    if right >= 10:
        return passed(right=right)
    wrong = {
        "model-where-a-rule-is-written": sum(said[c] == MODEL for c, kind in CARDS.items() if kind == RULE),
        "rule-for-what-nobody-can-write-down": sum(
            said[c] == RULE for c, kind in CARDS.items() if kind == MODEL
        ),
        "afraid-of-every-model": sum(said[c] == PEOPLE for c, kind in CARDS.items() if kind != PEOPLE),
    }
    key = max(wrong, key=wrong.__getitem__)
    return not_yet(key, wrong=wrong[key])


# Task t3: what each line makes, and what it needs.


@check("t3")
def lines_compare(answers):
    chosen = answers.lines
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 4 or not all(isinstance(one, str) and one in LINES for one in chosen):
        return not_yet("incomplete")
    made = set()
    for one in chosen:
        lacking = [name for name in LINES[one][1] if name not in made]
        if lacking:
            return not_yet("order-matters", name=lacking[0])
        made.add(LINES[one][0])
    if chosen[-1] not in ("gain", "right"):
        return not_yet("no-gain")
    n = desk_count({"ticks": list(TICKS), "group": "nobody", "days": NEVER})
    if "half" in chosen or "all" in chosen:
        new = pile()
        picked = len(new) if "all" in chosen and "half" not in chosen else int((new["score"] >= 0.5).sum())
        return not_yet("not-the-same-number", picked=picked, files=n["files"])
    if chosen[-1] == "right":
        return not_yet("counts-right-answers")
    return passed(gain=n["model"] - n["found"], files=n["files"])


# Task t4: the rule of the desk.


def picked_by(settings, files):
    """Which files a rule picks."""
    picked = files["circumstance"].isin(settings["ticks"]).to_numpy()
    if settings["group"] in GROUPS:
        column, value = GROUPS[settings["group"]]
        picked = picked | (files[column] == value).to_numpy()
    if settings["days"] < NEVER:
        picked = picked | (files["days_waiting"] >= settings["days"]).to_numpy()
    return picked


def desk_count(settings):
    """What a rule and the model do on the learner's files."""
    new = pile()
    return count(picked_by(settings, new), new["score"], new["urgent"])


@check("t4")
def rule_is_as_good(answers):
    settings = own_rule(answers)
    if settings is None:
        return not_yet("incomplete")
    if not settings["ticks"] and settings["group"] == "nobody" and settings["days"] == NEVER:
        return not_attempted()
    n = desk_count(settings)
    wrong = [
        (settings["group"] != "nobody", "who-they-are"),
        (not settings["ticks"], "waits-longest"),
        (n["read_share"] > 0.20, "reads-too-many"),
        (n["found"] < 0.55 * n["urgent"] or n["found"] < n["model"] - 0.02 * n["urgent"], "tick-left-out"),
    ]
    key = next((key for is_so, key in wrong if is_so), None)
    return not_yet(key, **n) if key else passed(**n)


@view("t4")
def rule_now(answers):
    settings = own_rule(answers) or {"ticks": [], "group": "nobody", "days": NEVER}
    n = desk_count(settings)
    bars = [("your_rule", n["found"], plots.CALM), ("model_word", n["model"], plots.WARN)]
    bars.append(("by_chance", n["chance"], "#8a8f98"))
    with plots.figure(lab.say("bars_title", **n), lab.say("bars_alt", **n), height=1.5) as figure:
        axes = figure.axes[0]
        for place, (word, value, colour) in enumerate(bars):
            axes.barh(place, value, color=colour)
            axes.annotate(str(value), (value, place), xytext=(4, 0), textcoords="offset points", va="center")
        axes.set_yticks(range(len(bars)), [lab.say(word) for word, _, _ in bars])
        axes.invert_yaxis()
        axes.set_xlim(0, max(1, n["urgent"]))
        axes.set_xlabel(lab.say("found"))
    tick = {True: "✓", False: "–"}
    share = n["found"] / max(1, n["urgent"])
    rows = [
        [
            lab.say("picked"),
            f"{n['files']} ({lab.share(n['read_share'])})",
            lab.say("at_most", n=lab.share(0.2)),
            tick[n["read_share"] <= 0.2],
        ],
        [
            lab.say("found"),
            f"{n['found']} / {n['urgent']} ({lab.share(share)})",
            lab.say("at_least", n=lab.share(0.55)),
            tick[share >= 0.55],
        ],
        [lab.say("the_model"), n["model"], "", ""],
        [lab.say("chance"), n["chance"], "", ""],
    ]
    return figure, plots.table([lab.say("your_rule"), "", lab.say("wanted"), ""], rows)


# Task j: the impact note.


def tier(said):
    """The level of risk: our own three steps, made plain."""
    if said["affects"] == "whether" or said["undo"] == "never":
        return "high"
    if said["affects"] == "nothing" and said["data"] == "none":
        return "low"
    return "high" if said["data"] == "sensitive" and said["affects"] == "when" else "some"


@check("j")
def note_agrees_with_itself(answers):
    questions = {name: getattr(answers, name) for name in QUESTIONS}
    if not any(questions.values()):
        return not_attempted()
    said = {name: getattr(answers, name) for name in MENUS} | questions
    known = MENUS | QUESTIONS
    if not all(isinstance(said[name], str) and said[name] in known[name] for name in known):
        return not_yet("incomplete")
    n = desk_count({"ticks": list(TICKS), "group": "nobody", "days": NEVER})
    n["missed"] = n["urgent"] - n["found"]
    wrong = [
        (said["affects"] == "nothing", "only-the-order"),
        (said["affects"] == "whether", "somebody-is-refused"),
        (said["data"] != "sensitive", "data-looks-harmless"),
        (said["undo"] != "never", "can-be-undone"),
        (said["looks"] != "all", "nobody-looks"),
        (said["use"] == "model" and said["because"] != "trial", "model-for-nothing"),
        (said["use"] == "nothing", "nothing-at-all"),
        (said["use"] == "rule" and said["because"] != "equal", "reason-does-not-hold"),
        (said["told"] != "poster", "nobody-told"),
    ]
    key = next((key for is_so, key in wrong if is_so), None)
    return not_yet(key, **n) if key else passed(**n)


@view("j")
def note_now(answers):
    said = {name: getattr(answers, name) or MENUS[name][0] for name in MENUS}
    level = tier(said)
    rows = [[lab.say("note_what"), lab.say("note_what_text")]]
    rows += [[lab.say(f"note_{name}"), lab.say(f"note_{name}_{said[name]}")] for name in MENUS]
    rows += [[lab.say("note_tier"), lab.say(f"tier_{level}")]]
    if level == "high" and said["looks"] == "nobody":
        rows += [[lab.say("note_stop"), lab.say("note_stop_text")]]
    return (plots.table([lab.say("note"), ""], rows),)


# Task b: where the rule wins.


@lru_cache(maxsize=16)
def contest(desk, learnt):
    """Shares that rule and model get right at a desk, the model after `learnt` examples."""
    if desk == "letters":
        whole, rule, model = mail(learnt)
        return {"rule_share": rule / whole, "model_share": model / whole, "learnt": learnt}
    new = pile(learnt)
    n = count(new["circumstance"] != "none noted", new["score"], new["urgent"])
    whole = n["urgent"]
    return {"rule_share": n["found"] / whole, "model_share": n["model"] / whole, "learnt": learnt}


@check("b")
def rule_wins(answers):
    desk, learnt = answers.desk, answers.learnt
    if (desk, learnt) in ((None, None), ("letters", "3000")):
        return not_attempted()
    if desk not in ("letters", "urgent") or not isinstance(learnt, str) or learnt not in SIZES:
        return not_yet("incomplete")
    n = contest(desk, int(learnt))
    ahead = n["rule_share"] - n["model_share"]
    if ahead < -0.03:
        return not_yet("model-wins-here", **n)
    if round(100 * ahead) < 10:  # As the table shows it.
        return not_yet("nearly-the-same", **n)
    if int(learnt) < 100:
        return not_yet("too-few-to-count", **n)
    return passed(**n)


@view("b")
def contest_now(answers):
    desk = answers.desk if answers.desk in ("letters", "urgent") else "letters"
    learnt = int(answers.learnt) if answers.learnt in SIZES else 3000
    n = contest(desk, learnt)
    ahead = round(100 * (n["rule_share"] - n["model_share"]))
    place = "behind" if ahead < 0 else "ahead"
    rows = [
        [lab.say("learnt"), learnt, lab.say("at_least", n=100)],
        [lab.say("one_line"), lab.share(n["rule_share"]), ""],
        [lab.say("trained"), lab.share(n["model_share"]), ""],
        [lab.say(place), lab.say("points", n=abs(ahead)), lab.say("ahead_wanted", n=10)],
    ]
    head = lab.say("desk_urgent_short" if desk == "urgent" else "desk_letters_short")
    return (plots.table([head, "", lab.say("wanted")], rows),)
