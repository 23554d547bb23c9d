"""The verbs for people and classes: roster, person, institution, course, class, audit."""

from __future__ import annotations

import json

import pytest

from hub import command_line
from hub.ops import this_installation
from tests.support.small_stores import COURSE, LEARNERS, filled
from tests.unit.test_audit_seals import tamper

AMINA, BOSCO = LEARNERS


@pytest.fixture
def store(tmp_path, monkeypatch):
    made = filled(tmp_path)
    monkeypatch.setattr(this_installation, "current_settings", lambda: made.settings)
    monkeypatch.setenv("LC_ALL", "C")
    return made


@pytest.fixture
def isomo(store, capsys):
    """Types a command; gives its exit code, and what it said."""

    def typed(*words):
        code = command_line.main(list(words))
        said = capsys.readouterr()
        return code, said.out + said.err

    return typed


def test_a_roster_is_tried_imported_and_exported_from_the_command_line(store, isomo, tmp_path):
    file = tmp_path / "roster.csv"
    file.write_bytes(
        f"Nom;Courriel;Cours;Colour\nÉlodie Uwera;e@x.rw;{COURSE};red\n;b@x.rw;;\n".encode("cp1252")
    )
    code, said = isomo("roster", "import", str(file))
    assert code == 1
    assert "Row 3 (b@x.rw) has no name. Write the name as it is to be shown." in said
    assert "These columns mean nothing here: Colour" in said
    assert "Nothing was changed. Add --yes to import it." in said
    assert store.people.get("elodie.u") is None
    code, said = isomo("roster", "import", str(file), "--yes", "--json")
    assert json.loads(said)["counts"]["new_people"] == 1
    assert store.audit.newest()[0].what == "imported-roster"
    for name in ("out.csv", "out.xlsx"):
        out = tmp_path / name
        code, said = isomo("roster", "export", str(out))
        assert (code, out.stat().st_mode & 0o077) == (0, 0)
        code, said = isomo("roster", "import", str(out))
        assert (code, "This roster changes nothing." in said) == (0, True)
    code, said = isomo("roster", "export", "--course", COURSE)
    assert said.count("\n") == 5


def test_a_roster_that_cannot_be_read_is_said_in_a_sentence(isomo, tmp_path):
    assert isomo("roster", "import")[1] == "There is no file to import.\nType ./isomo roster import FILE.\n"
    code, said = isomo("roster", "import", str(tmp_path / "none.csv"))
    assert (code, "cannot be read: No such file or directory." in said) == (1, True)
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    assert "This is a file of an old Excel." in isomo("roster", "import", str(tmp_path / "old.xls"))[1]


def test_a_ministry_is_set_up_from_the_command_line(store, isomo):
    assert isomo("institution", "add", "risa", "--title", "RISA", "--parent", "minict")[0] == 0
    assert isomo("institution", "list")[1] == "minict  Ministry of ICT\n  risa  RISA\n"
    assert isomo("course", "add", "tech", "--title", "Technical", "--institution", "risa")[0] == 0
    assert isomo("class", "add", "tech", "Class A", "--schedule", "Mon 9:00")[0] == 0
    more = ("--name", "David H", "--institution", "risa", "--course", "tech", "--class", "class a")
    code, said = isomo("person", "add", "david.h", *more)
    assert (code, said) == (0, "Made david.h. A sign-in link: ./isomo invite david.h\n")
    assert isomo("class", "list", "tech")[1] == "Class A  Mon 9:00  1\n"
    assert "tech  Technical  1 learner, 1 class" in isomo("course", "list")[1]
    shown = isomo("person", "show", "david.h")[1]
    assert "David H" in shown
    assert "learner · Class A" in shown
    code, said = isomo("person", "move", "david.h", "--course", "tech", "--to", COURSE)
    assert said == f"david.h moved to {COURSE}. Attempts that moved along: 0.\n"
    assert isomo("person", "change", "david.h", "--email", "D@x.rw", "--role", "trainer")[0] == 0
    assert store.people.get("david.h").email == "d@x.rw"
    assert isomo("person", "take-out", "david.h", "--course", COURSE)[0] == 0
    assert isomo("person", "close", "david.h")[0] == 0
    assert store.people.disabled("david.h")
    for what, name in (("institution", "risa"), ("course", "tech")):
        assert isomo(what, "archive", name)[0] == isomo(what, "restore", name)[0] == 0
    assert isomo("class", "change", "tech", "Class A", "--title", "Class Z")[0] == 0
    assert store.audit.check().whole


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("institution", "add", "minict"), "There is something called minict already."),
        (("institution", "add"), "It is not said which one."),
        (("course", "add", "Not OK"), "Not OK cannot be a short name."),
        (("class", "change", COURSE, "Z"), f"The course {COURSE} has no such class."),
        (("person", "show", "nobody"), "There is nobody called nobody here."),
        (("person", "add", "amina.k"), "There is somebody called amina.k already."),
        (("person", "add", "x", "--role", "coordinator"), "A coordinator sees one institution"),
        (("person", "change", "amina.k", "--email", "a@[c.dd"), "a@[c.dd cannot be an e-mail address."),
        (("person", "add", "x", "--email", "a b@c.dd"), "a b@c.dd cannot be an e-mail address."),
        (("person", "change", "amina.k", "--language", "xx"), "xx is no language of this installation."),
        (("person", "enrol", "amina.k"), "It is not said which course."),
        (("person", "move", "amina.k", "--course", COURSE), "It is not said to which course."),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(isomo, words, sentence):
    code, said = isomo(*words)
    assert code == 1
    assert sentence in said


def test_the_audit_log_is_proven_whole_or_the_wrong_entry_is_named(store, isomo):
    for number in range(3):
        store.audit.add("admin", "invited", f"person-{number}")
    code, said = isomo("audit", "verify")
    seal = store.audit.head()[1]
    assert (code, said) == (
        0,
        f"The audit log is whole: 3 entries.\nNewest seal, to note elsewhere: {seal}\n",
    )
    assert isomo("audit", "verify", "--seal", seal)[0] == 0
    assert (
        "The seal that you noted is no longer in the audit log" in isomo("audit", "verify", "--seal", "x")[1]
    )
    assert isomo("audit", "export")[1].count("\n") == 4
    tamper(store, "UPDATE audit SET object = 'nobody' WHERE id = 2")
    code, said = isomo("audit", "verify")
    assert (code, "Entry 2 of the audit log was changed" in said) == (1, True)
    assert json.loads(isomo("audit", "verify", "--json")[1])["wrong_at"] == 2


def test_the_verbs_speak_french(isomo, monkeypatch):
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert "Aucune institution" not in isomo("institution", "list")[1]
    assert "Le journal est intact\u00a0: 0 entrée." in isomo("audit", "verify")[1]
    assert "Aucun cours ne s’appelle nothing." in isomo("course", "change", "nothing", "--title", "X")[1]
