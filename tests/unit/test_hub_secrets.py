"""Secrets: made once, kept, readable by their owner only, never printed."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

from hub.isomo_settings import parse_settings
from hub.secret_keys import Secrets


def _settings(tmp_path):
    return parse_settings({"state": str(tmp_path / "state")})


def test_secrets_stay_the_same(tmp_path):
    first, second = Secrets.load(_settings(tmp_path)), Secrets.load(_settings(tmp_path))
    assert first.cookie_secret == second.cookie_secret
    assert first.campus_token == second.campus_token
    assert first.receipt.private_bytes_raw() == second.receipt.private_bytes_raw()


def test_two_installations_share_nothing(tmp_path):
    one, other = Secrets.load(_settings(tmp_path / "a")), Secrets.load(_settings(tmp_path / "b"))
    assert one.campus_token != other.campus_token
    assert one.names_key != other.names_key


def test_only_the_owner_may_read_them(tmp_path):
    Secrets.load(_settings(tmp_path))
    keys = tmp_path / "state" / "keys"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    files = list(keys.iterdir())
    assert {file.name for file in files} == {
        "cookie_secret",
        "proxy_auth_token",
        "campus_token",
        "receipt",
        "names_key",
        "sealing_key",
        "monitor_token",
    }
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)


def test_processes_that_start_together_agree(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(lambda _: Secrets.load(_settings(tmp_path)).campus_token, range(8)))
    assert len(tokens) == 1


def test_a_secret_does_not_show_itself(tmp_path):
    secrets = Secrets.load(_settings(tmp_path))
    assert secrets.campus_token not in repr(secrets)
