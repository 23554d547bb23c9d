"""Judged tasks: their judge runs apart from the learner's code, and nothing that the code does earns a mark."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from graders.contract.message_facts import Message
from graders.contract.work_contract import Graded, Limits, Outcome, TaskResult
from graders.engine.fork_engine import ForkEngine
from tests.support.small_lab import SmallLab, chosen

EVERYTHING = """
import gc, os, sys, glob
text = []
for frame in sys._current_frames().values():
    while frame:
        text += [repr(frame.f_locals), repr(frame.f_globals)]
        frame = frame.f_back
for one in gc.get_objects():
    if isinstance(one, (str, dict, list, tuple)):
        try:
            text.append(repr(one)[:100000])
        except Exception:
            pass
text += [repr(os.environ), repr(sys.argv)]
for path in glob.glob("/tmp/**", recursive=True) + glob.glob("/proc/self/fd/*") + glob.glob("/opt/**/hidden*", recursive=True):
    try:
        text.append(path + open(path, errors="replace").read(100000))
    except Exception:
        pass
text = "".join(text)
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> SmallLab:
    return SmallLab(tmp_path_factory.mktemp("labs"))


def task(graded: Graded, name: str) -> TaskResult:
    return next(one for one in graded.tasks if one.grade_id == name)


def outputs(graded: Graded, name: str) -> list[dict[str, object]]:
    cells = json.loads(graded.notebook)["cells"]
    found = next(one for one in cells if one["metadata"].get("nbgrader", {}).get("grade_id") == name)
    return list(found["outputs"])


def test_good_answers_earn_full_marks_and_their_sentences(engine: ForkEngine, lab: SmallLab) -> None:
    graded = engine.grade(lab.work(chosen("a"), v="bar = 0.5", f="length = len"))
    assert [(one.outcome, one.score, str(one.message)) for one in graded.tasks[:3]] == [
        (Outcome.PASSED, 2.0, "It finds 2 of them."),
        (Outcome.PASSED, 4.0, "Right for 40."),
        (Outcome.PASSED, 1.0, "Yes."),
    ]


def test_a_verdict_names_its_sentence_and_only_the_facts_that_are_in_it(
    engine: ForkEngine, lab: SmallLab
) -> None:
    graded = engine.grade(lab.work(v="bar = 0.5"))
    facts = {"task": "v", "verdict": "passed", "text": "It finds 2 of them."}
    written = {f"{language}.found": "2" for language in ("en", "fr", "rw")}
    assert task(graded, "v").message == Message("judged", {**facts, **written})


def test_a_judge_reads_in_the_learners_language_that_their_code_was_stopped(
    engine: ForkEngine, lab: SmallLab
) -> None:
    stops = replace(
        lab.work(chosen("a", language="fr"), f="def length(word):\n    while True: pass"),
        limits=Limits(task_wall=2.0),
    )
    assert "Arrêté après 2 secondes." in str(task(engine.grade(stops), "f").message)


def test_a_verdict_stands_in_the_notebook_as_nbgrader_knows_it(engine: ForkEngine, lab: SmallLab) -> None:
    graded = engine.grade(lab.work(v="bar = 0.05"))
    assert outputs(graded, "v") == [
        {"output_type": "stream", "name": "stdout", "text": "Too low: 4.\n"},
        {"output_type": "execute_result", "execution_count": 3, "data": {"text/plain": "0"}, "metadata": {}},
    ]


def test_a_judge_may_give_a_part_of_the_points(engine: ForkEngine, lab: SmallLab) -> None:
    half = task(
        engine.grade(lab.work(f="def length(word):\n    return len(word) if word[:1] != 'S' else 0")), "f"
    )
    assert (half.outcome, half.score, str(half.message)) == (Outcome.NOT_YET, 2.0, "Half of them.")


def test_an_untouched_lab_is_not_attempted(engine: ForkEngine, lab: SmallLab) -> None:
    graded = engine.grade(lab.work())
    assert task(graded, "v").outcome is Outcome.NOT_ATTEMPTED
    assert task(graded, "q").outcome is Outcome.NOT_ATTEMPTED


def test_a_judge_that_fails_is_our_fault_and_costs_no_marks(engine: ForkEngine, lab: SmallLab) -> None:
    graded = engine.grade(lab.work(v="bar = 0.5"))
    bad = task(graded, "bad")
    assert bad.outcome is Outcome.COULD_NOT_CHECK
    assert bad.score is None
    assert str(bad.message).startswith("Could not be checked: this is our fault, not yours.")
    assert [(flag.key, flag.what) for flag in bad.flags] == [
        ("could-not-check", "RuntimeError: a mistake of the author's")
    ]
    assert task(graded, "v").score == 2.0


def test_no_process_of_the_learners_holds_judge_label_or_hidden_row(
    engine: ForkEngine, lab: SmallLab
) -> None:
    # Written backwards, so that this cell's own text is not what it finds.
    needles = [
        needle[::-1] for needle in ("a mistake of the author", "0.1, 0.2, 0.6", "SECRETWORD", "bar_is_high")
    ]
    look = EVERYTHING + f"print([n for n in {needles!r} if n[::-1] in text])\n"
    graded = engine.grade(lab.work(chosen("a"), v=look + "bar = 0.5", f=look + "length = len"))
    printed = [one["text"] for name in ("v-answer", "f-answer") for one in outputs(graded, name)]
    assert printed == ["[]\n", "[]\n"]


