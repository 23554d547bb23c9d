"""Vocabulary of a lab's `checks.py` and `judge.py`: verdicts, and the sentences that say them.

Everything here is plain Python without imports from the rest of the kit, because the builder copies what a judge
uses into the grader's notebook, where nothing of ours has to be installed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

PASSED = "passed"
NOT_YET = "not-yet"
NOT_ATTEMPTED = "not-attempted"
COULD_NOT_CHECK = "could-not-check"


def passed(**facts: Any) -> SimpleNamespace:
    """The task is done. `facts` fill the task's sentence "passed"."""
    return SimpleNamespace(outcome="passed", key="passed", facts=facts)


def not_yet(key: str, **facts: Any) -> SimpleNamespace:
    """Not there yet. `key` names the misconception found: its sentence, and the hints aimed at it."""
    return SimpleNamespace(outcome="not-yet", key=key, facts=facts)


def partly(key: str, share: float, **facts: Any) -> SimpleNamespace:
    """Not there yet, but worth `share` (0 to 1) of the task's points. For judges; `key` as in `not_yet`."""
    return SimpleNamespace(outcome="not-yet", key=key, facts=facts, share=share)


def near(verdict: SimpleNamespace, wide: SimpleNamespace) -> SimpleNamespace:
    """For checks: `verdict`, or that it is near enough if the judge's wider limits give `wide`, a pass.

    Learners then read the sentence of what is still missing, and that it costs no marks.
    """
    if verdict.outcome == "not-yet" and wide.outcome == "passed":
        return SimpleNamespace(outcome="passed", key=verdict.key, facts=verdict.facts, near=True)
    return verdict


def not_attempted() -> SimpleNamespace:
    """Nothing was answered."""
    return SimpleNamespace(outcome="not-attempted", key="not-attempted", facts={})


