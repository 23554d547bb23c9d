"""Changes to people, classes and courses that the store refuses, by code; each has a sentence in the campus."""

from __future__ import annotations


class RefusedChange(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """`code` is a key of `hub.campus.problem_codes.PROBLEMS`; `facts` fill its sentence."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
