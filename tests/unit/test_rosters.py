"""Rosters: what is read of a file, what it would change, and that importing it twice changes nothing."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from hub.safe_spreadsheets import guarded_cell
from hub.store.roster_file import UnreadableRoster, csv_text, excel_bytes, read_roster
from hub.store.roster_plan import username_from
from tests.support.small_stores import COURSE, LEARNERS, TRAINER, filled

LANGUAGES = ("en", "fr", "rw")
AMINA, BOSCO = LEARNERS
PEOPLE = "username,name,email,language,institution,role,course,part,class"


@pytest.fixture
def store(tmp_path):
    return filled(tmp_path)


def rows(text):
    return read_roster(text.encode()).rows


def cells(data):
    return [dict(row.cells) for row in read_roster(data).rows]


def planned(store, text, **more):
    return store.rosters.plan(rows(text), LANGUAGES, **more)


def reasons(plan):
    return [(bad.number, bad.reason) for bad in plan.bad]


NAME = "Nom;Nom d’utilisateur\nÉlodie Uwéra;elodie.u\n"


@pytest.mark.parametrize(
    "data",
    [
        NAME.encode(),
        NAME.encode("utf-8-sig"),
        NAME.encode("cp1252"),
        NAME.encode("utf-16"),
        NAME.replace(";", "\t").encode(),
        NAME.replace(";", ",").replace("\n", "\r\n").encode(),
        NAME.replace("\n", "\r").encode("cp1252"),
        f"\n\n{NAME}\n;\n".encode(),
    ],
)
def test_every_encoding_separator_and_line_end_that_offices_use_is_read(data):
    (found,) = cells(data)
    assert (found["name"], found["username"]) == ("Élodie Uwéra", "elodie.u")


def test_a_number_of_a_row_is_the_one_that_a_spreadsheet_shows():
    assert [row.number for row in rows("\nname,username\n\nA,a\n,\nB,b")] == [4, 6]


def test_excel_is_read_whatever_its_cells_are():
    book = Workbook()
    book.active["B3"], book.active["C3"] = "Name", "User name"
    book.active["B5"], book.active["C5"] = "=1+1", 12.0
    book.active["B6"], book.active["C6"] = "Amina", "amina.k"
    made = io.BytesIO()
    book.save(made)
    found = read_roster(made.getvalue()).rows
    assert [(row.number, row.cells["username"]) for row in found] == [(5, "12"), (6, "amina.k")]


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 700_000_000)
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"name,username\n", "empty"),
        (b"given,family\nA,B", "no-columns"),
        (b"name\nA", "no-columns"),
        (b"name,name,username\nA,B,c", "twice"),
        (b"\xd0\xcf\x11\xe0 old", "old-excel"),
        (b"PK\x03\x04 not really", "unreadable"),
        (b'name,username\n"Amina Keza",a\n"Bosco', "cut-off"),
        (b'name,username\n"Amina Keza",a\n"Bosco N",b\n"Chantal,c\nDiane,d\n', "cut-off"),
    ],
)
def test_what_is_no_roster_says_why(data, reason):
    with pytest.raises(UnreadableRoster) as refused:
        read_roster(data)
    assert refused.value.reason == reason


def test_an_excel_file_that_unpacks_without_end_is_refused_before_it_is_unpacked():
    with pytest.raises(UnreadableRoster) as refused:
        read_roster(bomb())
    assert refused.value.reason == "too-large"


@pytest.mark.parametrize("text", ["=1+1", "+250788", "-x", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_no_cell_of_an_export_is_run_by_a_spreadsheet_and_it_comes_back_as_it_was(text):
    row = ["a", text, "", "", "", "", "", "", ""]
    assert guarded_cell(text).startswith("'")
    assert cells("".join(csv_text([row])).encode())[0]["name"] == text
    made = excel_bytes([row])
    cell = load_workbook(io.BytesIO(made)).active["B2"]
    assert (cell.value, cell.data_type) == (text, "s")
    assert cells(made)[0]["name"] == text


@pytest.mark.parametrize("text", ['"Bosco ""the ""N""",b', 'Bosco "N,b', '"Bosco "N" of Huye",b'])
def test_a_quotation_mark_that_is_part_of_a_name_is_no_sign_of_a_cut_file(text):
    assert len(cells(f"name,username\nAmina Keza,a\n{text}\nDiane,d\n".encode())) == 3


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
def test_an_excel_file_that_is_half_written_is_no_roster(part):
    whole = excel_bytes([[f"name.{number}", "Name", "", "", "", "", "", "", ""] for number in range(50)])
    with pytest.raises(UnreadableRoster) as refused:
        read_roster(whole[: int(part * len(whole))])
    assert refused.value.reason == "unreadable"


