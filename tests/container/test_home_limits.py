"""A learner fills their home in a container: what the file system refuses, what she is told, and what goes on.

Images of homes are tried wherever the kernel has loop devices. Project quotas need a kernel that has them.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from hub import home_images, home_limits, project_quotas
from hub.isomo_settings import Settings, parse_settings
from hub.ops import home_checks
from hub.secret_keys import Secrets
from hub.shared_names import opaque_name
from labs.authoring.lab_build import built_files
from labs.authoring.lab_spec import find_lab
from labs.kit import desk_server, hand_in, lab_opening
from labs.kit.desk_lab import DeskLab, text_fingerprint
from labs.kit.home_files import Home
from labs.kit.lab_folder import Place
from tests.conftest import missing
from tests.support.hub_run import Hub, form_token, open_server
from tests.support.learner_kernel import Kernel
from tests.support.small_labs import lab_image, network

pytestmark = pytest.mark.engine

LIMIT = 48 << 20
SLUG = "where-to-set-the-bar"
SETTINGS = {
    "evaluate": False,
    "home_images": True,
    "project": "try-homes",
    "network": {"name": "try-homes", "bridge": "tryhomes0", "subnet": "10.243.0.0/16"},
    "learner": {"memory": "512 MiB", "home_quota": "48 MiB"},
}
FILL = """
import json
written, number = 0, 0
try:
    for part in range(8):  # Several files: one alone has a limit anyway.
        with open(f"filled-{part}", "wb", buffering=0) as file:
            for _ in range(16):
                written += file.write(bytes(1 << 20))
except OSError as error:
    number = error.errno
print(json.dumps([written, number]))
"""


@pytest.fixture(scope="module", autouse=True)
def root() -> None:
    if os.geteuid():
        missing("The right of root to mount a home's image")


@pytest.fixture(scope="module")
def hub(tmp_path_factory, docker_client):
    made = Hub(tmp_path_factory.mktemp("hub"), settings_more=SETTINGS, image=lab_image(docker_client))
    made.town.add("amina.k")
    with network(docker_client, made):
        try:
            yield made.start()
        finally:
            made.stop_all()
            for image in (made.settings.state / home_images.FOLDER).glob("*.img"):
                home_images.remove_image(made.settings, made.settings.state / "homes" / image.stem)


@pytest.fixture(scope="module")
def home(hub) -> Path:
    name = opaque_name(Secrets.load(hub.settings).names_key, "amina.k")
    path = hub.settings.state / "homes" / name
    (path / "older").mkdir(parents=True)
    (path / "older" / "work").write_text("from before there was a limit")
    for each in (path, path / "older", path / "older" / "work"):
        os.chown(each, home_limits.OWNER, home_limits.OWNER)
    return path


@pytest.fixture
def inside(hub, home):
    """Runs code in the learner's kernel; it must print one JSON value, which is returned."""
    browser = hub.signed_in("amina.k")
    assert open_server(browser, "amina.k")[-1].status_code == 200
    kernel = Kernel(hub, browser, "amina.k")
    yield lambda code: json.loads(kernel.run(code))
    kernel.close()


def test_a_home_takes_no_more_than_its_limit_and_goes_on_when_something_is_deleted(hub, home, inside) -> None:
    assert home_images.is_mounted(home)
    assert inside("import json; print(json.dumps(open('/home/learner/older/work').read()))") == (
        "from before there was a limit"
    )
    written, number = inside(FILL)
    assert number == errno.ENOSPC
    assert LIMIT // 2 < written < LIMIT
    assert inside("import json; print(json.dumps(open('/home/learner/older/work').read()))") == (
        "from before there was a limit"
    )
    freed = (
        "import json, os; os.unlink('filled-0'); print(json.dumps(open('again', 'wb').write(bytes(1 << 20))))"
    )
    assert inside(freed) == 1 << 20


