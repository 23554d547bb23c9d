"""service-rules and rule-questions: short rules of made-up services in three languages, and what people ask of them.

The Kinyarwanda has not been reviewed by a native speaker.
"""

import tomllib
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd

from labs.datasets.generators import random_draws

LANGUAGES = ("en", "fr", "rw")
SENTENCES = tomllib.loads((Path(__file__).parents[1] / "text" / "rules.toml").read_text(encoding="utf-8"))


def in_languages(said: dict[str, Any], start: str = "") -> tuple[Any, ...]:
    """Return the sentences in the order of LANGUAGES."""
    return tuple(said[f"{start}{lang}"] for lang in LANGUAGES)


SERVICES = {name: in_languages(said) for name, said in SENTENCES["service"].items()}
ASPECTS = {name: in_languages(said) for name, said in SENTENCES["aspect"].items()}
ASKED = {name: in_languages(said, "asked_") for name, said in SENTENCES["aspect"].items()}
NO_RULE = in_languages(SENTENCES["no_rule"], "asked_")
UNKNOWN = [in_languages(said) for said in SENTENCES["no_rule"]["thing"]]
NUMBERS = {"n": (500, 30000), "d": (2, 45), "k": (1, 12), "y": (2, 21)}


def written_rule(random: Random, sentence: str, service: str) -> str:
    """A rule with its figures."""
    figures = {name: random.randint(*span) for name, span in NUMBERS.items()}
    figures["n"] = figures["n"] // 100 * 100
    return sentence.format(s=service, **figures)


def rule_paragraphs(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Every rule in three languages, as many as `rows` says at most."""
    random = random_draws.plain_random(rng)
    made = []
    for service, names in SERVICES.items():
        for aspect, sentences in ASPECTS.items():
            for lang, name, sentence in zip(LANGUAGES, names, sentences, strict=True):
                text = written_rule(random, sentence, name)
                made.append((f"{service}-{aspect}", lang, service, aspect, text[0].upper() + text[1:]))
    return pd.DataFrame(made[:rows], columns=["rule", "lang", "service", "aspect", "text"])


def rule_questions(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Draw `rows` questions in three languages or mixed; `rule` is empty if no rule answers."""
    random = random_draws.plain_random(rng)
    langs = random_draws.draw_shares(rng, {"rw": 0.4, "en": 0.25, "fr": 0.2, "mixed": 0.15}, rows)
    without = random_draws.draw_yes(rng, np.full(rows, 0.25), by=langs)
    made = [
        draw_question(random, str(lang), none=bool(none)) for lang, none in zip(langs, without, strict=True)
    ]
    table = pd.DataFrame(made, columns=["text", "rule"])
    table.insert(0, "lang", langs)
    table.insert(0, "question_id", [f"Q25-{n:04d}" for n in range(1, rows + 1)])
    return table


def draw_question(random: Random, lang: str, *, none: bool) -> tuple[str, str]:
    """One question and the rule that answers it; mixed ones name the service in another language."""
    at = LANGUAGES.index(lang) if lang in LANGUAGES else random.randrange(3)
    named = at if lang in LANGUAGES else (at + random.randint(1, 2)) % 3
    if none:
        return phone_slip(random, random.choice(NO_RULE[at]).format(x=random.choice(UNKNOWN)[named])), ""
    service, aspect = random.choice(list(SERVICES)), random.choice(list(ASPECTS))
    text = random.choice(ASKED[aspect][at]).format(s=SERVICES[service][named])
    return phone_slip(random, text[0].upper() + text[1:]), f"{service}-{aspect}"


def phone_slip(random: Random, text: str) -> str:
    """One letter in a hundred is missing or doubled, as on a telephone."""
    signs = []
    for sign in text:
        chance = random.random()
        signs.append(
            ""
            if chance < 0.006 and sign.isalpha()
            else sign * (2 if chance > 0.994 and sign.isalpha() else 1)
        )
    return "".join(signs)