def test_invisible_signs_and_line_breaks_do_not_come_into_a_name():
    (found,) = cells('name,username\n"Amina\n\u202eKeza\u200b\x07",a'.encode())
    assert found["name"] == "Amina Keza"


def test_a_dry_run_says_what_would_change_and_changes_nothing(store):
    plan = planned(
        store,
        f"{PEOPLE}\ndavid.h,David H,,fr,minict,learner,{COURSE},,Class B\n"
        f"{AMINA},Amina Keza,,,,,{COURSE},,Class B\n{BOSCO},Bosco.N,,,,,{COURSE},,class a\n",
    )
    assert plan.counts() == {
        "rows": 3,
        "new_people": 1,
        "changed_people": 1,
        "enrolled": 1,
        "put_in_class": 1,
        "moved_to_another_class": 1,
        "new_institutions": 0,
        "new_courses": 0,
        "new_classes": 1,
        "unchanged_rows": 1,
        "bad_rows": 0,
    }
    assert store.people.get("david.h") is None


def test_a_roster_is_carried_out_whole_and_twice_changes_nothing(store):
    text = (
        f'{PEOPLE}\ndavid.h,David H,d@x.rw,fr,minict,"learner, coordinator",{COURSE},,Class B\n'
        f"{AMINA},Amina Keza,a@x.rw,,,,{COURSE},,Class B\n"
    )
    store.rosters.carry_out(rows(text), LANGUAGES)
    david = store.people.get("david.h")
    assert (david.display_name, david.email, david.language, david.institution) == (
        "David H",
        "d@x.rw",
        "fr",
        "minict",
    )
    assert store.people.roles("david.h") == ["coordinator", "learner"]
    assert store.people.get(AMINA).display_name == "Amina Keza"
    groups = {each.person.username: each.group for each in store.enrolments.members(COURSE)[0]}
    assert groups == {"david.h": "Class B", AMINA: "Class B", BOSCO: "Class A", TRAINER: None}
    again = store.rosters.carry_out(rows(text), LANGUAGES)
    assert not again.changes
    assert again.unchanged == 2


def test_an_export_comes_back_without_a_change(store):
    store.people.add("odd.o", "=SUM(A1) <b>x</b>", roles=("trainer", "learner"))
    exported = list(store.rosters.exported())
    assert len(exported) == 5
    for data in ("".join(csv_text(exported)).encode(), excel_bytes(exported)):
        plan = store.rosters.plan(read_roster(data).rows, LANGUAGES)
        assert (plan.changes, plan.bad, plan.unchanged) == (False, [], 5)


def test_an_export_is_of_one_course_or_of_an_institution_with_all_below_it(store):
    store.institutions.add("gasabo", "Gasabo", "minict")
    store.people.add("deep.d", "Deep", institution="gasabo")
    assert {row[0] for row in store.rosters.exported(course=COURSE)} == {*LEARNERS, TRAINER}
    assert {row[0] for row in store.rosters.exported(institution="minict")} == {*LEARNERS, TRAINER, "deep.d"}
    assert [row[0] for row in store.rosters.exported(institution="gasabo")] == ["deep.d"]


def test_closed_accounts_are_not_exported(store):
    store.people.set_disabled(AMINA, True)
    assert AMINA not in {row[0] for row in store.rosters.exported()}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("david.h,,,,,,,,", "no-name"),
        (f"david.h,{'N' * 201},,,,,,,", "long-name"),
        (",David,,,,,,,", "no-account"),
        ("David H,David,,,,,,,", "bad-username"),
        ("david.h,David,not an address,,,,,,", "bad-email"),
        ("david.h,David,,tlh,,,,,", "unknown-language"),
        ("david.h,David,,,Nowhere,,,,", "unknown-institution"),
        ("david.h,David,,,,,nothing,,", "unknown-course"),
        ("david.h,David,,,,king,,,", "unknown-role"),
        ("david.h,David,,,,administrator,,,", "administrator"),
        ("david.h,David,,,,coordinator,,,", "coordinator"),
        (f"david.h,David,,,,,{COURSE},boss,", "unknown-part"),
        ("david.h,David,,,,,,,Class A", "class-without-course"),
        (f"david.h,David,,,,,{COURSE},,{'C' * 201}", "long-title"),
        ("closed.c,Closed,,,,,,,", "closed"),
    ],
)
def test_each_bad_row_is_named_with_its_reason_and_does_not_hold_up_the_others(store, row, reason):
    store.people.add("closed.c", "Closed")
    store.people.set_disabled("closed.c", True)
    plan = planned(store, f"{PEOPLE}\n{row}\nesther.i,Esther,,,,,,,\n")
    assert reasons(plan) == [(2, reason)]
    assert list(plan.new_people) == ["esther.i"]


