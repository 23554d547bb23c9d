"""Limits of homes: which way there is on a machine, and what the parts do with a home that is full."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from hub import home_images, home_limits, project_quotas
from hub.hub_process.container_safety import host_config
from hub.isomo_settings import Settings, parse_settings
from hub.ops import home_checks
from hub.ops.container_body import Policy, homes_in
from labs.kit import lab_opening
from labs.kit.beginner_errors import Explainer
from labs.kit.home_files import Home, is_full

MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
30 22 8:1 / /srv rw,relatime shared:9 - {kind} /dev/sda1 {options}
"""
KEPT = {
    "ext4 with the option": ("ext4", "rw,prjquota"),
    "XFS with the option": ("xfs", "rw,attr2,inode64,prjquota"),
    "XFS with the option's other name": ("xfs", "rw,pquota"),
}
NOT_KEPT = {
    "ext4 without it": ("ext4", "rw"),
    "quotas of users only": ("ext4", "rw,usrquota,grpquota"),
    "XFS that counts and keeps nothing": ("xfs", "rw,pqnoenforce"),
    "a file system that has none": ("nfs4", "rw,prjquota"),
}


def mount(kind: str, options: str) -> project_quotas.Mount:
    return project_quotas.Mount(kind, "/dev/sda1", frozenset(options.split(",")))


def settings(state: Path = Path("/srv/isomo"), **more: object) -> Settings:
    return parse_settings({"state": str(state), **more})


@pytest.mark.parametrize("name", KEPT)
def test_project_quotas_are_used_where_the_mount_keeps_them(name: str) -> None:
    assert home_limits.choose_way(settings(), mount(*KEPT[name])) == "quota"
    assert home_limits.choose_way(settings(home_images=True), mount(*KEPT[name])) == "quota"


@pytest.mark.parametrize("name", NOT_KEPT)
def test_elsewhere_homes_are_images_if_the_administrator_chose_them_and_else_have_no_limit(name: str) -> None:
    assert home_limits.choose_way(settings(home_images=True), mount(*NOT_KEPT[name])) == "image"
    assert home_limits.choose_way(settings(), mount(*NOT_KEPT[name])) == "none"


def test_an_image_is_mounted_on_one_machine_so_a_swarm_has_none() -> None:
    there = mount("ext4", "rw")
    assert home_limits.choose_way(settings(home_images=True, spawner="swarm"), there) == "none"
    assert home_limits.choose_way(settings(spawner="swarm"), mount("xfs", "rw,prjquota")) == "quota"


def test_servers_without_containers_have_no_limit() -> None:
    assert home_limits.choose_way(settings(evaluate=True), mount("xfs", "rw,prjquota")) == "none"


