"""What a learner may run: tables and pictures of the lab, and instant checks on the learner's own data."""

from functools import lru_cache

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, not_yet, number, passed, view
from labs.kit.show import Shown
from shared import as_typed, door_of

DOORS = ("self", "office", "phone", "agent", "outreach")
CATEGORIES = (
    "land",
    "judgment disputed",
    "judgment not carried out",
    "expropriation",
    "other property",
    "other",
)
EXECUTED = "judgment not carried out"
QUIET = 60
"""From so few requests on a district is a quiet one; an ordinary one has about 135."""
CHOICES = {
    "because": ("most", "unheard", "calm"),
    "report": ("content", "left-out", "unknown"),
    "who": ("register", "head", "loudest"),
}


@lru_cache(maxsize=1)
def register():
    """The learner's own register, so that no cell has to have been run before."""
    return lab.load("service-requests")


def said(value):
    """A door or a category in the learner's language."""
    return lab.say(value.replace(" ", "_"))


def bars(axes, values, names, colours):
    """Bars from top to bottom with their number at the end."""
    places = list(range(len(values)))[::-1]
    axes.barh(places, values, color=colours, height=0.7)
    axes.set_yticks(places, names)
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(0, max(values) * 1.12 + 1)
    for place, value in zip(places, values):
        axes.annotate(f"{value:.0f}", (value, place), xytext=(4, 0), textcoords="offset points", va="center")
    axes.set_xlabel(lab.say("share_of_all"))


def common(cases):
    """What the register is about, and how often the most common word is right."""
    counts = cases["category"].value_counts()
    shares = counts / len(cases)
    alt = lab.say(
        "common_alt",
        land_share=shares.iloc[0],
        second_share=shares.iloc[1],
        least_share=shares.iloc[-1],
    )
    with plots.figure(lab.say("common_title"), alt) as figure:
        colours = [plots.WARN] + [plots.CALM] * (len(counts) - 1)
        bars(figure.axes[0], list(100 * shares), [said(one) for one in counts.index], colours)
    rows = [[said(one), n, f"{100 * n / len(cases):.0f}"] for one, n in counts.items()]
    table = plots.table([lab.say("category"), lab.say("requests"), lab.say("share_of_all")], rows)
    word = counts.index[0]
    sentence = lab.say(
        "common_says", word=said(word), n=int(counts.iloc[0]), files=len(cases), share=float(shares.iloc[0])
    )
    return figure + table + plots.text(sentence)


def doors(cases):
    """A table: of 100 requests through each door, how many are about what."""
    head = [lab.say("category"), lab.say("any"), *(said(door) for door in DOORS)]
    parts = [cases, *(cases[cases["channel"] == door] for door in DOORS)]
    order = cases["category"].value_counts().index
    rows = [
        [said(one), *(f"{100 * (part['category'] == one).mean():.0f}" for part in parts)] for one in order
    ]
    rows.append([lab.say("all_requests"), *(f"{len(part):,}" for part in parts)])
    return plots.table(head, rows)


def try_word(channel, word):
    """How often one word is right for all files of a door, as a sentence."""
    channel = door_of(channel)
    if not isinstance(channel, str) or not isinstance(word, str):
        return plots.text(lab.say("write_first"))
    if channel not in DOORS:
        return plots.text(lab.say("no_door", given=channel[:40]))
    n = reached(channel, word)
    return plots.text(lab.say("try_says", **n | {"channel": said(channel)}))


def reached(channel, word):
    """Files of a door, those for which a word is right, and their share."""
    files = register().loc[register()["channel"] == channel, "category"]
    right = files == word
    return {
        "channel": channel,
        "word": word,
        "files": len(files),
        "right": int(right.sum()),
        "share": float(right.mean()),
    }


@lru_cache(maxsize=1)
def inhabitants():
    """How many people live in each district: a true figure, from the census of 2022."""
    people = lab.load("population-by-district")
    return dict(zip(people["district"], people["inhabitants"]))


def rate(district, requests):
    """Requests for each 10,000 inhabitants of a district."""
    return f"{10_000 * requests / inhabitants()[district]:.1f}"


