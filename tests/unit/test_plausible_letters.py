"""Letters that an office in Rwanda could receive: sums, names, titles, ages and dates agree with the writer and the row."""

from __future__ import annotations

import datetime
import json
import re

import numpy as np
import pandas as pd
import pytest

from labs.datasets.generators import (
    filed_letters,
    letters_private,
    one_letter,
    sentence_frames,
    service_requests,
    writer_words,
)

SUMS = {
    "a journey": (r"journey costs|trajet coûte|urugendo rutwara", 300, 3_000),
    "a fee": (
        r"(?:price|fee)\b.{0,25} was|I paid|tarif affiché au mur était de|Nishyuye|Igiciro",
        500,
        20_000,
    ),
    "a bribe": (r"asked me for|m'a demandé|yansabye", 1_000, 20_000),
    "the price of land": (
        r"(?:bought|acheté|[Nn]aguze|[Tt]waguze).{5,90}(?: for| pour| ku)",
        500_000,
        20_000_000,
    ),
    "a debt": (r"debt of|dette de|mwenda w'", 100_000, 10_000_000),
    "the costs of a court": (r"Costs of|Court fees of|dépens de|frais de", 10_000, 100_000),
    "a tender's file": (r"(?:file|dossier) costs|Le cahier coûte|amabwiriza kigura", 5_000, 20_000),
    "a deposit": (r"(?:guarantee|deposit|garantie|caution) (?:of|de)", 200_000, 5_000_000),
    "a bill": (r"Total due:|Amount due:|Balance:|Total dû :|Montant à payer :", 200_000, 20_000_000),
}
"""What stands before a sum, and the least and most that it may be in such a place."""
FRANCS = r" (?:amafaranga )?(\d[\d., ]*\d)(?: francs|\b)"
MEN = "|".join(sentence_frames.slot_words()["first_male"])
WOMEN = "|".join(sentence_frames.slot_words()["first_female"])
TITLES_OF_MEN, TITLES_OF_WOMEN = r"\b(?:Mr|M\.|Bwana)", r"\b(?:Ms|Mme|Madamu)"
OF_WOMEN, OF_MEN = r"(?:Nyira|Muka|NYIRA|MUKA)", r"(?:Se|SE)[a-zA-Z]"
MONTHS = {
    name: number
    for known in ("en", "fr", "rw")
    for number, name in enumerate(sentence_frames.load_frames(known).words["months"], 1)
}
DAY = rf"(?:(\d+)(?:er)? ({'|'.join(MONTHS)})|({'|'.join(MONTHS)}) (\d+))"


@pytest.fixture(scope="module")
def made() -> pd.DataFrame:
    return filed_letters.generate(np.random.default_rng(11), 3000)


@pytest.fixture(scope="module")
def personal() -> pd.DataFrame:
    return letters_private.generate(np.random.default_rng(12), 800)


