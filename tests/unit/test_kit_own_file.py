"""A learner's own list becomes a table, however the office saved it; what cannot be read says what to do."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from labs.kit.kit_sentences import kit_sentence
from labs.kit.lab_session import Lab
from labs.kit.own_file import SENTENCES, OwnFileError, as_number, column_separator, decoded_text, load_own

ROWS = "district;motif;minutes\nHuye;délivrance;12\nGasabo;appel;7\n"
SHEET = """<?xml version="1.0" encoding="UTF-8"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>district</t></is></c><c r="B1" t="inlineStr"><is><t>minutes</t></is></c></row>
<row r="2"><c r="A2" t="inlineStr"><is><t>Huye</t></is></c><c r="B2"><v>12</v></c></row>
<row r="3"><c r="A3" t="inlineStr"><is><t>Gasabo</t></is></c><c r="B3"><v>7</v></c></row>
</sheetData></worksheet>"""
BOOK = """<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>
<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"""
RELATIONS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
 Target="worksheets/sheet1.xml"/></Relationships>"""


def write_xlsx(path: Path) -> None:
    """The smallest Excel file that there is."""
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(
            "_rels/.rels",
            RELATIONS.replace('worksheet"', 'officeDocument"').replace("worksheets/sheet1", "xl/workbook"),
        )
        packed.writestr("xl/workbook.xml", BOOK)
        packed.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        packed.writestr("xl/worksheets/sheet1.xml", SHEET)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("sign", [";", ",", "\t", "|"])
def test_a_text_file_is_read_whatever_its_encoding_and_separator(
    tmp_path: Path, encoding: str, sign: str
) -> None:
    (tmp_path / "visits.csv").write_bytes(ROWS.replace(";", sign).encode(encoding))
    table = load_own("visits.csv", tmp_path)
    assert table.columns.tolist() == ["district", "motif", "minutes"]
    assert table["motif"].tolist() == ["délivrance", "appel"]
    assert table["minutes"].sum() == 19


def test_an_excel_file_is_read_and_its_numbers_are_numbers(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "Visits.xlsx")
    table = load_own("visits", tmp_path)  # without its ending, in other letters
    assert table["district"].tolist() == ["Huye", "Gasabo"]
    assert table["minutes"].sum() == 19


@pytest.mark.parametrize(
    ("text", "number"),
    [("1 200", 1200), ("1,200", 1200), ("12,5", 12.5), ("-3.25", -3.25), ("1’200", 1200), ("about 40", None),
     ("0788123456", None), ("1 1988 8 0000000 0 00", None), ("", None)],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them_and_phones_stay_text(text: str, number: float | None) -> None:
    assert as_number(text) == number


def test_a_comma_inside_quotation_marks_separates_nothing() -> None:
    assert column_separator('name;note\nA;"one, two, three"\nB;"four, five"\n') == ";"


def test_text_of_an_old_office_program_keeps_its_accents() -> None:
    assert (
        decoded_text("école à Nyanza, reçu, délai, même, où".encode("cp1252"))
        == "école à Nyanza, reçu, délai, même, où"
    )


def test_empty_and_doubled_names_of_columns_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("day,,day\n1,2,3\n")
    assert load_own("a.csv", tmp_path).columns.tolist() == ["day", "column 2", "day (3)"]


def broken(folder: Path) -> dict[str, str]:
    """Files that cannot be read, by the key of their sentence."""
    (folder / "photo.jpg").write_bytes(b"\xff\xd8")
    (folder / "broken.xlsx").write_bytes(b"no sheet")
    (folder / "head.csv").write_text("a;b;c\n")
    (folder / "wide.csv").write_text(",".join("abc" * 100) + "\n1\n")
    with (folder / "huge.csv").open("wb") as file:
        file.truncate((20 << 20) + 1)
    with zipfile.ZipFile(folder / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (201 << 20))
    return {
        "photo.jpg": "no-such-kind",
        "broken.xlsx": "cannot-be-read",
        "head.csv": "empty",
        "wide.csv": "too-long",
        "huge.csv": "too-large",
        "bomb.xlsx": "too-large",
        "other.xlsx": "no-file",
        "../secret.csv": "no-file",
    }


def test_what_cannot_be_read_says_so_in_a_sentence_and_in_french_too(tmp_path: Path) -> None:
    (tmp_path.parent / "secret.csv").write_text(ROWS)
    seen = {}
    for name in broken(tmp_path):
        with pytest.raises(OwnFileError) as refused:
            load_own(name, tmp_path)
        seen[name] = refused.value.key
        assert kit_sentence(SENTENCES[refused.value.key], "fr", **refused.value.values) != str(refused.value)
    assert seen == broken(tmp_path)


def test_what_is_no_name_of_a_file_says_how_one_is_written(tmp_path: Path) -> None:
    for given in (12, ["visits.xlsx"], None):
        with pytest.raises(OwnFileError) as refused:
            load_own(given, tmp_path)  # type: ignore[arg-type] - a learner's answer
        assert refused.value.key == "no-name"


def test_where_work_is_graded_a_list_that_is_not_there_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Lab(grading=True).load_own("visits.xlsx") is None
    with pytest.raises(OwnFileError):
        Lab().load_own("visits.xlsx")
