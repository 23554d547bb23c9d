"""A spreadsheet comes in: its layout is found, a person confirms, every finding of personal data is answered."""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.prototype_kit import data_intake
from labs.prototype_kit.application.bench_sentences import PrototypeError
from labs.prototype_kit.application.data_contract import (
    BadValue,
    Column,
    Contract,
    plain_number,
    read_contract,
    toml_value,
    write_contract,
)
from labs.prototype_kit.application.table_reading import (
    date_formats,
    find_encoding,
    find_layout,
    find_separator,
    look_at_columns,
    read_rows,
)
from labs.prototype_kit.data_intake import bring_in, propose_intake
from labs.prototype_kit.personal_data import Scan, answer_fault, masked_example
from labs.prototype_kit.table_checks import check_table

HEADER = ["Nom du demandeur", "reçu le", "district", "frais", "lettre", "urgent"]
LETTERS = (
    "Monsieur Kabano Éric demande une réponse.",
    "Mon numéro est 1 2007 7 0045318 0 62, tél. 0788 123 456.",
    "Rien à signaler cette fois-ci.",
    "Écrire à jean.k@exemple.rw svp",
)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISOMO_LANG", "en")


def _rows(count: int) -> list[list[str]]:
    day = dt.date(2026, 1, 1)
    return [
        [
            f"Uwera Chantal {n % 9}",
            (day + dt.timedelta(days=n % 300)).strftime("%d/%m/%Y"),
            ("Huye", "Gasabo", "Musanze")[n % 3],
            f"{n % 50},50",
            LETTERS[n % len(LETTERS)] + f" n° {n}",
            ("oui", "non")[n % 2],
        ]
        for n in range(count)
    ]


def _spreadsheet(path: Path, count: int = 400, encoding: str = "cp1252") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(HEADER)
        out.writerows(_rows(count))
    return path


def _answer(project: Path, answer: str) -> None:
    path = project / "data" / "intake.toml"
    text = re.sub(
        r'(?m)^(".*: (?:name|phone|identity|e-mail|address)") = ""$',
        rf'\1 = "{answer}"',
        path.read_text("utf-8"),
    )
    path.write_text(text, "utf-8")


def test_a_spreadsheet_in_windows_1252_with_semicolons_comes_in_without_the_people_in_it(tmp_path):
    intake = propose_intake(tmp_path, _spreadsheet(tmp_path / "own.csv"))
    text = intake.read_text("utf-8")
    assert 'encoding = "cp1252"' in text
    assert 'separator = ";"' in text
    assert not any(word in text for word in ("Chantal", "Kabano", "0788"))
    for key in (
        "Nom du demandeur: name",
        "lettre: name",
        "lettre: identity",
        "lettre: phone",
        "lettre: e-mail",
    ):
        assert f'"{key}" = ""' in text
    with pytest.raises(PrototypeError, match="Answer “Nom du demandeur: name” with remove, replace, or keep"):
        bring_in(tmp_path)
    _answer(tmp_path, "remove")
    facts = bring_in(tmp_path)
    kept = (tmp_path / "data" / "data.csv").read_text("utf-8")
    assert facts["rows"] == 400
    assert "Nom du demandeur" not in kept
    assert not any(word in kept for word in ("Kabano", "0788", "jean.k@", "0045318"))
    assert "[identity]" in kept
    assert "2026-01-02" in kept
    assert "réponse" in kept
    types = {column.name: column.type for column in read_contract(tmp_path / "contract.toml").columns}
    assert types == {
        "reçu le": "date",
        "district": "category",
        "frais": "number",
        "lettre": "text",
        "urgent": "yes-no",
    }


def test_a_replaced_name_is_the_same_cover_each_time_and_no_name(tmp_path):
    propose_intake(tmp_path, _spreadsheet(tmp_path / "own.csv"))
    _answer(tmp_path, "replace")
    bring_in(tmp_path)
    with (tmp_path / "data" / "data.csv").open(encoding="utf-8", newline="") as file:
        covers = [row["Nom du demandeur"] for row in csv.DictReader(file)]
    assert covers[0] == covers[9]
    assert len(set(covers)) == 9
    assert all(re.fullmatch(r"name-[0-9a-f]{8}", cover) for cover in covers)