def check(task: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a function of `checks.py` as the check of `task`: `(answers) -> verdict`, on data the learner has."""
    return _marked("isomo_check", task)


def judge(task: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a function of `judge.py` as the judge of `task`: `(answers, hidden) -> verdict`.

    After a probe, `answers.probed` is what it returned, or None with the reason in `answers.problem`; `answers.kept`
    is what `draw` kept.
    """
    return _marked("isomo_judge", task)


def draw(task: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a function of `judge.py` that draws a probe's inputs: `(hidden, rng) -> (inputs, kept)`.

    `rng` is a `random.Random` with another seed for every attempt. `inputs` is plain data, at most 4 MB as JSON, and
    goes to the learner's process; `kept` stays with the judge.
    """
    return _marked("isomo_draw", task)


def probe(task: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a function of `probe.py` that asks the learner's code: `(names, inputs) -> plain data`, at most 4 MB.

    `names` are the notebook's variables. It runs in the learner's own process, so it may hold nothing secret, and
    what it returns is a claim.
    """
    return _marked("isomo_probe", task)


def view(task: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a function of `checks.py` as the live picture next to a task's controls: `(answers) -> HTML`."""
    return _marked("isomo_view", task)


def _marked(kind: str, task: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        setattr(function, kind, task)
        return function

    return mark


def marked_functions(module: Any, kind: str) -> dict[str, Callable[..., Any]]:
    """Return the functions of a module that were marked as `kind` (check, judge, draw, probe or view), by task."""
    found = (value for value in vars(module).values() if callable(value))
    return {getattr(each, f"isomo_{kind}"): each for each in found if hasattr(each, f"isomo_{kind}")}


def answers_of(own: Any, everything: Any) -> SimpleNamespace:
    """Return what a check or judge is given: a task's own answers as attributes, None if there is none.

    `answers.of("t1")` are the answers of another task, as a dictionary.
    """
    everything = everything if isinstance(everything, dict) else {}

    class Answers(SimpleNamespace):
        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return None

        def of(self, task: str) -> dict[str, Any]:
            found = everything.get(task)
            return found if isinstance(found, dict) else {}

    named = {str(key): value for key, value in own.items()} if isinstance(own, dict) else {}
    named.pop("of", None)
    return Answers(**named)


def unanswered(value: Any) -> bool:
    """Return whether a name is still as the lab gave it: None, or three dots. A whole column is an answer."""
    return value is None or value is ...


def several(value: Any) -> bool:
    """Return whether this is more than one value: a list, 1,200 with its comma, a whole column or table."""
    return not isinstance(value, str) and hasattr(value, "__len__") and getattr(value, "shape", None) != ()


def as_typed(value: Any, most: int = 40) -> str:
    """Return a wrong answer as somebody typed it: text in quotation marks, the two numbers of 1,200 with their comma.

    >>> as_typed("2"), as_typed((1, 200)), as_typed(0.5)
    ('"2"', '1,200', '0.5')
    """
    if isinstance(value, str):
        return f'"{value[: most - 2]}"'
    if several(value):
        found = plain_data(value)
        if not isinstance(found, list):
            return f"<{type(value).__name__}>"
        text = ",".join(str(one) for one in found[:most]) + "," * (len(found) == 1)
        return text if len(text) <= most else f"{text[: most - 2]} …"
    return str(value)[:most]


def number(value: Any) -> float | None:
    """Return `value` as a number if it is one, else None: no text, no yes or no, no infinity, no whole column."""
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
        value = value.item()
    if type(value) not in (int, float):
        return None
    try:
        found = float(value)
    except OverflowError:  # A whole number of more than three hundred digits.
        return None
    return found if math.isfinite(found) else None


def whole_number(value: Any, least: int, most: int) -> int | None:
    """Return `value` as a whole number from `least` to `most` if it is one, else None."""
    found = number(value)
    return int(found) if found is not None and found == int(found) and least <= found <= most else None


def all_numbers(said: Any, many: int) -> list[float] | None:
    """Return a list of `many` numbers, None if it is anything else."""
    if not isinstance(said, list) or len(said) != many:
        return None
    found = [number(one) for one in said]
    return [one for one in found if one is not None] if None not in found else None


def outcome_of(function: Callable[..., Any], *given: Any) -> tuple[Any, str | None]:
    """Return what a learner's function gives, or None and the error that stopped it, in one line."""
    try:
        return function(*given), None
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"[:200]


def has_seen_the_exam(model: Any, known: Any, exam: Any, column: str, everything: Any) -> bool:
    """Whether a model is what its own recipe learns from files that hold the exam, not from `known` alone.

    The recipe learns again from each pile; one that was only given fewer known files stays nearer to `known`.
    """
    import numpy as np
    import pandas as pd
    from sklearn.base import clone
    from threadpoolctl import threadpool_limits

    def apart(files: Any) -> float:
        again = clone(model).fit(files, files[column]).predict(exam)
        return float(np.abs(np.asarray(again, float).ravel() - said).mean())

    try:
        with threadpool_limits(1):  # Several threads on so small a task only wait for each other.
            said = np.asarray(model.predict(exam), float).ravel()
            fair = apart(known)
            piles = (pd.concat([known, exam]), exam, everything)
            return fair > 1e-6 and any(apart(pile) < 0.2 * fair for pile in piles)
    except Exception:
        return False


def saw_the_exam_of(dataset: str, model: Any, column: str, known_until: str, exam_until: str) -> bool:
    """Whether a model learnt from the learner's own exam: the files of a dataset received between two days.

    For probes. Where the data is missing, nothing can be said, and the answer is no.
    """
    try:
        from labs.datasets.loader import load
    except ImportError:
        return False
    files = load(dataset)
    received = files["received_on"]
    known, exam = files[received < known_until], files[(received >= known_until) & (received < exam_until)]
    return has_seen_the_exam(model, known, exam, column, files)


def plain_data(value: Any, depth: int = 12) -> Any:
    """`value` as JSON can hold it: arrays and tables as lists, what is no data as its kind's name in brackets."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    for name in ("tolist", "to_dict"):
        if type(value).__module__.partition(".")[0] in ("numpy", "pandas") and hasattr(value, name):
            value = value.to_dict("list") if name == "to_dict" else value.tolist()
            return plain_data(value, depth)
    if depth and isinstance(value, (list, tuple)):
        return [plain_data(one, depth - 1) for one in value]
    if depth and isinstance(value, dict):
        return {str(key): plain_data(one, depth - 1) for key, one in value.items()}
    return None if value is ... else f"<{type(value).__name__}>"


def choice_verdict(parts: list[dict[str, Any]], answers: Any) -> SimpleNamespace:
    """The verdict on a task of plain choices: the first part whose option says something other than "passed"."""
    chosen = [getattr(answers, part["name"]) for part in parts]
    if all(one is None or one == [] for one in chosen):
        return not_attempted()
    for part, value in zip(parts, chosen, strict=True):
        says = {option["id"]: option.get("says", "passed") for option in part["options"]}
        key = says.get(value) if isinstance(value, str) else None
        if key is None:
            return not_yet("incomplete")
        if key != "passed":
            return not_yet(key)
    return passed()


def order_verdict(
    chosen: Any,
    order: list[str],
    wrong: dict[str, str],
    key_of: Callable[[list[str]], str] | None = None,
) -> SimpleNamespace:
    """The verdict on steps that were put in order; `wrong` has the key of each step that belongs nowhere, worst first.

    `key_of` gives the key for right steps if more than one order of them is right.

    >>> order_verdict(["read", "sign"], ["read", "sign"], {"guess": "guesses"}).key
    'passed'
    >>> order_verdict(["guess", "sign"], ["read", "sign"], {"guess": "guesses"}).key
    'guesses'
    """
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    known = {*order, *wrong}
    if len(chosen) != len(order) or not all(isinstance(one, str) and one in known for one in chosen):
        return not_yet("incomplete")
    key = next((key for step, key in wrong.items() if step in chosen), None)
    if key is None:
        right = "passed" if chosen == order else "order-matters"
        key = key_of(chosen) if key_of else right
    return passed() if key == "passed" else not_yet(key)


def predict_verdict(parts: list[dict[str, Any]], answers: Any) -> SimpleNamespace:
    """Return the verdict on a prediction: it was made, and before the result was seen. Being wrong costs nothing."""
    value = getattr(answers, parts[0]["name"])
    says = {option["id"]: option.get("says", "passed") for option in parts[0]["options"]}
    if value is None:
        return not_attempted()
    if value not in says:
        return not_yet("incomplete")
    if answers.before is not True:
        return not_yet("after-the-run")
    return SimpleNamespace(outcome="passed", key=says[value], facts={})


def phrase(sentence: str, facts: dict[str, Any], language: str = "en") -> str:
    """`sentence` with its `{facts}` filled in: shares as per cent, large numbers as the language writes them."""
    return sentence.format(**{name: _written(name, value, language) for name, value in facts.items()})


def _written(name: str, value: Any, language: str) -> str:
    french = language == "fr"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if name.endswith("share"):
        return f"{round(value * 100)}{chr(0xA0) if french else ''}%"
    if isinstance(value, float):
        return f"{value:g}"  # With a point in every language: it is what one types in Python.
    return f"{value:,}".replace(",", chr(0x202F) if french else ",")
