"""letters: sorting by words, with two models, and across languages."""

import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline


def logistic_sorter() -> Pipeline:
    """Word weights and logistic regression, with scikit-learn's own settings."""
    return make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))


def bayes_sorter() -> Pipeline:
    """Word weights and naive Bayes, with scikit-learn's own settings."""
    return make_pipeline(TfidfVectorizer(), MultinomialNB())


def measure(learner: pd.DataFrame, hidden: pd.DataFrame) -> dict[str, float]:
    """Figures of the labs: both models, English alone against Kinyarwanda, and the surest half."""
    model = logistic_sorter().fit(learner["text"], learner["category"])
    guessed = model.predict(hidden["text"])
    simple = bayes_sorter().fit(learner["text"], learner["category"]).predict(hidden["text"])
    english, kinyarwanda = learner[learner["lang"] == "en"], hidden[hidden["lang"] == "rw"]
    foreign = logistic_sorter().fit(english["text"], english["category"]).predict(kinyarwanda["text"])
    sure = model.predict_proba(hidden["text"]).max(axis=1)
    right = guessed == hidden["category"].to_numpy()
    return {
        "accuracy": accuracy_score(hidden["category"], guessed),
        "macro-F1": f1_score(hidden["category"], guessed, average="macro"),
        "naive Bayes accuracy": accuracy_score(hidden["category"], simple),
        "naive Bayes macro-F1": f1_score(hidden["category"], simple, average="macro"),
        "trained on en, tested on rw": accuracy_score(kinyarwanda["category"], foreign),
        "surest half: accuracy": float(right[sure >= pd.Series(sure).median()].mean()),
    }