def test_a_server_starts_in_a_full_home_and_its_owner_can_make_room(hub, home, inside) -> None:
    inside(FILL)
    browser = hub.signed_in("amina.k")
    stop_server(browser)
    assert open_server(browser, "amina.k")[-1].status_code == 200
    fresh = Kernel(hub, browser, "amina.k")
    try:
        again = "import os; print(open('/home/learner/full', 'wb').write(bytes(1 << 20)))"
        made = "import glob, os; [os.unlink(each) for each in glob.glob('/home/learner/**/filled-*', recursive=True)]"
        assert fresh.run(f"{made}\n{again}") == "1048576\n"
    finally:
        fresh.close()


def stop_server(browser) -> None:
    headers = {"Accept": "application/json", "Sec-Fetch-Mode": "cors"}
    headers["X-XSRFToken"] = form_token(browser.get("/hub/password").text)
    assert browser.delete("/hub/api/users/amina.k/server", headers=headers).status_code in (202, 204)
    for _ in range(100):
        if "is not running" in browser.get("/hub/home").text:
            return
        time.sleep(0.3)
    raise AssertionError(browser.get("/hub/home").text)


def test_the_home_is_there_again_when_its_image_was_unmounted_as_by_a_restart(tmp_path) -> None:
    other = parse_settings({"state": str(tmp_path), "home_images": True})
    folder = tmp_path / "homes" / "ab12"
    folder.mkdir(parents=True)
    (folder / "work").write_text("hers")
    try:
        assert home_limits.limit_home(other, folder, 32 << 20)
        small = os.statvfs(folder).f_blocks
        subprocess.run(["umount", folder], check=True)
        assert list(folder.iterdir()) == []
        (folder / "below").write_text("put there by hand")
        assert home_images.mount_all(other) == []
        assert (folder / "work").read_text() == "hers"
        subprocess.run(["umount", folder], check=True)
        assert home_limits.limit_home(other, folder, 32 << 20)
        subprocess.run(["umount", folder], check=True)
        assert (folder / "below").read_text() == "put there by hand"
        assert home_limits.limit_home(other, folder, 64 << 20)
        assert os.statvfs(folder).f_blocks > 1.5 * small
        assert (folder / "work").read_text() == "hers"
    finally:
        home_limits.forget_home(other, folder)
    assert not home_images.is_mounted(folder)
    assert list((tmp_path / home_images.FOLDER).iterdir()) == []


def test_doctor_says_that_images_keep_the_limit_after_it_tried(hub, docker_client, monkeypatch) -> None:
    lab_image(docker_client)
    monkeypatch.setattr(home_checks.local_images, "lab_image", lambda _settings: hub.image)
    found = home_checks.limit_check(hub.settings)
    assert (found.grade, found.text.splitlines()[0]) == (
        "good",
        "a home takes 48 MiB (a trainer's 2 GiB), kept by an image for each; "
        "one that was filled for a trial took no more",
    )


def test_doctor_says_that_a_limit_does_not_hold_if_it_does_not(hub, monkeypatch) -> None:
    """A home that seems to have its limit and has none."""
    monkeypatch.setattr(home_checks.local_images, "lab_image", lambda _settings: hub.image)
    monkeypatch.setattr(home_limits, "limit_home", lambda *_words: True)
    found = home_checks.limit_check(hub.settings)
    assert (found.grade, found.text) == (
        "bad",
        "it does not hold: 48 MiB were written into a folder of 24 MiB",
    )


@pytest.fixture
def quota_state(tmp_path):
    """A state folder on a file system with project quotas."""
    disk, state = tmp_path / "disk.img", tmp_path / "state"
    with disk.open("wb") as file:
        file.truncate(256 << 20)
    made = ["mkfs.ext4", "-q", "-F", "-O", "quota,project", "-E", "quotatype=prjquota", disk]
    subprocess.run(made, check=True)
    state.mkdir()
    words = ["mount", "-o", "loop,prjquota", disk, state]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.xfail(f"Not seen here, for this kernel has no project quotas for ext4: {done.stderr.strip()}")
    (state / "homes").mkdir()
    yield state
    subprocess.run(["umount", state], check=True)


