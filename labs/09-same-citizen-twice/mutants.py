"""Wrong ideas, each of which must draw its own hint, and attempts to pass without the idea."""

from itertools import combinations


def search(text, bar):
    """A search as the lab builds it."""

    def find_pairs(payments):
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.neighbors import NearestNeighbors

        vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)).fit_transform(
            text(payments).str.lower()
        )
        distance, near = NearestNeighbors(n_neighbors=6, metric="cosine").fit(vectors).kneighbors(vectors)
        numbers = list(payments["payment_id"])
        kept = {
            (min(row, int(other)), max(row, int(other)))
            for row in range(len(numbers))
            for far, other in zip(distance[row], near[row])
            if int(other) != row and 1 - far >= bar
        }
        return [(numbers[a], numbers[b]) for a, b in kept]

    return find_pairs


def equal(*columns):
    """Pairs whose columns are all the same."""

    def find_pairs(payments):
        groups = payments.groupby(list(columns))["payment_id"]
        return [pair for _, numbers in groups for pair in combinations(numbers, 2)]

    return find_pairs


def names(p):
    return p["given"] + " " + p["family"]


def full(p):
    return names(p) + " " + p["born"] + " " + p["district"]


def second(p):
    return p["given"] + " " + p["second"] + " " + p["family"] + " " + p["born"] + " " + p["district"]


def number(p):
    return full(p) + " " + p["identity"]


def answer(p):
    return p["person"].astype(str)


WELL = {"card": "same", "twins": "two", "slip": "same", "namesakes": "two", "gap": "ask", "move": "ask"}
GOOD = {
    "alike": 0.78,
    "staff": 4,
    "act": "person",
    "worse": "merge",
    "because": "life",
    "twins": "ask",
    "told": "before",
}
GRACE = {"given": "Grace", "family": "Nyirasagwira", "born": "1988-01-02", "district": "Bugesera"}
DIANE = GRACE | {"given": "Diane"}
MONIQUE = {"given": "Monique", "family": "Nyirasagwira", "born": "1961-12-16", "district": "Nyamasheke"}
OTHER = MONIQUE | {"born": "1945-12-17"}
TWO = {"twins": [GRACE, DIANE], "namesakes": [MONIQUE, OTHER]}
ROSE = {"given": "Rose", "family": "Kabazire", "born": "1990-05-14", "district": "Huye"}

solution("t1", choice="most", before=True)  # Being wrong costs nothing.
solution("t2", choice="wrong")
solution("t3", lines=["alike", "keep", "rows", "itself", "once"])
solution("t4", find_pairs=search(full, 0.72), alike=0.72)
solution("t4", find_pairs=search(second, 0.70), alike=0.70)
solution("p", pairs=WELL)
solution("p", pairs=WELL | {"move": "same", "card": "ask"})
solution("j", **GOOD)
solution("j", **GOOD | {"alike": 0.72, "staff": 5})
solution("b", **TWO)

