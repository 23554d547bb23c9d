"""Wrong answers to "Same citizen twice?", written by somebody other than the lab's author."""


def search(text, bar):
    def find_pairs(payments):
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.neighbors import NearestNeighbors

        vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)).fit_transform(text(payments))
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


def full(p):
    return (p["given"] + " " + p["family"] + " " + p["born"] + " " + p["district"]).str.lower()


def with_money(p):
    return p["given"] + " " + p["amount_rwf"]


def every_column(p):
    return (full(p) + " " + p["payment_id"] + " " + p["paid_on"].astype(str)).str.lower()


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
MONIQUE = {"given": "Monique", "family": "Nyirasagwira", "born": "1961-12-16", "district": "Nyamasheke"}
TWINS = [GRACE, GRACE | {"given": "Diane"}]
NAMESAKES = [MONIQUE, MONIQUE | {"born": "1945-12-17"}]

mutant("t3", "order-matters", lines=["alike", "keep", "itself", "rows", "once"])
mutant("t3", "with-itself", lines=["alike", "keep", "rows", "rows", "twice"])
mutant("t4", "per-cent", find_pairs=search(full, 72), alike=72)
mutant("t4", "code-stops", find_pairs=search(with_money, 0.72), alike=0.72)
mutant("t4", "too-strict", find_pairs=search(every_column, 0.72), alike=0.72)
mutant("t4", "wrong-shape", find_pairs=lambda p: None, alike=0.72)
mutant("t4", "wrong-shape", find_pairs=lambda p: [(0, 1)], alike=0.72)
mutant("p", "incomplete", pairs=WELL | {"gap": None})
mutant("p", "number-decides", pairs=WELL | {"move": "two"})
mutant("p", "asks-about-everything", pairs=WELL | {"card": "ask", "slip": "ask"})
mutant("j", "bar-for-twins", **GOOD | {"alike": 0.95, "twins": "bar"})
mutant("b", "not-twins", twins=[GRACE, GRACE | {"given": "Diane", "district": "Huye"}], namesakes=NAMESAKES)
mutant("b", "not-two-people", twins=TWINS, namesakes=[MONIQUE, MONIQUE | {"born": "17/12/1945"}])
mutant("b", "not-two-people", twins="Grace and Diane", namesakes=NAMESAKES)
mutant("b", "a-slip-explains-it", twins=TWINS, namesakes=[MONIQUE, MONIQUE | {"born": "1965-12-16"}])
mutant("b", "not-two-people", twins=TWINS, namesakes=None)

# A second reader's answers, written from what learners see alone.


def no_space(p):
    return (p["given"] + p["family"]).str.lower()


def backwards(p):
    return [(b, a) for a, b in search(full, 0.72)(p)]


mutant("t3", "no-pairs", lines=["far", "keep", "rows", "once", "itself"])
mutant("t3", "no-pairs", lines=["alike", "below", "rows", "once", "itself"])
mutant("t3", "no-pairs", lines=["alike", "keep", "rows", "twice", "itself"])
mutant("t4", "names-are-not-people", find_pairs=search(no_space, 0.72), alike=0.72)
mutant("t4", "too-loose", find_pairs=search(full, 0.5), alike=0.5)
mutant("t4", "too-strict", find_pairs=search(full, 0.95), alike=0.95)
mutant("t4", "too-loose", find_pairs=search(full, 0.1), alike=0.1)  # a distance
mutant("t4", "wrong-shape", find_pairs=lambda p: "all", alike=0.72)
mutant("t4", "code-stops", find_pairs=search(lambda p: p["number"], 0.72), alike=0.72)
mutant("p", "twins-merged", pairs=dict.fromkeys(WELL, "same"))
mutant("p", "number-decides", pairs=dict.fromkeys(WELL, "two"))
mutant("p", "twins-merged", pairs=WELL | {"twins": "same"})
mutant("p", "guessed-the-gap", pairs=WELL | {"gap": "two"})
mutant("j", "machine-stops-the-money", **GOOD | {"act": "letter"})
mutant("j", "money-first", **GOOD | {"worse": "miss", "because": "rules"})
mutant("j", "says-one-does-another", **GOOD | {"alike": 0.5})
mutant("j", "told-too-late", **GOOD | {"told": "after"})
mutant("b", "not-twins", twins=[GRACE, GRACE], namesakes=NAMESAKES)
mutant("b", "not-namesakes", twins=TWINS, namesakes=TWINS)
mutant("b", "not-twins", twins=NAMESAKES, namesakes=TWINS)
mutant("b", "not-two-people", twins=GRACE, namesakes=MONIQUE)
solution("t4", find_pairs=backwards, alike=0.72)
