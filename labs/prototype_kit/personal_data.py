"""A scan for personal data: identity numbers, telephones, e-mail, names, addresses.

The rules are lab 4's in their best setting, read over a whole column at once. A scan misses things: it is the first
look, and a person answers for each finding.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from labs.prototype_kit.application.bench_sentences import N_

CAPITAL = r"[A-ZÀ-Ý][a-zà-ÿA-ZÀ-Ý'’-]+"
CLUES = (
    "Mr", "Mrs", "Ms", "Miss", "Dr", "Mister", "M.", "Mme", "Mlle", "Monsieur", "Madame", "Bwana", "Madamu", "Nyakubahwa",
    "called", "named", "my name is", "nommé", "nommée", "je m'appelle", "nitwa", "witwa", "yitwa", "signed", "signé",
)  # fmt: skip
"""Words that a name follows, in three languages."""
PLACES = (
    "street", "avenue", "road", "rue", "boulevard", "P.O. Box", "PO Box", "B.P.", "BP", "house number", "plot",
    "umudugudu wa", "village of", "village de",
)  # fmt: skip
DIGIT = "[0-9OolI]"
RULES: dict[str, re.Pattern[str]] = {
    "identity": re.compile(rf"(?<!\w){DIGIT}(?:[ .\-]?{DIGIT}){{15}}(?!\w)"),
    "phone": re.compile(r"(?<!\w)(?:\+?250[ .\-]?|0)7\d(?:[ .\-]?\d){7}(?!\w)"),
    "e-mail": re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w"),
    "name": re.compile(
        rf"(?<!\w)(?:{'|'.join(map(re.escape, CLUES))}),? +({CAPITAL}(?: {CAPITAL}){{0,2}})|\n *({CAPITAL} {CAPITAL}) *(?=\x1f|$)"
    ),
    "address": re.compile(
        rf"(?<!\w)(?:\d+[A-Za-z]?,? +)?(?i:{'|'.join(map(re.escape, PLACES))}) *[A-Z0-9][\w-]*|(?<!\w)K[GKN] \d+ (?:St|Ave|Rd)\b"
    ),
}
HEADERS: dict[str, re.Pattern[str]] = {
    "name": re.compile(
        r"name|\bnom\b|^nom_|prenom|prénom|izina|amazina|given|family|surname|applicant|demandeur|owner", re.I
    ),
    "identity": re.compile(r"identity|\bnid\b|id_?number|indangamuntu|num[eé]ro.*identit|passport", re.I),
    "phone": re.compile(r"phone|mobile|t[eé]l[eé]?phone|\btel\b|telefoni", re.I),
    "e-mail": re.compile(r"e-?mail|courriel", re.I),
    "address": re.compile(r"address|adresse|aho atuye", re.I),
}
"""What a column's own name says about all that it holds."""
NOT_NAMES = re.compile(r"file.?name|username_hash|unit.?name|office.?name|service.?name", re.I)
KINDS = {
    "identity": N_("identity numbers"),
    "phone": N_("telephone numbers"),
    "e-mail": N_("e-mail addresses"),
    "name": N_("names of people"),
    "address": N_("addresses"),
}
ANSWERS = ("remove", "replace", "keep")
SHORTEST_REASON = 20
FEW = 10
"""A column whose values come more often than this on average is read value by value."""
BETWEEN = "\x1f"
"""Separator between two cells of a column that are read together; no rule reads across it."""