def test_two_rows_about_one_person_may_not_contradict_each_other(store):
    plan = planned(store, f"{PEOPLE}\nd.h,David,,en,,,,,\nd.h,David,,fr,,,,,\n")
    assert reasons(plan) == [(3, "conflict")]
    plan = planned(store, f"{PEOPLE}\nd.h,David,,,,,{COURSE},,A\nd.h,David,,,,,{COURSE},,B\n")
    assert reasons(plan) == [(3, "conflict")]


def test_a_person_without_a_user_name_is_known_by_their_address_the_next_time(store):
    text = "name,email\nAmina Keza,new@x.rw\nAmina Keza,other@x.rw\n"
    first = store.rosters.carry_out(rows(text), LANGUAGES)
    assert sorted(first.new_people) == ["amina.k2", "amina.k3"]
    assert not store.rosters.carry_out(rows(text), LANGUAGES).changes


def test_an_address_that_several_accounts_share_names_nobody(store):
    store.rosters.carry_out(rows("name,username,email\nA,a,x@x.rw\nB,b,x@x.rw"), LANGUAGES)
    assert reasons(planned(store, "name,email\nA,x@x.rw")) == [(2, "shared-email")]


@pytest.mark.parametrize(
    ("name", "username"),
    [("Amina Keza", "amina.k"), ("Élodie de l’Œuvre", "elodie.o"), ("Uwase", "uwase"), ("آمنة", "")],
)
def test_a_user_name_is_made_of_a_name(name, username):
    assert username_from(name) == username


def test_what_is_missing_is_made_only_if_asked_for(store):
    text = f"{PEOPLE}\nd.h,David,,,Ministry of Health,,Nurses 2026,,A\nd.i,Dora,,,ministry of health,,nurses-2026,,a\n"
    assert reasons(planned(store, text)) == [(2, "unknown-institution"), (3, "unknown-institution")]
    plan = store.rosters.carry_out(rows(text), LANGUAGES, make_missing=True)
    assert (plan.new_institutions, plan.new_courses) == (
        {"ministry-of-health": "Ministry of Health"},
        {"nurses-2026": "Nurses 2026"},
    )
    assert [each.members for each in store.classes.classes("nurses-2026")] == [2]


def test_an_administrator_keeps_that_role_whatever_a_roster_says(store):
    store.rosters.carry_out(rows(f"{PEOPLE}\nadmin,Administrator,,,,learner,,,\n"), LANGUAGES)
    assert store.people.roles("admin") == ["administrator", "learner"]


def test_a_draft_is_its_owners_and_opens_only_with_its_word(store):
    token = store.rosters.keep_draft("admin", "name,username")
    assert store.rosters.draft("admin", token) == "name,username"
    assert store.rosters.draft(AMINA, token) is None
    newer = store.rosters.keep_draft("admin", "other")
    assert store.rosters.draft("admin", token) is None
    store.rosters.drop_draft(newer)
    assert store.rosters.draft("admin", newer) is None


def big(number):
    lines = (
        f"p{i:06},Person {i},p{i}@x.rw,fr,Inst {i % 50},learner,Course {i % 20},,Class {i % 400 // 20}"
        for i in range(number)
    )
    return "\n".join([PEOPLE, *lines])


@pytest.mark.parametrize("number", [2_000, pytest.param(100_000, marks=pytest.mark.full)])
def test_a_ministrys_roster_needs_a_bounded_number_of_statements(store, number):
    from sqlalchemy import event

    said = []
    event.listen(store.database.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    plan = store.rosters.carry_out(rows(big(number)), LANGUAGES, make_missing=True)
    assert len(plan.new_people) == len(plan.enrolled) == number
    # Four reads for every 500 names, bulk inserts of 5,000 rows, and a constant number besides.
    assert len(said) <= 8 * number / 500 + 5 * number / 5_000 + 40
