"""A dataset's card: one page that a learner reads before using it."""

from typing import Any

import pandas as pd

from labs.datasets.registry import Column, Dataset


def card_page(dataset: Dataset, rows: pd.DataFrame, entry: dict[str, Any], language: str) -> str:
    """The card as Markdown: what the data is, its columns, how it was made, what is wrong with it."""
    facts = dataset.facts
    words: dict[str, str] = facts["card"][language]
    parts = [
        f"# {facts['title'][language]}",
        facts.get("true", {}).get(language, words["made_up"]),
        facts["story"][language].strip(),
        f"## {words['what_is_in_it']}",
        words["size"].format(
            rows=written_number(len(rows), language), columns=rows.shape[1], file=entry["file"]
        ),
        columns_table(dataset.columns, rows, words, language),
        *card_section(words["how_it_was_made"], facts.get("assumptions", []), language),
        *card_section(words["what_is_wrong"], facts.get("defects", []), language),
        *card_section(words["not_for"], facts.get("not_for", []), language),
        f"## {words['small_print']}",
        words["licence"].format(licence=entry["licence"], sha256=entry["sha256"][:12]),
    ]
    return "\n\n".join(parts) + "\n"


def card_section(title: str, items: list[dict[str, str]], language: str) -> list[str]:
    """Return a heading and its list; nothing if the list is empty."""
    if not items:
        return []
    return [f"## {title}", "\n".join(f"- {item[language]}" for item in items)]


def columns_table(
    columns: tuple[Column, ...], rows: pd.DataFrame, words: dict[str, str], language: str
) -> str:
    """Each column with its meaning, an example and the share of empty cells."""
    lines = [[words["column"], words["meaning"], words["example"], words["empty"]], ["---"] * 4]
    for column in columns:
        if column.name in rows.columns:
            empty = f"{rows[column.name].isna().mean():.0%}"
            meaning = column.meaning[language]
            lines.append([f"`{column.name}`", meaning, column_example(rows[column.name], words), empty])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def column_example(values: pd.Series, words: dict[str, str]) -> str:
    """One value of the column, short enough for a table."""
    filled = values.dropna()
    if filled.empty:
        return ""
    value = filled.iloc[len(filled) // 3]
    if isinstance(value, bool) or str(values.dtype) == "bool":
        return words["yes"] if value else words["no"]
    text = value.strftime("%Y-%m-%d") if isinstance(value, pd.Timestamp) else str(value)
    text = " ".join(text.replace("|", "/").split())
    return text if len(text) <= 42 else text[:41].rstrip() + "…"


def written_number(value: int, language: str) -> str:
    """A whole number as the language writes it."""
    return f"{value:,}".replace(",", "\N{NO-BREAK SPACE}" if language == "fr" else ",")
