"""The office's own configuration, keys that change, announcements, and how many learners a machine carries."""

from __future__ import annotations

import json

import pytest
from traitlets.config import Config

from hub import command_line
from hub.hub_process.office_config import add_office_config
from hub.isomo_settings import parse_settings
from hub.ops.key_rotation import rotate_keys
from hub.ops.machine_capacity import machine_capacity
from hub.ops.process_list import program_list
from hub.store import Store
from hub.store.signed_receipts import public_keys, verify_receipt
from hub.verb_errors import IsomoError
from tests.support.small_stores import filled, hand_in

GIB = 1024**3


@pytest.fixture
def office(tmp_path, monkeypatch):
    """An installation with a settings file; `office("name.py", text)` adds to its configuration."""
    (tmp_path / "isomo.toml").write_text(f'state = "{tmp_path / "state"}"\n')
    (tmp_path / "jupyterhub_config.d").mkdir()
    monkeypatch.setenv("ISOMO_SETTINGS", str(tmp_path / "isomo.toml"))
    monkeypatch.delenv("ISOMO_STATE", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def add(name: str, text: str) -> None:
        (tmp_path / "jupyterhub_config.d" / name).write_text(text)

    add.settings = parse_settings({"state": str(tmp_path / "state")})
    return add


def test_the_offices_files_run_after_ours_in_the_order_of_their_names(office):
    c = Config()
    c.JupyterHub.concurrent_spawn_limit = 0
    office("20-later.py", "c.JupyterHub.concurrent_spawn_limit += 2")
    office("10-first.py", "c.JupyterHub.concurrent_spawn_limit = 5\nc.Spawner.args = [settings.project]")
    office("notes.txt", "not Python")
    files = add_office_config(c, office.settings)
    assert [file.name for file in files] == ["10-first.py", "20-later.py"]
    assert (c.JupyterHub.concurrent_spawn_limit, c.Spawner.args) == (7, ["isomo"])


@pytest.mark.parametrize(
    ("text", "said"),
    [("c.x = 1\nc.y = nothing\n", "line 2: name 'nothing'"), ("c.x = = 1", "line 1: invalid syntax")],
)
def test_a_mistake_in_them_is_named_with_its_file_and_line(office, text, said):
    office("10-own.py", text)
    with pytest.raises(IsomoError, match=r"10-own\.py") as refused:
        add_office_config(Config(), office.settings)
    assert said in refused.value.message
    assert "./isomo up" in refused.value.tip


def test_a_change_of_them_starts_the_hub_again_and_nothing_else(office):
    before = {each.name: each.stamp for each in program_list(office.settings, {}, {})}
    office("10-own.py", "c.Spawner.args = []")
    after = {each.name: each.stamp for each in program_list(office.settings, {}, {})}
    assert {name for name in after if after[name] != before[name]} == {"hub"}
    office("20-image.py", 'c.LabSpawner.image = "office-lab:1"')
    last = {each.name: each.stamp for each in program_list(office.settings, {}, {})}
    assert {name for name in last if last[name] != after[name]} == {"hub", "engine-filter"}


def test_receipts_of_every_earlier_key_verify_after_keys_were_changed(tmp_path):
    store = filled(tmp_path)
    receipts = []
    for number in range(3):
        store = Store.open(store.settings)
        receipts.append(store.attempts.receipt(hand_in(store, content=b"%d" % number)[0]))
        rotate_keys(store.settings)
    keys = public_keys(store.settings)
    assert len({receipt["key"] for receipt in receipts}) == 3
    assert [verify_receipt(receipt, keys)["attempt"] for receipt in receipts] == [1, 2, 3]


def test_changed_keys_leave_no_old_one_behind_that_opens_anything(tmp_path):
    store = filled(tmp_path)
    store.second_factors.begin("admin", "JBSWY3DPEHPK3PXP")
    cookie = store.sessions.begin("amina.k", "a-token")
    keys = store.settings.state / "keys"
    before = {path.name: path.read_bytes() for path in keys.iterdir() if path.is_file()}
    rotate_keys(store.settings)
    rotate_keys(store.settings)
    after = {path.name: path.read_bytes() for path in keys.iterdir() if path.is_file()}
    assert {name for name in before if after[name] == before[name]} == {"names_key"}
    store = Store.open(store.settings)
    assert store.second_factors.secret("admin") == "JBSWY3DPEHPK3PXP"
    assert store.sessions.find(cookie).hub_token == "a-token"
    assert all(path.stat().st_mode & 0o077 == 0 for path in keys.rglob("*") if path.is_file())


def test_the_hubs_tokens_are_sealed_in_the_database(tmp_path):
    store = filled(tmp_path)
    cookie = store.sessions.begin("amina.k", "a-very-secret-token")
    state = store.settings.state
    kept = b"".join(path.read_bytes() for path in state.glob("isomo.sqlite*"))
    assert b"amina.k" in kept
    assert b"a-very-secret-token" not in kept
    assert store.sessions.find(cookie).hub_token == "a-very-secret-token"


def test_a_session_whose_key_is_gone_has_ended(tmp_path):
    store = filled(tmp_path)
    cookie = store.sessions.begin("amina.k", "a-token")
    (store.settings.state / "keys" / "sealing_key").unlink()
    assert Store.open(store.settings).sessions.find(cookie) is None


def test_keys_are_changed_only_when_it_is_said_twice(office, capsys):
    Store.migrate(office.settings)
    before = public_keys(office.settings)
    assert command_line.main(["rotate-keys"]) == 0
    assert "Nothing was changed." in capsys.readouterr().out
    assert public_keys(office.settings) == before
    assert command_line.main(["rotate-keys", "--yes"]) == 0
    assert len(public_keys(office.settings)) == 2


@pytest.mark.parametrize(
    ("memory", "cores", "disk", "learners", "limit"),
    [
        (8 * GIB, 8, 10**12, 14, "memory"),
        (64 * GIB, 2, 10**12, 20, "processor"),
        (64 * GIB, 16, 2 * 10**9, 10, "disk"),
        (GIB, 1, 10**9, 0, "memory"),
    ],
)
def test_what_limits_a_machine_is_named(memory, cores, disk, learners, limit):
    found = machine_capacity(parse_settings({}), memory=memory, cores=cores, disk=disk)
    assert (found.learners, found.limit) == (learners, limit)


def test_a_learner_takes_no_more_than_their_limit():
    small = parse_settings({"learner": {"memory": "256 MiB"}})
    assert machine_capacity(small, memory=8 * GIB, cores=64, disk=10**12).memory == 20


def test_announce_shows_a_text_in_each_language_and_takes_it_away(office, capsys):
    store = Store.migrate(office.settings)
    assert (
        command_line.main(["announce", "Upgrade at 18:00.", "--in", "fr:Mise à jour à 18 h.", "--hours", "2"])
        == 0
    )
    assert store.announcements.current("fr") == "Mise à jour à 18 h."
    assert "for 2 hours" in capsys.readouterr().out
    assert command_line.main(["announce", "--clear"]) == 0
    assert Store.open(office.settings).announcements.current("en") == ""
    assert command_line.main(["announce", "--clear"]) == 0
    assert "There was no announcement." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["announce"], 2, "announce needs a text, or --clear."),
        (["announce", "x", "--clear"], 2, "announce needs a text, or --clear."),
        (["announce", "x", "--hours", "0"], 2, "--hours must be from 1 to 2160."),
        (["announce", "x", "--in", "de:y"], 1, "does not begin with a language of this installation"),
        (["announce", "x" * 501], 1, "An announcement has 1 to 500 characters."),
        (["second-factor", "nobody"], 1, "There is nobody called nobody."),
        (["backup"], 1, "isomo.toml names no place for backups."),
        (["restore", "--into", "empty"], 1, "isomo.toml names no place for backups."),
        (["restore", "--into", "empty", "--from", "/mnt/b"], 1, "The backup's password is needed"),
    ],
)
def test_what_a_verb_cannot_do_is_said_in_a_sentence(office, monkeypatch, capsys, words, code, said):
    Store.migrate(office.settings)
    monkeypatch.chdir(office.settings.state)
    assert command_line.main(words) == code
    assert said in capsys.readouterr().err


def test_settings_of_provider_and_backups_that_cannot_work_are_told(office, tmp_path, capsys):
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "isomo.toml").write_text(
        f'state = "{tmp_path / "state"}"\n[backup]\nrepository = "{tmp_path / "state" / "b"}"\n'
        'password_file = "nothing"\n[oidc]\nissuer = "https://a.example"\nclient_id = "x"\nsecret_file = "empty"\n'
    )
    assert command_line.main(["check-settings", "--json"]) == 1
    errors = json.loads(capsys.readouterr().out)["errors"]
    assert len(errors) == 3
    for words in ("secret_file names", "password_file names", "inside the state folder"):
        assert any(words in sentence for sentence in errors), words