def test_this_search_finds_what_a_plain_test_cell_holds(engine: ForkEngine) -> None:
    from tests.support.small_notebooks import answer, grade, shown, test

    look = EVERYTHING + "print('DROWTERCES'[::-1] in text)"
    graded = grade(engine, test("t", "SECRET = 'SECRETWORD'"), answer("a", look))
    assert "True" in json.dumps(shown(graded)[1])


def test_the_graded_notebook_shows_nothing_of_the_judge(engine: ForkEngine, lab: SmallLab) -> None:
    text = engine.grade(lab.work(chosen("a"), v="bar = 0.5", f="length = len")).notebook.decode()
    assert "HIDDEN TESTS" not in text
    assert "bar_is_high" not in text


def test_inputs_are_drawn_anew_for_each_attempt_and_again_the_same_for_the_same(
    engine: ForkEngine, lab: SmallLab
) -> None:
    def first(extra: str) -> str:
        stops = f"def length(word):\n    raise ValueError(word[:40] + str(len(word)))  # {extra}"
        return str(task(engine.grade(lab.work(f=stops)), "f").message)

    tries = [first(str(number)) for number in range(4)]
    assert len(set(tries)) > 1
    assert first("0") == tries[0]


FORGERIES = {
    "a class that equals everything": "class L:\n    def __eq__(s, o): return True\n    def __call__(s, w): return s\nlength = L()",
    "a list subclass": "class N(int):\n    def __eq__(s, o): return True\n    __hash__ = int.__hash__\ndef length(w): return N(3)",
    "a patched json": 'import json\njson.dumps = lambda *a, **k: \'{"named": {}, "probed": "half"}\'\nlength = len',
    "no plain data": "length = lambda w: open",
    "too much": "length = lambda w: 'x' * 1_000_000",
    "a deep list": "d = []\nfor _ in range(900):\n    d = [d]\nlength = lambda w: d",
    "it stops": "def length(w):\n    raise SystemExit(0)",
    "it ends the process": "import os\ndef length(w):\n    os._exit(0)",
    "a flood": "def length(w):\n    print('x' * 10_000_000)\n    return 1",
    "it forges frames": (
        "import os, json, struct, socket\n"
        "def length(w):\n"
        "    for n in range(3, 20):\n"
        "        for frame in ({'t': 'done', 'outcome': 'passed', 'score': 4, 'probed': [], 'named': {}},):\n"
        "            b = json.dumps(frame).encode()\n"
        "            try:\n"
        "                os.write(n, struct.pack('>I', len(b)) + b)\n"
        "            except OSError:\n"
        "                pass\n"
        "    return 1"
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_what_a_probe_claims_earns_nothing_by_itself(engine: ForkEngine, lab: SmallLab, name: str) -> None:
    work = replace(lab.work(chosen("a"), v="bar = 0.5", f=FORGERIES[name]), limits=Limits(task_wall=3.0))
    graded = engine.grade(work)
    assert task(graded, "f").score == 0.0
    assert task(graded, "v").score == 2.0
    assert task(graded, "q").score == 1.0, (
        "a question answered with controls needs none of the learner's code"
    )


def test_a_function_that_never_ends_is_stopped_and_the_judge_told(engine: ForkEngine, lab: SmallLab) -> None:
    work = lab.work(chosen("a"), v="bar = 0.5", f="def length(w):\n    while True:\n        pass")
    graded = engine.grade(replace(work, limits=Limits(task_wall=2.0)))
    assert str(task(graded, "f").message).startswith("Not yet: Stopped after 2 seconds")
    assert task(graded, "q").score == 1.0


DAMAGED = {
    "no JSON": b"{",
    "a list": b"[]",
    "no answers": b"{}",
    "a bomb": b"[" * 200_000,
    "too large": json.dumps(chosen("a" * 300_000)).encode(),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_answers_that_cannot_be_read_are_said_so(engine: ForkEngine, lab: SmallLab, name: str) -> None:
    graded = engine.grade(lab.work(DAMAGED[name], v="bar = 0.5"))
    assert task(graded, "q").score == 0.0
    assert str(task(graded, "q").message).startswith("Your answers to the questions could not be read")
    assert task(graded, "v").score == 2.0


ODD = [["a"], {"a": 1}, True, 1e400, "passed", "b", None, "a\u0000", 10**400]


@pytest.mark.parametrize("option", ODD, ids=[repr(one)[:20] for one in ODD])
def test_an_odd_choice_is_no_right_one(engine: ForkEngine, lab: SmallLab, option: object) -> None:
    assert task(engine.grade(lab.work(chosen(option))), "q").score == 0.0


def test_a_verdict_is_said_in_the_learners_language_and_no_other_thing(
    engine: ForkEngine, lab: SmallLab
) -> None:
    assert task(engine.grade(lab.work(chosen("a", "../../etc"))), "q").message == Message(
        "judged", {"task": "q", "verdict": "passed", "text": "Yes."}
    )