@pytest.mark.parametrize("answer", ["", "yes", "keep", "keep because we can"])
def test_an_answer_without_a_reason_is_no_answer(answer):
    assert answer_fault(answer)


def test_keeping_personal_data_needs_a_sentence_and_is_written_down(tmp_path):
    propose_intake(tmp_path, _spreadsheet(tmp_path / "own.csv"))
    _answer(tmp_path, "keep because article 12 of the office's rules asks for it")
    facts = bring_in(tmp_path)
    assert "article 12" in facts["answers"]["lettre: phone"]
    assert "took in" in (tmp_path / "data" / "access.log").read_text("utf-8")


def test_examples_of_personal_data_show_their_shape_only():
    assert masked_example("Uwera Chantal 0788") == "U···· C······ 0000"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("id 1199880012345678", "identity"),
        ("ID 1 1998 8 0012345 6 78", "identity"),
        ("call +250 788 123 456 now", "phone"),
        ("0728123456", "phone"),
        ("write to a.b@c.rw", "e-mail"),
        ("Madamu Uwase yaje", "name"),
        ("I am called Jean Bosco", "name"),
        ("rue Nyarugenge 12", "address"),
        ("KG 11 Ave, second floor", "address"),
    ],
)
def test_what_names_a_person_is_found(text, kind):
    scan = Scan(["text"])
    scan.read({"text": [text]})
    assert kind in {finding.kind for finding in scan.findings()}


@pytest.mark.parametrize("text", ["fee 1500 on 2026-11-23", "12 letters, 3 desks", "Huye", "case C25-00001"])
def test_ordinary_cells_are_no_findings(text):
    scan = Scan(["text"])
    scan.read({"text": [text] * 3})
    assert scan.findings() == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "mac_roman", "cp850", "utf-16"])
def test_the_encoding_is_found_by_what_is_written_in_it(encoding):
    text = "\n".join(f"{name};Demande reçue à l'été, déjà traitée" for name in ("Éric", "Zoé", "Noël")) + "\n"
    assert text.encode(encoding).decode(find_encoding([text.encode(encoding)])).lstrip("\ufeff") == text


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_the_one_that_makes_columns(separator):
    assert (
        find_separator(
            "\n".join(separator.join(["a, b" if separator != "," else "a", "1", "x"]) for _ in range(9))
        )
        == separator
    )


@pytest.mark.parametrize("pattern", ["%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y"])
def test_a_column_of_dates_is_known_by_its_format(pattern):
    days = [(dt.date(2026, 1, 1) + dt.timedelta(days=n)).strftime(pattern) for n in range(40)]
    assert date_formats(days) == (pattern,)


def test_three_date_formats_in_one_column_are_all_named():
    cells = ["23/11/2026", "24/11/2026", "2026-11-25", "2026-11-26", "27.11.2026", "28.11.2026"]
    (seen,) = look_at_columns(["day"], [[cell] for cell in cells])
    assert set(seen.formats) == {"%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y"}
    assert [str(seen.column.value(cell)) for cell in cells] == [f"2026-11-{n}" for n in range(23, 29)]


def test_a_date_that_could_be_read_in_two_ways_is_asked_about():
    (seen,) = look_at_columns(["day"], [["03/04/2026"], ["05/06/2026"]])
    assert seen.ambiguous == "03/04/2026"
    (settled,) = look_at_columns(["day"], [["03/04/2026"], ["25/06/2026"]])
    assert settled.ambiguous == ""


def test_a_code_with_a_leading_zero_is_no_number():
    (seen,) = look_at_columns(["code"], [[f"0{n}"] for n in range(100, 200)])
    assert seen.column.type == "text"


