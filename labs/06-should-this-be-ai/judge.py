"""What decides the marks, on 3,000 files and 1,000 letters that no learner ever has. Never leaves the grader.

`hidden` has columns of the files (circumstance, days_waiting, sex, age_band, urban_rural, urgent), scores of models
that learnt from 4000, 3000 … 40 of the learners' files (scores_4000 …), and of the letters whether the rule and each
model sorted them rightly (rule_right, right_3000 …). Limits are a little wider than the learner's own check.
"""

from labs.kit.checking import judge, not_attempted, not_yet, passed
from shared import CARDS, GROUPS, LINES, MENUS, MODEL, NEVER, PEOPLE, QUESTIONS, RULE, SIZES, TICKS, own_rule


def best(scores, many):
    """Which files a model picks if it may pick so many: those with the highest scores."""
    places = sorted(range(len(scores)), key=lambda place: (-scores[place], place))
    picked = [False] * len(scores)
    for place in places[: max(0, many)]:
        picked[place] = True
    return picked


def count(rule, scores, urgent):
    """What rule and model find with as many files as the rule picks."""
    files, whole = sum(rule), sum(urgent)
    return {
        "files": files,
        "urgent": whole,
        "found": sum(bool(r and u) for r, u in zip(rule, urgent)),
        "model": sum(bool(p and u) for p, u in zip(best(scores, files), urgent)),
        "chance": round(whole * files / max(1, len(urgent))),
        "read_share": files / max(1, len(urgent)),
    }


def picked_by(settings, hidden):
    """Which files a rule picks."""
    picked = [ticked in settings["ticks"] for ticked in hidden.circumstance]
    if settings["group"] in GROUPS:
        name, value = GROUPS[settings["group"]]
        picked = [one or found == value for one, found in zip(picked, getattr(hidden, name))]
    if settings["days"] < NEVER:
        picked = [one or days >= settings["days"] for one, days in zip(picked, hidden.days_waiting)]
    return picked


def desk_count(settings, hidden):
    """What a rule and the model do on the hidden files."""
    return count(picked_by(settings, hidden), hidden.scores_4000, hidden.urgent)


FOUR = {"ticks": list(TICKS), "group": "nobody", "days": NEVER}


@judge("cards")
def cards_are_sorted(answers, _):
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


@judge("t3")
def lines_compare(answers, hidden):
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
    n = desk_count(FOUR, hidden)
    if "half" in chosen or "all" in chosen:
        high = sum(score >= 0.5 for score in hidden.scores_4000)
        picked = len(hidden.urgent) if "all" in chosen and "half" not in chosen else high
        return not_yet("not-the-same-number", picked=picked, files=n["files"])
    if chosen[-1] == "right":
        return not_yet("counts-right-answers")
    return passed(gain=n["model"] - n["found"], files=n["files"])


@judge("t4")
def rule_is_as_good(answers, hidden):
    settings = own_rule(answers)
    if settings is None:
        return not_yet("incomplete")
    if not settings["ticks"] and settings["group"] == "nobody" and settings["days"] == NEVER:
        return not_attempted()
    n = desk_count(settings, hidden)
    wrong = [
        (settings["group"] != "nobody", "who-they-are"),
        (not settings["ticks"], "waits-longest"),
        (n["read_share"] > 0.22, "reads-too-many"),
        (n["found"] < 0.52 * n["urgent"] or n["found"] < n["model"] - 0.04 * n["urgent"], "tick-left-out"),
    ]
    key = next((key for is_so, key in wrong if is_so), None)
    return not_yet(key, **n) if key else passed(**n)


@judge("j")
def note_agrees_with_itself(answers, hidden):
    questions = {name: getattr(answers, name) for name in QUESTIONS}
    if not any(questions.values()):
        return not_attempted()
    said = {name: getattr(answers, name) for name in MENUS} | questions
    known = MENUS | QUESTIONS
    if not all(isinstance(said[name], str) and said[name] in known[name] for name in known):
        return not_yet("incomplete")
    n = desk_count(FOUR, hidden)
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


def contest(desk, learnt, hidden):
    """Shares that rule and model get right at a desk, the model after `learnt` examples."""
    if desk == "letters":
        whole = len(hidden.rule_right)
        rule, model = sum(hidden.rule_right) / whole, sum(getattr(hidden, f"right_{learnt}")) / whole
        return {"rule_share": rule, "model_share": model, "learnt": int(learnt)}
    n = count(picked_by(FOUR, hidden), getattr(hidden, f"scores_{learnt}"), hidden.urgent)
    whole = max(1, n["urgent"])
    return {"rule_share": n["found"] / whole, "model_share": n["model"] / whole, "learnt": int(learnt)}


@judge("b")
def rule_wins(answers, hidden):
    desk, learnt = answers.desk, answers.learnt
    if (desk, learnt) in ((None, None), ("letters", "3000")):
        return not_attempted()
    if desk not in ("letters", "urgent") or not isinstance(learnt, str) or learnt not in SIZES:
        return not_yet("incomplete")
    n = contest(desk, learnt, hidden)
    ahead = n["rule_share"] - n["model_share"]
    if ahead < -0.03:
        return not_yet("model-wins-here", **n)
    if ahead < 0.08:
        return not_yet("nearly-the-same", **n)
    if int(learnt) < 100:
        return not_yet("too-few-to-count", **n)
    return passed(**n)