def test_the_mount_of_a_folder_is_found_by_its_device(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(Path, "stat", lambda *_a, **_k: type("Stat", (), {"st_dev": 8 << 8 | 1})())
    found = project_quotas.mount_of(Path("/srv"), MOUNTS.format(kind="xfs", options="rw,prjquota"))
    assert found == mount("xfs", "rw,prjquota")


def test_a_limit_that_cannot_be_set_leaves_the_home_as_it_is(tmp_path, monkeypatch) -> None:
    home = tmp_path / "homes" / "ab12"
    home.mkdir(parents=True)
    (home / "work").write_text("hers")
    monkeypatch.setattr(home_limits, "way_here", lambda *_words: "quota")

    def refuse(*_words: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(project_quotas, "limit_folder", refuse)
    assert not home_limits.limit_home(settings(tmp_path), home, 1 << 20)
    assert (home / "work").read_text() == "hers"


def test_a_home_whose_image_cannot_be_mounted_is_not_shown_empty(tmp_path, monkeypatch) -> None:
    """Also if images were switched off since."""
    home = tmp_path / "homes" / "ab12"
    home.mkdir(parents=True)
    image = home_images.image_of(settings(tmp_path), home)
    image.parent.mkdir()
    image.write_bytes(b"")

    def refuse(*_words: object) -> None:
        raise home_images.ImageError("mount: no loop device")

    monkeypatch.setattr(home_images, "mount_home", refuse)
    with pytest.raises(home_limits.HomeAwayError, match="no loop device"):
        home_limits.limit_home(settings(tmp_path), home, 1 << 20)


def test_a_link_in_the_place_of_a_home_is_not_followed(tmp_path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("kept")
    (tmp_path / "homes").mkdir()
    link = tmp_path / "homes" / "ab12"
    link.symlink_to(elsewhere)
    assert not home_limits.limit_home(settings(tmp_path, home_images=True), link, 32 << 20)
    with pytest.raises(NotADirectoryError):
        project_quotas.limit_folder(link, 32 << 20)
    assert (elsewhere / "kept").read_text() == "kept"


def test_erasing_a_folder_inside_a_home_takes_no_limit_away(tmp_path, monkeypatch) -> None:
    inside = tmp_path / "homes" / "trainer" / "submitted" / "amina.k"
    inside.mkdir(parents=True)
    monkeypatch.setattr(home_limits, "way_here", lambda *_words: "quota")
    monkeypatch.setattr(project_quotas, "forget_folder", lambda folder: pytest.fail(str(folder)))
    home_limits.forget_home(settings(tmp_path), inside)


def test_the_filter_limits_the_home_that_a_container_mounts_and_nothing_else(tmp_path) -> None:
    chosen = settings(tmp_path, learner={"home_quota": "1 GiB"}, trainer={"home_quota": "1 GiB"})
    home = tmp_path / "homes" / "ab12"
    home.mkdir(parents=True)
    policy = Policy(chosen, frozenset())
    limits = host_config(chosen.learner)["ulimits"]
    binds = [f"{home}:/home/learner:rw", "/etc:/home/learner:rw", f"{tmp_path}/homes/none:/home/learner:rw"]
    assert list(homes_in({"Ulimits": limits, "Binds": binds}, policy)) == [(home, 1 << 30)]
    more = [{"Name": "fsize", "Soft": 1 << 40, "Hard": 1 << 40}]
    assert list(homes_in({"Ulimits": more, "Binds": binds}, policy)) == [(home, 1 << 30)]
    assert list(homes_in({}, policy)) == []


def test_doctor_claims_no_limit_where_there_is_none_and_says_what_to_do(tmp_path, monkeypatch) -> None:
    (tmp_path / "homes").mkdir()
    monkeypatch.setattr(home_limits, "way_here", lambda *_words: "none")
    (found,) = home_checks.home_checks(settings(tmp_path))
    assert found.grade == "look"
    assert found.text == "no limit: a single file is never larger than 2 GiB, a home is only watched"
    assert "prjquota" in found.do
    assert "home_images = true" in found.do


def test_doctor_on_a_swarm_names_the_file_server(tmp_path, monkeypatch) -> None:
    (tmp_path / "homes").mkdir()
    monkeypatch.setattr(home_limits, "way_here", lambda *_words: "none")
    (found,) = home_checks.home_checks(settings(tmp_path, spawner="swarm"))
    assert found.do == "Have the file server keep project quotas: docs/how-to/limit-homes.md"


@pytest.mark.parametrize(
    ("refused", "written", "problem"),
    [
        (True, 20 << 20, ""),
        (False, 48 << 20, "48 MiB were written into a folder of 24 MiB"),
        (True, 40 << 20, "40 MiB were written into a folder of 24 MiB"),
    ],
    ids=["no more was taken", "all was taken", "more than the limit was taken"],
)
def test_a_limit_is_claimed_only_if_a_home_that_was_filled_took_no_more(
    tmp_path, monkeypatch, refused: bool, written: int, problem: str
) -> None:
    (tmp_path / "homes").mkdir()
    monkeypatch.setattr(home_limits, "limit_home", lambda *_words: True)
    said = json.dumps({"refused": refused, "written": written}).encode()
    monkeypatch.setattr(home_checks, "_filled", lambda *_words: said)
    monkeypatch.setattr(home_checks.os, "chown", lambda *_words: None)
    client: object = None
    assert home_checks.try_limit(client, settings(tmp_path), home_checks.limited_homes(settings())) == problem  # type: ignore[arg-type]
    assert list((tmp_path / "homes").iterdir()) == []


FULL_CODES = (errno.ENOSPC, errno.EDQUOT)


@pytest.mark.parametrize("code", FULL_CODES, ids=["a full disk", "a full quota"])
def test_a_learner_whose_home_is_full_gets_a_sentence_for_it(code: int) -> None:
    assert is_full(OSError(code, "no"))
    said = Explainer("en", [], []).explain(OSError(code, "no"))
    assert said == (
        "Your folder is full, so this was not written. What is there already is kept. "
        "Delete files that you do not need, then run the cell again."
    )


@pytest.mark.parametrize("code", FULL_CODES, ids=["a full disk", "a full quota"])
def test_a_lab_that_is_at_home_opens_in_a_full_home(tmp_path, monkeypatch, code: int) -> None:
    """Its owner has to come in to make room."""

    def refuse(*_words: object, **_more: object) -> None:
        raise OSError(code, "no")

    monkeypatch.setattr(lab_opening.Place, "is_there", property(lambda _place: True))
    monkeypatch.setattr(lab_opening.Place, "copy", refuse)
    assert lab_opening.open_lab(Home(tmp_path), None, "course", "one", "en") is None


@pytest.mark.parametrize("code", FULL_CODES, ids=["a full disk", "a full quota"])
def test_a_new_lab_that_does_not_fit_says_so(tmp_path, monkeypatch, code: int) -> None:
    def refuse(*_words: object, **_more: object) -> None:
        raise OSError(code, "no")

    class Campus:
        def fetch(self, _course: str, _lab: str) -> dict[str, bytes]:
            return {"one.ipynb": b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'}

        def labs(self, _course: str) -> list[object]:
            return []

    monkeypatch.setattr(lab_opening.Place, "begin", refuse)
    said = lab_opening.open_lab(Home(tmp_path), Campus(), "course", "one", "en")
    assert said is not None
    assert said.startswith("Your folder is full, so this lab does not fit into it.")