def districts(cases):
    """How many requests came from each district: a picture and the same as a table."""
    counts = cases["district"].value_counts()
    teams = cases.loc[cases["channel"] == "outreach", "district"].value_counts()
    with plots.figure(lab.say("districts_title"), lab.say("districts_alt"), height=4.6) as figure:
        axes = figure.axes[0]
        few = [n < QUIET for n in counts]
        places = list(range(len(counts)))[::-1]
        axes.barh(places, list(counts), color=[plots.WARN if one else plots.CALM for one in few], height=0.75)
        axes.set_yticks(places, list(counts.index), fontsize=7)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel(lab.say("requests"))
    rows = [[name, n, int(teams.get(name, 0)), rate(name, n)] for name, n in counts.items()]
    head = [lab.say("district"), lab.say("requests"), lab.say("by_teams"), lab.say("per_10000")]
    table = plots.table(head, rows)
    summary = f"<summary>{lab.say('all_districts')}</summary>"
    return figure + Shown(f"<details>{summary}{table.html}</details>", table.text)


@check("w")
def a_number_of_people(answers):
    given = answers.visitors
    if given is None or given is ...:
        return not_attempted()
    if isinstance(given, str):
        return not_yet("in-quotes")
    visitors = number(given)
    if visitors is None or visitors < 0 or visitors != int(visitors) or visitors > 100_000:
        return not_yet("not-a-count", visitors=as_typed(given))
    return passed(visitors=int(visitors))


# What each line of task t3 needs and makes. The judge has the same table.
LINES = {
    "counts": ("cases", "counts"),
    "first": ("counts", "word"),
    "last": ("counts", "word"),
    "right": ("word", "right"),
    "share": ("right", "share"),
    "sum": ("right", "share"),
}


@check("t3")
def lines_give_the_baseline(answers):
    chosen = answers.lines
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 4 or not all(isinstance(one, str) and one in LINES for one in chosen):
        return not_yet("incomplete")
    made = {"cases"}
    for one in chosen:
        needs, makes = LINES[one]
        if needs not in made:
            return not_yet("order-matters", name=needs)
        made.add(makes)
    if chosen[-1] not in ("share", "sum"):
        return not_yet("no-share")
    counts = register()["category"].value_counts()
    files = int(counts.iloc[-1] if "last" in chosen else counts.iloc[0])
    if "last" in chosen:
        return not_yet("rarest-word", share=files / len(register()))
    if chosen[-1] == "sum":
        return not_yet("number-not-share", files=files)
    return passed(share=files / len(register()))


@check("t4")
def word_for_the_online_desk(answers):
    channel, word = door_of(answers.channel), answers.word
    if channel in (None, ...) and word in (None, ...):
        return not_attempted()
    if channel in (None, ...) or word in (None, ...):
        return not_yet("incomplete")
    if channel not in DOORS:
        return not_yet("not-in-the-register", given=str(channel)[:40])
    if word not in CATEGORIES:
        return not_yet("not-in-the-register", given=str(word)[:40])
    n = reached(channel, word)
    if channel != "self":
        return not_yet("other-door", **n)
    if n["share"] >= 0.30:
        return passed(**n)
    return not_yet("land-everywhere" if word == "land" else "not-the-commonest", **n)


def about(name):
    """What the register holds about a district, beside an ordinary one."""
    counts = register()["district"].value_counts()
    return {
        "district": name,
        "files": int(counts.get(name, 0)),
        "ordinary": int(counts.median()),
        "rank": list(counts.index).index(name) + 1 if name in counts else 0,
    }


@check("j")
def decision_holds_together(answers):
    given = {name: getattr(answers, name) for name in CHOICES}
    place = None if answers.district == "none" else answers.district
    if not any(given.values()) and place is None:
        return not_attempted()
    if not place or not all(given[name] in CHOICES[name] for name in CHOICES):
        return not_yet("incomplete")
    n = about(place)
    wrong = [
        (n["files"] == 0, "incomplete"),
        (given["report"] == "content", "silence-is-content"),
        (given["report"] == "left-out", "left-out"),
        (given["who"] != "head", "nobody-answers"),
        (given["because"] == "most", "most-is-worst"),
        (given["because"] == "calm", "little-work"),
        (n["files"] >= QUIET, "says-one-does-another"),
    ]
    found = next((key for is_so, key in wrong if is_so), None)
    return not_yet(found, **n) if found else passed(**n)