@pytest.fixture(scope="module")
def both(made: pd.DataFrame, personal: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([made, personal], ignore_index=True)


def hits(table: pd.DataFrame, pattern: str) -> list[tuple[int, re.Match[str]]]:
    """Every place in the letters that matches, with the letter's row."""
    return [(row, hit) for row, text in enumerate(table["text"]) for hit in re.finditer(pattern, text)]


def day_of(hit: re.Match[str], year: int) -> datetime.date:
    day, month, first_month, its_day = hit.groups()
    return datetime.date(year, MONTHS[month or first_month], int(day or its_day))


@pytest.mark.parametrize("thing", SUMS)
def test_each_sum_is_one_that_an_office_would_see_for_such_a_thing(both: pd.DataFrame, thing: str) -> None:
    before, low, high = SUMS[thing]
    found = [int(re.sub(r"\D", "", hit[1])) for _, hit in hits(both, f"(?:{before}){FRANCS}")]
    assert len(found) >= 2
    assert low <= min(found)
    assert max(found) <= high


def test_a_letter_names_one_fee_for_one_thing() -> None:
    writer = writer_of("en", band="35-49")
    assert len({re.sub(r"\D", "", writer.fill("en", "fee")) for _ in range(20)}) == 1


def test_names_that_only_women_have_are_never_a_mans_and_the_other_way_round(both: pd.DataFrame) -> None:
    capitals = r"[A-ZÀ-Ý]{4,}"
    wrong = [
        hit[0]
        for pattern in (
            rf"\b(?:{MEN}) {OF_WOMEN}\w+",
            rf"\b(?:{WOMEN}) {OF_MEN}\w+",
            rf"\b(?=NYIRA|MUKA){capitals} (?:{MEN})\b",
            rf"\bSE{capitals} (?:{WOMEN})\b",
            rf"{TITLES_OF_MEN} {OF_WOMEN}\w+",
            rf"{TITLES_OF_WOMEN} {OF_MEN}\w+",
            rf"(?:brother-in-law|beau-frère), (?:{WOMEN}) ",
            rf"(?:[Ww]idow of|[Vv]euve de|[Uu]mupfakazi wa) {OF_WOMEN}\w+",
        )
        for _, hit in hits(both, pattern)
    ]
    assert wrong == []
    assert len(hits(both, rf"\b(?:{WOMEN}) {OF_WOMEN}\w+")) > 20


@pytest.mark.parametrize(
    ("sex", "never"),
    [
        (
            "male",
            r"\b(?:[Mm]y husband|a widow\b|a mother of|mon (?:défunt )?mari|[Uu]mugabo wanjye|soussignée)\b",
        ),
        ("female", r"\b(?:[Mm]y wife|a widower|a father of|[Mm]a (?:défunte )?femme|[Uu]mugore wanjye)\b"),
    ],
)
def test_what_writers_say_of_themselves_agrees_with_their_sex(
    both: pd.DataFrame, sex: str, never: str
) -> None:
    assert [hit[0] for _, hit in hits(both[both["sex"] == sex], never)] == []
    assert hits(both[both["sex"] != sex], never)


def test_an_age_in_a_letter_is_in_the_age_band_of_its_row(both: pd.DataFrame) -> None:
    found = hits(
        both, r"(?:I am|J'ai|[Mm]fite imyaka) (\d+)(?: years old| ans|\b)(?! (?:children|enfants|days))"
    )
    said = [(int(hit[1]), both["age_band"][row]) for row, hit in found if int(hit[1]) > 9]
    assert len(said) > 20
    assert [
        (age, band)
        for age, band in said
        if not writer_words.YEARS[band][0] <= age <= writer_words.YEARS[band][1]
    ] == []


def test_young_people_have_few_children_and_no_grown_ones(both: pd.DataFrame) -> None:
    young = both[both["age_band"].isin(["under 25", "25-34"])].reset_index(drop=True)
    assert [hit[0] for _, hit in hits(young, r"(?:have|ai|abana) ([4-9]) (?:children|enfants)")] == []
    grown = r"My (?:son|daughter) turned|Mon fils (?:a eu|vient)|grand(?:son|daughter)|petit-fils"
    assert [hit[0] for _, hit in hits(young, grown)] == []


def test_an_office_dates_its_letter_a_few_days_before_it_arrives(made: pd.DataFrame) -> None:
    dated = hits(made, rf"(?:Done at|Issued at|Fait à) \w+, (?:on |le ){DAY}")
    days = [
        (made["received_on"][row].date() - day_of(hit, made["received_on"][row].year)).days
        for row, hit in dated
    ]
    assert len(days) > 10
    assert set(days) <= set(range(6))


def test_what_is_to_be_done_by_a_date_is_still_to_come(made: pd.DataFrame) -> None:
    away = []
    for row, hit in hits(made, rf"(?:\bby|must reach .{{5,25}} before|pour le|bitarenze ku wa) {DAY}"):
        came = made["received_on"][row].date()
        due = day_of(hit, came.year)
        away.append(((due if due >= came else day_of(hit, came.year + 1)) - came).days)
    assert len(away) > 20
    assert max(away) <= 75


def test_no_letter_has_a_comma_before_a_full_stop_or_a_word_twice(both: pd.DataFrame) -> None:
    assert [hit[0] for _, hit in hits(both, r",[.?]|\b(?!nous\b)([^\W\d]+) \1\b|\bque on\b|\bque il\b")] == []


def test_sectors_have_names_like_those_in_letters_and_belong_to_one_district() -> None:
    table = service_requests.generate(np.random.default_rng(5), 400)
    assert table["sector"].str.fullmatch(r"[A-Z][a-z]{4,}").all()
    assert table.groupby("true_district")["sector"].nunique().max() <= service_requests.SECTORS


def test_personal_pieces_are_marked_as_they_are_in_the_text(personal: pd.DataFrame) -> None:
    for text, marked in zip(personal["text"], personal["marked"], strict=True):
        for begin, end, kind in json.loads(marked):
            assert text[begin:end].strip()
            if kind == "name":
                assert any(sign.isalpha() for sign in text[begin:end])


def writer_of(language: str, band: str) -> one_letter.Writer:
    from random import Random

    random = Random(3)
    who = one_letter.draw_person(random, True, "Huye", band)
    return one_letter.Writer(random, who, "birth", day=datetime.date(2025, 6, 2), official=False)
