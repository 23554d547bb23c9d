"""The comment bank of the marking desk: kept for a task, inserted by a key, changed, counted."""

from __future__ import annotations

import pytest

from hub.store.saved_comments import KEYS
from tests.support.pretended_campus import ROOT, Campus, form_key
from tests.support.small_stores import COURSE, LAB, TRAINER, hand_in
from tests.unit.test_marks_table import AMINA, BOSCO, grade, task

DESK = f"{ROOT}/courses/{COURSE}/desk"
WORDS = "Say which table this number comes from."


@pytest.fixture
def campus(tmp_path):
    made = Campus(tmp_path)
    for name in (AMINA, BOSCO):
        made.receipt = hand_in(made.store, name)[0].receipt
        grade(made.store, task("j", None, most=4.0))
    return made


@pytest.fixture
def trainer(campus):
    return campus.browser(TRAINER)


def page(trainer, receipt):
    return trainer.get(DESK, params={"lab": LAB, "task": "j", "receipt": receipt}).text


def send(campus, trainer, path="", **form):
    key = form_key(page(trainer, campus.receipt))
    return trainer.post(f"{DESK}{path}", data={"key": key, "receipt": campus.receipt, "task": "j", **form})


def lines(campus):
    return campus.store.saved_comments.lines(COURSE, LAB, "j")


def test_a_comment_that_is_kept_with_a_mark_has_a_key_for_the_next_answer_and_is_counted(campus, trainer):
    send(campus, trainer, score="3", comment=WORDS, keep="1")
    shown = page(trainer, campus.receipt)
    assert f'data-comment="{WORDS}" data-key="a"' in shown
    assert "given 1 time" in shown
    assert "Comments that were given before" not in shown, "A kept comment is listed once."


def test_a_comment_that_was_not_to_be_kept_is_only_among_those_given_before(campus, trainer):
    send(campus, trainer, score="3", comment=WORDS)
    assert lines(campus) == []
    assert "Comments that were given before" in page(trainer, campus.receipt)


def test_a_changed_comment_keeps_its_key_and_leaves_given_ones_as_they_are(campus, trainer):
    send(campus, trainer, score="3", comment=WORDS, keep="1")
    send(campus, trainer, "/comments", text="Another.")
    (first, second) = lines(campus)
    send(campus, trainer, "/comments", number=first.comment.id, text="Name the table.")
    assert [(each.key, each.comment.text) for each in lines(campus)] == [
        ("a", "Name the table."),
        ("b", "Another."),
    ]
    assert campus.store.marking.comments(COURSE, LAB, "j") == [WORDS]
    send(campus, trainer, "/comments", number=second.comment.id, text=" ")
    assert [each.comment.text for each in lines(campus)] == ["Name the table."]


def test_the_same_comment_is_kept_once_and_no_more_than_there_are_keys(campus, trainer):
    for number in range(len(KEYS)):
        campus.store.saved_comments.save(COURSE, LAB, "j", f"Comment {number}.", TRAINER)
    assert send(campus, trainer, "/comments", text="Comment 3.").status_code == 303
    refused = send(campus, trainer, "/comments", text="One more.")
    assert refused.status_code == 409
    assert "at most 20 comments" in refused.text
    assert len(lines(campus)) == len(KEYS)


@pytest.mark.parametrize(
    ("form", "status"),
    [({"text": " "}, 422), ({"text": "x" * 1001}, 422), ({"number": 99, "text": "x"}, 404)],
)
def test_what_cannot_be_kept_is_refused(campus, trainer, form, status):
    assert send(campus, trainer, "/comments", **form).status_code == status


def test_a_comment_of_another_course_cannot_be_changed(campus, trainer):
    campus.store.classes.add_course("other", "Other")
    campus.store.saved_comments.save("other", LAB, "j", "Theirs.", "somebody")
    (theirs,) = campus.store.saved_comments.lines("other", LAB, "j")
    assert send(campus, trainer, "/comments", number=theirs.comment.id, text="").status_code == 404
    assert len(campus.store.saved_comments.lines("other", LAB, "j")) == 1