def test_doctor_says_that_project_quotas_keep_the_limit_after_it_tried(
    hub, quota_state, docker_client, monkeypatch
) -> None:
    """The trial takes its files out of the quota first, as a learner could; the first program in the image refuses."""
    chosen = Settings(state=quota_state)
    monkeypatch.setattr(home_checks.local_images, "lab_image", lambda _settings: hub.image)
    found = home_checks.limit_check(chosen)
    assert found.grade == "good", found
    home = quota_state / "homes" / "ab12"
    home.mkdir()
    assert home_limits.limit_home(chosen, home, 24 << 20)
    assert project_quotas.project_of(home) >= project_quotas.LOWEST
    shutil.rmtree(home)


def test_nothing_in_a_learners_container_can_count_a_file_elsewhere(inside) -> None:
    """On any file system: the call is refused before the file system is asked."""
    refused = """
import errno, fcntl, json, os
handle = os.open("/home/learner", os.O_RDONLY)
found = []
for call in (0x401C5820, 0x40086602):
    try:
        fcntl.ioctl(handle, call, bytes(28))
    except OSError as error:
        found.append(error.errno == errno.EPERM)
print(json.dumps(found))
"""
    assert inside(refused) == [True, True]


def test_in_a_full_home_work_stays_as_it_was_and_each_way_to_keep_more_says_that_it_is_full(tmp_path) -> None:
    chosen = parse_settings({"state": str(tmp_path), "home_images": True})
    folder = tmp_path / "homes" / "ef56"
    folder.mkdir(parents=True)
    assert home_limits.limit_home(chosen, folder, 32 << 20)
    try:
        desk = desk_in(folder)
        assert desk_server.save_if_it_fits(desk, change("bar = 0.1", "bar = None")) is not None
        before = desk.place.notebook.read_bytes()
        with contextlib.suppress(OSError), (folder / "filled").open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        longer = "bar = 0.2  # " + "x" * 200_000
        assert desk_server.save_if_it_fits(desk, change(longer, "bar = 0.1")) is None
        assert desk.place.notebook.read_bytes() == before
        with pytest.raises(hand_in.NotKeptError, match="your folder is full"):
            hand_in.keep_in_outbox(Home(folder), "course", SLUG, {"work": bytes(200_000)})
        assert lab_opening.open_lab(Home(folder), None, "course", SLUG, "en") is None
        (folder / "filled").unlink()
        assert desk_server.save_if_it_fits(desk, change(longer, "bar = 0.1")) is not None
        assert hand_in.keep_in_outbox(Home(folder), "course", SLUG, {"work": bytes(200_000)}).is_file()
    finally:
        home_limits.forget_home(chosen, folder)


def desk_in(folder: Path) -> DeskLab:
    version, files = built_files(find_lab(SLUG))
    start = "release/en/"
    released = {name.removeprefix(start): text for name, text in files.items() if name.startswith(start)}
    place = Place(Home(folder), SLUG)
    place.begin("course", version, "en", released)
    return DeskLab(place)


def change(source: str, before: str) -> dict[str, object]:
    return {"cells": [{"id": "t4-answer", "source": source, "base": text_fingerprint(before)}]}


def test_an_erased_home_leaves_no_image(tmp_path) -> None:
    chosen = parse_settings({"state": str(tmp_path), "home_images": True})
    folder = tmp_path / "homes" / "cd34"
    folder.mkdir(parents=True)
    assert home_limits.limit_home(chosen, folder, 32 << 20)
    (folder / "work").write_text("hers")
    with contextlib.ExitStack() as open_files:
        open_files.enter_context((folder / "work").open())  # Somebody looks into it still.
        home_limits.forget_home(chosen, folder)
        assert not home_images.is_mounted(folder)
        assert list(folder.iterdir()) == []