@dataclass
class Finding:
    """One kind of personal data in one column."""

    column: str
    kind: str
    whole: bool
    """Whether every value of the column is of this kind, by the column's own name."""
    count: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Name of this finding in `intake.toml`."""
        return f"{self.column}: {self.kind}"


class Scan:
    """Collect findings chunk by chunk; memory does not grow with the table."""

    def __init__(self, columns: Iterable[str]) -> None:
        self.found: dict[tuple[str, str], Finding] = {}
        self.whole = {name: kind for name in columns if (kind := kind_by_header(name))}

    def read(self, columns: Mapping[str, list[str]]) -> None:
        """Read one chunk, given as columns of cells."""
        for name, cells in columns.items():
            if kind := self.whole.get(name):
                self._note(name, kind, True, [cell for cell in cells if cell])
                continue
            for each, hits in _hits(cells):
                self._note(name, each, False, hits)

    def _note(self, name: str, kind: str, whole: bool, hits: list[str]) -> None:
        if not hits:
            return
        finding = self.found.setdefault((name, kind), Finding(name, kind, whole))
        finding.count += len(hits)
        finding.examples += [masked_example(hit) for hit in hits[: 3 - len(finding.examples)]]

    def findings(self) -> list[Finding]:
        """Return what was found, the most frequent first."""
        return sorted(self.found.values(), key=lambda each: -each.count)


def _hits(cells: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield what each rule finds in a chunk of one column; values that come again and again are read once."""
    counts = Counter(cells)
    few = len(counts) * FEW < len(cells)
    text = BETWEEN.join(cells)
    for kind, rule in RULES.items():
        if few:
            yield (
                kind,
                [
                    _hit(match)
                    for cell, count in counts.items()
                    for match in rule.finditer(cell)
                    for _n in range(count)
                ],
            )
        elif kind != "e-mail" or "@" in text:
            yield kind, [_hit(match) for match in rule.finditer(text)]


def _hit(match: re.Match[str]) -> str:
    return next((group for group in match.groups() if group), match[0])


def kind_by_header(name: str) -> str:
    """Return the kind of personal data that a column's name announces, else an empty string."""
    if NOT_NAMES.search(name):
        return ""
    return next((kind for kind, rule in HEADERS.items() if rule.search(name)), "")


def masked_example(text: str) -> str:
    """Return an example that shows its shape and nothing more: the first sign of each word, digits as 0."""
    return re.sub(r"(?<=\w)[^\W\d]", "·", re.sub(r"\d", "0", text.strip()))[:40]


class Cleaner:
    """Apply the answers to each cell: remove, replace by a pseudonym that is the same for the same value, or keep."""

    def __init__(self, findings: Iterable[Finding], answers: Mapping[str, str], key: bytes) -> None:
        self.key = key
        self.rules: dict[str, list[tuple[Finding, str]]] = {}
        for finding in findings:
            word = answers[finding.key].split()[0]
            if word != "keep":
                self.rules.setdefault(finding.column, []).append((finding, word))

    def drops(self, column: str) -> bool:
        """Return whether the whole column goes."""
        return any(finding.whole and word == "remove" for finding, word in self.rules.get(column, ()))

    def clean(self, column: str, cell: str) -> str:
        """Return the cell without what was answered away."""
        for finding, word in self.rules.get(column, ()):
            if finding.whole:
                return self._instead(finding.kind, word, cell) if cell else cell
            cell = RULES[finding.kind].sub(partial(self._within, kind=finding.kind, word=word), cell)
        return cell

    def _within(self, hit: re.Match[str], kind: str, word: str) -> str:
        name = _hit(hit)
        return hit[0].replace(name, self._instead(kind, word, name))

    def _instead(self, kind: str, word: str, value: str) -> str:
        if word == "remove":
            return f"[{kind}]"
        digest = hmac.new(self.key, re.sub(r"\W", "", value).lower().encode(), hashlib.sha256).hexdigest()
        return f"{kind}-{digest[:8]}"


def answer_fault(answer: str) -> str:
    """Return what is wrong with an answer, as a sentence to translate; an empty string if it is complete."""
    word, _space, reason = answer.strip().partition(" ")
    if word not in ANSWERS:
        return N_("Answer “{key}” with remove, replace, or keep and the reason.")
    if word == "keep" and len(reason.removeprefix("because").strip()) < SHORTEST_REASON:
        return N_(
            "“{key}” is kept: say why in one sentence, for example “keep because the office's rule … asks for it”."
        )
    return ""
