"""Wrong ideas, each of which must draw its own hint, and attempts to pass without the idea."""

from sklearn.feature_extraction.text import TfidfVectorizer

from labs.datasets.loader import load

RULES = load("service-rules")


def search(limit, **settings):
    """A vectorizer and a limit, with the rules that the notebook has."""
    return {"words": TfidfVectorizer(**settings), "limit": limit, "rules": RULES}


PIECES = {"analyzer": "char_wb", "ngram_range": (3, 5)}
GOOD = {"nothing": "desk", "promise": "cite", "odd": "who"}

solution("t1", choice="95", before=True)  # Being wrong costs nothing.
solution("t1", choice="55", before=True)
solution("t2", choice="refuses")
solution("t3", lines=["make", "fit", "ask", "near"])
solution("t4", **search(0.5, **PIECES))
here.solution("t4", **search(0.5, analyzer="char_wb", ngram_range=(2, 4)))
here.solution("t4", **search(0.45, **PIECES))
solution("j", **GOOD)
solution("b", question="I lost my fishing licence, what now?")
solution("b", question="Les frais pour permis de pêche sont de combien de francs ?")
solution("b", question="Uruhushya rwo kuroba yishyurwa amafaranga angahe?")

mutant("t1", "after-the-run", choice="55")
mutant("t2", "limit-finds-more", choice="finds")
mutant("t2", "limit-is-free", choice="cleans")
mutant("t3", "learns-from-questions", lines=["make", "fit", "refit", "near"])
mutant("t3", "searches-the-names", lines=["make", "names", "ask", "near"])
mutant("t3", "order-matters", lines=["make", "ask", "fit", "near"])
mutant("t3", "order-matters", lines=["fit", "make", "ask", "near"])
mutant("t3", "incomplete", lines=["make", "fit", None, None])
mutant("t4", "no-vectorizer", words=TfidfVectorizer, limit=0.5, rules=RULES)
mutant("t4", "no-vectorizer", words="char_wb", limit=0.5, rules=RULES)
mutant("t4", "bad-analyzer", **search(0.5, analyzer="words"))
mutant("t4", "bad-ngrams", **search(0.5, ngram_range=(5, 3)))
mutant("t4", "it-stops", **search(0.5, min_df=5000))
mutant("t4", "not-a-number", **search("0.5", **PIECES))
mutant("t4", "not-a-number", **search(None, **PIECES))
mutant("t4", "per-cent", **search(50, **PIECES))
mutant("t4", "finds-too-little", **search(0.4))
mutant("t4", "finds-too-little", **search(0.5, ngram_range=(1, 2)))
mutant("t4", "answers-everything", **search(0.0, **PIECES))
mutant("t4", "answers-everything", **search(0.2, **PIECES))
mutant("t4", "refuses-too-much", **search(0.75, **PIECES))
mutant("j", "dresses-up-a-guess", **GOOD | {"nothing": "nearest"})
mutant("j", "dresses-up-a-guess", **GOOD | {"nothing": "free"})
mutant("j", "decides-for-people", **GOOD | {"promise": "decide"})
mutant("j", "decides-for-people", **GOOD | {"promise": "means"})
mutant("j", "leaves-the-door-open", **GOOD | {"odd": "order"})
mutant("j", "leaves-the-door-open", **GOOD | {"odd": "leave"})
mutant("j", "incomplete", **GOOD | {"odd": None})
mutant("b", "too-short", question="fishing licence?")
mutant("b", "not-about-fishing", question="How much do I pay for my driving licence?")
mutant("b", "not-found", question="Who knows about a fishing licence in this village?")

gaming("t3", lines="make fit ask near")
gaming("t4", **search(True, **PIECES))
gaming("t4", **search(float("nan"), **PIECES))
gaming("b", question=["fishing licence"] * 4)
gaming("b", question="fishing licence " + "x" * 100_000)
gaming("j", **GOOD | {"odd": ["who"]})
