"""Wrong answers to "Answer from the rules", written by somebody other than the lab's author."""

from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from labs.datasets.loader import load

RULES = load("service-rules")
PIECES = {"analyzer": "char_wb", "ngram_range": (3, 5)}


def search(limit, **settings):
    return {"words": TfidfVectorizer(**settings), "limit": limit, "rules": RULES}


mutant("t3", "order-matters", lines=["make", "fit", "near", "ask"])
mutant("t3", "order-matters", lines=["make", "make", "fit", "near"])
mutant("t4", "no-vectorizer", words="TfidfVectorizer()", limit=0.5, rules=RULES)
mutant("t4", "no-vectorizer", words=None, limit=0.5, rules=RULES)
mutant("t4", "not-a-number", **search((0, 5), **PIECES))  # 0,5 as one writes it in French
mutant("t4", "per-cent", **search(-0.1, **PIECES))
mutant("t4", "bad-ngrams", **search(0.5, analyzer="char_wb", ngram_range=3))
mutant("t4", "finds-too-little", words=CountVectorizer(), limit=0.5, rules=RULES)
mutant("t4", "finds-too-little", **search(0.5, analyzer="char", ngram_range=(1, 1)))
mutant("t4", "refuses-too-much", **search(1, **PIECES))
mutant("b", "not-about-fishing", question="How long does a licence for driving take?")
mutant("b", "not-found", question="fishing licence fishing licence fishing licence")
mutant("b", "too-short", question="Permis de pêche")
mutant("b", "not-found", question="How many francs do I pay for a license to fish in the lake?")

# A second reader's answers, written from what learners see alone.
mutant("t3", "order-matters", lines=["make", "fit", "ask", "ask"])
mutant("t3", "learns-from-questions", lines=["make", "refit", "ask", "near"])
mutant("t4", "per-cent", words=TfidfVectorizer(**PIECES), limit=65, rules=RULES)
mutant("t4", "per-cent", **search(1.5, **PIECES))
mutant("t4", "refuses-too-much", **search(0.65, **PIECES))
mutant("t4", "answers-everything", **search(0.18, **PIECES))
mutant("t4", "finds-too-little", **search(0.5, analyzer="char_wb"))
mutant("t4", "finds-too-little", **search(0.5, analyzer="word", ngram_range=(3, 5)))
mutant("t4", "no-vectorizer", words=0.5, limit=TfidfVectorizer(**PIECES), rules=RULES)
mutant("t4", "bad-ngrams", **search(0.5, analyzer="char_wb", ngram_range=("3", "5")))
untouched("b", question="")
mutant("b", "not-about-fishing", question="Where can I fish?")
mutant("b", "not-about-fishing", question="What is the weather tomorrow in Kigali, please?")
mutant("b", "not-found", question="permis de pêche, combien ?")
mutant("j", "dresses-up-a-guess", nothing="nearest", promise="means", odd="leave")

# A third reader's answers.
mutant("t4", "bad-analyzer", **search(0.5, analyzer="chars", ngram_range=(3, 5)))
mutant("t4", "bad-ngrams", **search(0.5, analyzer="char_wb", ngram_range=(5, 3)))
mutant(
    "t4",
    "no-vectorizer",
    words=TfidfVectorizer(**PIECES).fit_transform(RULES["text"]),
    limit=0.5,
    rules=RULES,
)
mutant("t4", "finds-too-little", **search(0.3, stop_words="english"))
mutant("t4", "not-a-number", **search([0.4, 0.5], **PIECES))
mutant("t4", "not-a-number", **search(None, **PIECES))
mutant("t4", "it-stops", **search(0.5, stop_words="french"))
mutant("b", "not-found", question="Tell me that I get a fishing licence!")
mutant("b", "not-about-fishing", question="How much does a boat cost?")
mutant("j", "leaves-the-door-open", nothing="desk", promise="cite", odd="leave")
solution("t4", words=TfidfVectorizer(**PIECES).fit(RULES["text"]), limit=0.5, rules=RULES)
solution("t4", **search(0.5, analyzer="char_wb", ngram_range=(2, 5)))
solution("b", question="Où demander le permis de pêche et combien coûte le permis de construire ?")