@settings(deadline=None, max_examples=50)
@given(st.floats(-1e9, 1e9).map(lambda x: round(x, 2)))
def test_a_number_is_read_as_english_and_french_write_it(number):
    french = f"{number:,.2f}".replace(",", "\u202f").replace(".", ",")
    assert float(plain_number(french)) == float(plain_number(f"{number:,.2f}")) == pytest.approx(number)


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=40))
def test_any_text_survives_the_way_through_toml(text):
    import tomllib

    assert tomllib.loads(f"value = {toml_value(text)}")["value"] == text


def test_a_contract_comes_back_as_it_was_written(tmp_path):
    contract = Contract(
        (
            Column("a “b” \\ c", "category", known=("x", 'y"z')),
            Column("day", "date", "time", True, ("%d/%m/%Y",)),
            Column("n", "whole", minimum=0.0, maximum=9.0),
        )
    )
    write_contract(contract, tmp_path / "contract.toml")
    assert read_contract(tmp_path / "contract.toml") == contract


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "own.csv is empty"),
        ("a;b\n", "a header and no rows"),
        ("a;a\n1;2\n", "Two columns are called a"),
        ("a;;c\n1;2;3\n", "Column 2 has no name"),
        ("a;b\n1;\0\n", "binary data"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_reason(tmp_path, text, sentence):
    path = tmp_path / "own.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(PrototypeError, match=sentence):
        propose_intake(tmp_path, path)


def test_a_file_over_two_gigabytes_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(data_intake, "LARGEST", 100)
    with pytest.raises(PrototypeError, match="larger than 2 GB"):
        propose_intake(tmp_path, _spreadsheet(tmp_path / "own.csv"))


def test_a_line_in_another_encoding_is_named(tmp_path):
    path = tmp_path / "own.csv"
    path.write_bytes(b"a;b\n" + b"x;y\n" * 70_000 + "é;1\n".encode("cp1252") + b"x;y\n" * 600_000)
    layout = find_layout(path)
    with pytest.raises(PrototypeError, match="Name the encoding"):
        list(read_rows(path, layout))


def test_rows_that_do_not_fit_are_listed_without_what_was_in_them(tmp_path):
    path = _spreadsheet(tmp_path / "own.csv")
    lines = path.read_text("cp1252").splitlines()
    lines[5] = lines[5].replace("/2026", "/20x6")
    path.write_text("\n".join(lines) + "\n", "cp1252")
    (tmp_path / "data").mkdir()
    text = propose_intake(tmp_path, path).read_text("utf-8")
    (tmp_path / "data" / "intake.toml").write_text(
        text.replace(
            'name = "reçu le"\ntype = "text"', 'name = "reçu le"\ntype = "date"\nformats = ["%d/%m/%Y"]'
        ),
        "utf-8",
    )
    _answer(tmp_path, "remove")
    assert bring_in(tmp_path)["refused"] == 1
    assert (tmp_path / "data" / "refused.csv").read_text("utf-8").splitlines()[1] == "6,reçu le"


def test_a_wrong_type_is_not_taken_for_many_bad_rows(tmp_path):
    propose_intake(tmp_path, _spreadsheet(tmp_path / "own.csv"))
    path = tmp_path / "data" / "intake.toml"
    path.write_text(
        path.read_text("utf-8").replace(
            'name = "district"\ntype = "category"', 'name = "district"\ntype = "whole"'
        ),
        "utf-8",
    )
    _answer(tmp_path, "remove")
    with pytest.raises(
        PrototypeError, match="400 of 400 rows do not fit, most of them by the column district"
    ):
        bring_in(tmp_path)


def test_a_disk_that_fills_up_leaves_the_earlier_data_alone(tmp_path, monkeypatch):
    propose_intake(tmp_path, _spreadsheet(tmp_path / "own.csv"))
    _answer(tmp_path, "remove")
    bring_in(tmp_path)
    before = (tmp_path / "data" / "data.csv").read_bytes()

    def full(*_words: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(data_intake, "stored_value", full)
    with pytest.raises(
        PrototypeError, match=r"No space left on device\. The data that was there before is untouched"
    ):
        bring_in(tmp_path)
    assert (tmp_path / "data" / "data.csv").read_bytes() == before
    assert not list((tmp_path / "data").glob("*.part"))


def test_an_excel_file_comes_in_with_its_days_as_days(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["day", "count", "text"])
    for n in range(30):
        sheet.append([dt.datetime(2026, 1, 1) + dt.timedelta(days=n), n * 2.0, f"word {n}"])
    book.save(tmp_path / "own.xlsx")
    propose_intake(tmp_path, tmp_path / "own.xlsx")
    bring_in(tmp_path)
    columns = read_contract(tmp_path / "contract.toml").columns
    assert [column.type for column in columns] == ["date", "whole", "text"]


CONTRACT = Contract(
    (
        Column("day", "date", "time", True),
        Column("n", "whole", minimum=0.0, maximum=9.0),
        Column("share", "number"),
        Column("ok", "yes-no", required=True),
    )
)


@pytest.mark.parametrize(
    ("row", "good"),
    [
        ({"day": "2026-11-23", "n": "3", "share": "0.5", "ok": "yes"}, True),
        ({"day": "2026-11-23", "n": "", "share": "", "ok": "no"}, True),
        ({"day": "", "n": "3", "share": "0.5", "ok": "yes"}, False),
        ({"day": "2026-11-23", "n": "12", "share": "0.5", "ok": "yes"}, False),
        ({"day": "2026-11-23", "n": "2.5", "share": "0.5", "ok": "yes"}, False),
        ({"day": "2026-11-23", "n": "3", "share": "much", "ok": "yes"}, False),
        ({"day": "2026-11-23", "n": "3", "share": "0.5", "ok": ""}, False),
    ],
)
def test_one_row_and_the_whole_table_are_judged_alike(tmp_path, row, good):
    """The application checks rows with plain Python, the bench with pandera: one contract, one judgement."""
    path = tmp_path / "data.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(row))
        out.writeheader()
        out.writerows([{"day": "2026-01-01", "n": "1", "share": "1", "ok": "no"}, row])

    def by_row() -> bool:
        try:
            return bool([column.value(row[column.name]) for column in CONTRACT.columns])
        except BadValue:
            return False

    def by_table() -> bool:
        try:
            return check_table(CONTRACT, path) == 2
        except PrototypeError:
            return False

    assert by_row() is good
    assert by_table() is good


def test_three_date_formats_in_one_column_come_in_as_the_same_days(tmp_path):
    days = [dt.date(2025, 1, 13) + dt.timedelta(days=7 * n) for n in range(60)]
    patterns = ("%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y")
    lines = [f"{day.strftime(patterns[n % 3])};{n}" for n, day in enumerate(days)]
    (tmp_path / "own.csv").write_text("\n".join(["received;days", *lines]), "utf-8")
    assert "3 date formats" in propose_intake(tmp_path, tmp_path / "own.csv").read_text("utf-8")
    assert bring_in(tmp_path)["refused"] == 0
    with (tmp_path / "data" / "data.csv").open(encoding="utf-8", newline="") as file:
        assert [row["received"] for row in csv.DictReader(file)] == [str(day) for day in days]


def test_of_a_file_with_a_tenth_of_broken_rows_the_good_ones_come_in_and_the_others_are_named(tmp_path):
    lines = [f"2025-01-{n % 28 + 1:02};{'many' if n % 10 == 9 else n}" for n in range(200)]
    (tmp_path / "own.csv").write_text("\n".join(["received;days", *lines]), "utf-8")
    path = propose_intake(tmp_path, tmp_path / "own.csv")
    text = re.sub(r'(name = "days"\ntype = )"\w+"', r'\1"whole"', path.read_text("utf-8"))
    path.write_text(text, "utf-8")
    facts = bring_in(tmp_path)
    assert (facts["rows"], facts["refused"]) == (180, 20)
    refused = (tmp_path / "data" / "refused.csv").read_text("utf-8").splitlines()
    assert refused[1] == "11,days"
