"""The site of the pages: what is made from the code, and that every page has its place and no link is dead."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from docs.site import reference_pages, site_build
from graders.contract.message_keys import FRAMES, SENTENCES
from hub.campus.web.audit_words import ACTIONS
from hub.command_line import VERBS


def test_the_reference_has_every_setting_with_its_default_and_what_it_must_be() -> None:
    page = reference_pages.settings_page()
    for row in (
        "| `grading.cell_seconds` | `30` | Write a whole number of seconds",
        "| `ports.hub` | `8081` | Write a port number from 1024 to 65535",
        "| `backup.keep_daily` | `14` | ",
        '| `oidc.username_claim` | `"preferred_username"` | ',
    ):
        assert row in page
    assert '| `trainer.memory` | `"2 GiB"` |' in page


def test_the_reference_has_every_verb_with_its_options_and_leaves_the_terminal_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LANGUAGE", "fr")
    page = reference_pages.verbs_page()
    assert os.environ["LANGUAGE"] == "fr"
    assert "show this help and do nothing else" in page
    assert [line[3:] for line in page.splitlines() if line.startswith("## ")] == list(VERBS)
    assert "--make-missing" in page


def test_the_reference_has_every_audit_action_and_every_message_of_the_engine() -> None:
    assert all(f"| `{code}` | {words} |" in reference_pages.audit_page() for code, words in ACTIONS.items())
    rows = [line for line in reference_pages.messages_page().splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == [*SENTENCES, *FRAMES]
    assert any(
        row.startswith("| `too-much-output` | A task printed without end. |  | Stopped: this") for row in rows
    )
    assert any(
        "| `file, language, kernel`" not in row and "| `file, kernel, language` |" in row for row in rows
    )


def test_every_page_is_in_the_contents_of_the_site(tmp_path: Path) -> None:
    site_build.lay_out(tmp_path)
    listed = {page for pages in site_build.CONTENTS.values() for page in pages}
    made = {str(path.relative_to(tmp_path).with_suffix("")) for path in tmp_path.rglob("*.md")}
    assert made - {page for page in made if page.startswith("docs/decisions/0")} == listed | {"index"}


def test_a_link_to_a_folder_or_to_the_front_page_leads_to_a_page_of_the_site() -> None:
    assert site_build.linked("[a](docs/decisions/) [b](decisions/) [c](../README.md) [d](x.md)") == (
        "[a](docs/decisions/index.md) [b](decisions/index.md) [c](../index.md) [d](x.md)"
    )


def test_the_site_is_built_without_a_warning(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert site_build.build(tmp_path / "site") == 0, capfd.readouterr().err
    front = (tmp_path / "site" / "index.html").read_text("utf-8")
    assert "docs/reference/settings.html" in front
    assert "learner.png" in front


def test_a_dead_link_stops_the_build(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "index.md").write_text("# One page\n\n[gone](nowhere.md)\n")
    assert site_build.run_sphinx(source, tmp_path / "site") != 0
    assert "nowhere.md" in capfd.readouterr().err