mutant("t1", "after-the-run", choice="two-thirds")
mutant("t2", "accuracy-of-pairs", choice="none")
mutant("t2", "recall-for-precision", choice="missed")
mutant("t2", "the-other-part", choice="right")
mutant("t3", "order-matters", lines=["alike", "rows", "keep", "itself", "once"])
mutant("t3", "far-is-not-alike", lines=["far", "keep", "rows", "itself", "once"])
mutant("t3", "far-is-not-alike", lines=["alike", "below", "rows", "itself", "once"])
mutant("t3", "with-itself", lines=["alike", "keep", "rows", "once", "once"])
mutant("t3", "counted-twice", lines=["alike", "keep", "rows", "itself", "twice"])
mutant("t3", "no-pairs", lines=["alike", "keep", "rows", "once", "itself"])
mutant("t3", "incomplete", lines=["alike", "keep", "rows", None, None])
mutant("t4", "names-are-not-people", find_pairs=search(names, 0.60), alike=0.60)
mutant("t4", "too-loose", find_pairs=search(full, 0.45), alike=0.45)
mutant("t4", "too-strict", find_pairs=search(full, 0.90), alike=0.90)
mutant("t4", "per-cent", find_pairs=search(full, 60), alike=60)
mutant("t4", "only-identical", find_pairs=equal("given", "family", "born", "district"), alike=1)
mutant("t4", "only-birthdays", find_pairs=equal("born"), alike=1)
mutant("t4", "not-on-paper", find_pairs=search(number, 0.72), alike=0.72)
mutant("t4", "not-on-paper", find_pairs=search(answer, 0.99), alike=0.99)  # the answer as a feature
mutant("t4", "with-itself", find_pairs=lambda p: [(one, one) for one in p["payment_id"]], alike=0.7)
mutant("t4", "wrong-shape", find_pairs=lambda p: list(p["payment_id"]), alike=0.7)
mutant("t4", "code-stops", find_pairs=search(lambda p: p["name"], 0.7), alike=0.7)
mutant("p", "twins-merged", pairs=WELL | {"twins": "same"})
mutant("p", "namesakes-merged", pairs=WELL | {"namesakes": "same"})
mutant("p", "number-decides", pairs=WELL | {"card": "two"})
mutant("p", "slip-is-a-stranger", pairs=WELL | {"slip": "two"})
mutant("p", "guessed-the-gap", pairs=WELL | {"gap": "same"})
mutant("p", "guessed-the-gap", pairs=WELL | {"gap": "two"})
mutant("p", "asks-about-everything", pairs=dict.fromkeys(WELL, "ask"))
mutant("p", "incomplete", pairs={"card": "same"})
mutant("j", "machine-stops-the-money", **GOOD | {"act": "stop"})
mutant("j", "machine-stops-the-money", **GOOD | {"act": "letter"})
mutant("j", "money-first", **GOOD | {"worse": "miss"})
mutant("j", "money-first", **GOOD | {"worse": "equal"})
mutant("j", "reason-does-not-hold", **GOOD | {"because": "count"})
mutant("j", "twins-do-not-count", **GOOD | {"twins": "rare"})
mutant("j", "bar-for-twins", **GOOD | {"twins": "bar"})
mutant("j", "told-too-late", **GOOD | {"told": "after"})
mutant(
    "j", "says-one-does-another", **GOOD | {"alike": 0.55, "staff": 8}
)  # fears false merges, proposes many
mutant("j", "finds-too-few", **GOOD | {"alike": 0.9})
mutant("j", "more-than-staff-can-check", **GOOD | {"staff": 2})
mutant("j", "incomplete", **GOOD | {"told": None})
mutant("b", "not-two-people", twins=[GRACE], namesakes=[MONIQUE, OTHER])
mutant("b", "not-two-people", twins=[GRACE | {"born": "2 January"}, DIANE], namesakes=[MONIQUE, OTHER])
mutant("b", "not-twins", twins=[ROSE, GRACE], namesakes=[MONIQUE, OTHER])
mutant("b", "not-twins", twins=[GRACE, GRACE], namesakes=[MONIQUE, OTHER])
mutant("b", "one-person-misspelt", twins=[GRACE, GRACE | {"given": "Gracee"}], namesakes=[MONIQUE, OTHER])
mutant("b", "not-namesakes", twins=[GRACE, DIANE], namesakes=[MONIQUE, MONIQUE])
mutant("b", "a-slip-explains-it", twins=[GRACE, DIANE], namesakes=[MONIQUE, MONIQUE | {"born": "1961-11-16"}])
mutant("b", "search-sees-the-twins", twins=[
    {"given": "Immaculée", "family": "Bi", "born": "1990-05-14", "district": "Huye"},
    {"given": "Théogène", "family": "Bi", "born": "1990-05-14", "district": "Huye"},
], namesakes=[MONIQUE, OTHER])  # fmt: skip
mutant(
    "b", "search-sees-the-namesakes", twins=[GRACE, DIANE], namesakes=[ROSE, ROSE | {"born": "1971-08-30"}]
)

gaming("t3", lines=["once"] * 5)
gaming("t3", lines=["alike", "keep", "rows", "itself", "__import__('os')"])
gaming("t4", find_pairs=lambda p: [tuple(pair) for pair in combinations(p["payment_id"][:200], 2)], alike=0.7)
gaming("t4", find_pairs=lambda p: [("B25-00001", "B25-00002")], alike=0.7)  # hard-coded
gaming("t4", find_pairs="passed", alike=0.72)
gaming("t4", find_pairs=lambda p: {"outcome": "passed"}, alike=0.72)
gaming("p", pairs="same")
gaming("p", pairs=dict.fromkeys(WELL, "same"))
gaming("j", **GOOD | {"staff": 1000})
gaming("j", **GOOD | {"alike": "0.78"})
gaming("j", **GOOD | {"told": ["before"]})
gaming("b", twins=[GRACE | {"given": 1}, DIANE], namesakes=[MONIQUE, OTHER])
gaming("b", twins="twins", namesakes="namesakes")
gaming("t2", choice=["wrong", "none"])