@view("j")
def district_now(answers):
    counts = register()["district"].value_counts()
    teams = register().loc[register()["channel"] == "outreach", "district"].value_counts()
    teams = teams.reindex(counts.index, fill_value=0)
    n = about(answers.district)
    alt = lab.say("chosen_alt", **n) if n["rank"] else lab.say("none_alt")
    with plots.figure(lab.say("chosen_title"), alt, height=1.6) as figure:
        axes = figure.axes[0]
        colours = [plots.INK if one == answers.district else "#9cc3de" for one in counts.index]
        axes.bar(range(len(counts)), list(counts), color=colours, width=0.8)
        axes.set_xticks([])
        axes.set_ylabel(lab.say("requests"))
        if n["rank"]:
            axes.annotate(
                n["district"], (n["rank"] - 1, n["files"]), xytext=(0, 3), textcoords="offset points",
                ha="right" if n["rank"] > 20 else "left",
            )  # fmt: skip
    here = answers.district
    own = [here, n["files"], int(teams.get(here, 0)), rate(here, n["files"])] if n["rank"] else None
    ordinary = sum(inhabitants().values()) / len(inhabitants())
    rows = [
        own or [lab.say("nothing_chosen"), "", "", ""],
        [lab.say("ordinary"), n["ordinary"], int(teams.median()), f"{10_000 * n['ordinary'] / ordinary:.1f}"],
        *(
            [
                lab.say(key, district=name),
                int(counts[name]),
                int(teams.get(name, 0)),
                rate(name, int(counts[name])),
            ]
            for key, name in (("highest", counts.index[0]), ("lowest", counts.index[-1]))
        ),
    ]
    head = [lab.say("district"), lab.say("requests"), lab.say("by_teams"), lab.say("per_10000")]
    return plots.table(head, rows), figure


def sample(answers):
    """The requests that the menus of task b choose."""
    rows = register()
    for name in ("channel", "province", "urban_rural"):
        value = getattr(answers, name)
        if value and value != "any":
            rows = rows[rows[name] == value]
    return rows


@check("b")
def ranking_is_turned_over(answers):
    if all(getattr(answers, name) in (None, "any") for name in ("channel", "province", "urban_rural")):
        return not_attempted()
    counts = sample(answers)["category"].value_counts()
    n = {
        "files": int(counts.sum()),
        "land": int(counts.get("land", 0)),
        "executed": int(counts.get(EXECUTED, 0)),
    }
    if n["files"] < 150:
        return not_yet("too-few-files", **n)
    if n["executed"] >= 1.5 * n["land"]:
        return passed(**n)
    if n["executed"] < 0.3 * n["land"]:
        return not_yet("land-even-stronger", **n)
    return not_yet("neck-and-neck" if n["executed"] > 0.75 * n["land"] else "still-land-first", **n)


@view("b")
def sample_now(answers):
    rows, everything = sample(answers), register()
    order = everything["category"].value_counts().index
    counts = rows["category"].value_counts()
    shares = [float(counts.get(one, 0)) / max(1, len(rows)) for one in order]
    by_name = dict(zip(order, shares))
    alt = lab.say("sample_alt", files=len(rows), land_share=by_name["land"], executed_share=by_name[EXECUTED])
    with plots.figure(lab.say("sample_title"), alt) as figure:
        colours = [plots.WARN if one in ("land", EXECUTED) else "#9cc3de" for one in order]
        bars(figure.axes[0], [100 * share for share in shares], [said(one) for one in order], colours)
    head = [lab.say(key) for key in ("category", "in_sample", "share_sample", "share_register")]
    table = [
        [
            said(one),
            int(counts.get(one, 0)),
            f"{100 * share:.0f}",
            f"{100 * (everything['category'] == one).mean():.0f}",
        ]
        for one, share in zip(order, shares)
    ]
    table.append([lab.say("all_requests"), len(rows), "", ""])
    return plots.table(head, table), figure
