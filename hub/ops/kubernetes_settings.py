"""The settings as pods read them: the same file, with places of a cluster and without a password."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from hub.isomo_settings import PATHS_IN, Settings
from hub.ops.kubernetes_pieces import DATABASE_PORT, SECRETS

TLS_SECRET = "isomo-tls"  # noqa: S105 - a name


@dataclass(frozen=True)
class SecretFile:
    """A file that a setting names: the Secret that takes its place in the cluster, and the key inside it."""

    setting: str
    secret: str
    key: str
    file: Path

    @property
    def mounted(self) -> str:
        """Return where pods find it."""
        return f"{SECRETS}/{self.secret}/{self.key}"


def secret_files(settings: Settings) -> list[SecretFile]:
    """Return each file that the settings name."""
    found = []
    for section, names in PATHS_IN.items():
        chosen = getattr(settings, section)
        for name in names:
            file = getattr(chosen, name, None)
            if isinstance(file, Path):
                secret = f"isomo-{section}"
                key = {"key": "tls.key", "certificate": "tls.crt"}.get(name, name.replace("_", "-"))
                found.append(SecretFile(f"{section}.{name}", secret, key, file))
    if settings.ca_bundle is not None:
        found.append(SecretFile("ca_bundle", "isomo-ca-bundle", "ca-bundle.pem", settings.ca_bundle))
    return found


def mounted_secrets(settings: Settings) -> list[str]:
    """Return the Secrets that pods read as files; the Ingress alone reads the certificate."""
    return sorted({each.secret for each in secret_files(settings)} - {TLS_SECRET})


def database_without_password(settings: Settings) -> str:
    """Return the address of the database; its password comes from a Secret."""
    if settings.database == "sqlite":
        return settings.database
    url = make_url(settings.database_url).difference_update_query(["password"])
    url = url._replace(password=None)  # `set` takes None for "as it is".
    return re.sub(r"^postgresql\+psycopg:", "postgresql:", url.render_as_string(hide_password=False))


def database_port(settings: Settings) -> int:
    """Return the port that PostgreSQL listens on."""
    return make_url(settings.database_url).port or DATABASE_PORT


def _lines(values: Mapping[str, Any]) -> Iterator[str]:
    plain = {name: value for name, value in values.items() if not isinstance(value, Mapping)}
    # TOML's basic strings, numbers, lists and truth values are written as JSON writes them.
    yield from (
        f"{name} = {json.dumps(value, ensure_ascii=False)}"
        for name, value in plain.items()
        if value is not None
    )
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield f"\n[{name}]"
            yield from _lines(value)


def settings_file(settings: Settings) -> str:
    """Return isomo.toml for pods. Every setting is in it, so that a new default does not change a cluster."""
    values = settings.model_dump(mode="json")
    values["database"] = database_without_password(settings)
    del values["state"]  # ISOMO_STATE says it.
    for each in secret_files(settings):
        section, _dot, name = each.setting.rpartition(".")
        target = values[section] if section else values
        target[name] = each.mounted
    return "\n".join(_lines(values)) + "\n"


def settings_stamp(settings: Settings) -> str:
    """Return what changes if any setting that pods read does, so that they start again."""
    return hashlib.sha256(settings_file(settings).encode()).hexdigest()[:12]
