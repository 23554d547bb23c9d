"""What a learner may run: tables and pictures of the lab, and instant checks on the learner's own data."""

from functools import lru_cache

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, view
from labs.kit.show import Shown
from shared import (
    DOORS,
    decision_verdict,
    door_of,
    lines_verdict,
    ranking_verdict,
    visitors_verdict,
    word_verdict,
)

EXECUTED = "judgment not carried out"
QUIET = 60
"""From so few requests on a district is a quiet one; an ordinary one has about 135."""


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
    rows.append([lab.say("all_requests"), *(lab.count(len(part)) for part in parts)])
    return plots.table(head, rows)


def try_word(channel, word):
    """How often one word is right for all files of a door, as a sentence."""
    channel, word = door_of(channel), door_of(word)
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
    return visitors_verdict(answers.visitors)


@check("t3")
def lines_give_the_baseline(answers):
    return lines_verdict(answers.lines, register()["category"].value_counts().tolist())


@check("t4")
def word_for_the_online_desk(answers):
    return word_verdict(answers.channel, answers.word, reached, 0.30)


def about(name):
    """What the register holds about a district, and about an ordinary one."""
    counts = register()["district"].value_counts()
    return {
        "district": name,
        "files": int(counts.get(name, 0)),
        "ordinary": int(counts.median()),
        "rank": list(counts.index).index(name) + 1 if name in counts else 0,
    }


def known_about(name):
    """The same with whether it is a quiet one; None for a district that is not in the register."""
    n = about(name)
    return n | {"quiet": n["files"] < QUIET} if n["files"] else None


@check("j")
def decision_holds_together(answers):
    return decision_verdict(answers, known_about)


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
    return ranking_verdict(n, 150, 1.5)


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
