"""The files that `./isomo kubernetes render` writes, and the script that makes the Secrets they name."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Mapping
from pathlib import Path

import yaml

from hub.isomo_settings import CHECKOUT, Settings
from hub.ops.kubernetes_gaps import refused_settings
from hub.ops.kubernetes_manifests import all_manifests
from hub.ops.kubernetes_pieces import Images, graders_namespace
from hub.ops.kubernetes_settings import TLS_SECRET, secret_files
from hub.ops.kubernetes_values import chart_values
from hub.ops.verb_sentences import _
from hub.verb_errors import IsomoError

VALUES, MANIFESTS, SECRETS_SCRIPT, SECCOMP = (
    "values.yaml",
    "manifests.yaml",
    "make-secrets.sh",
    "grader-seccomp.json",
)
MADE = "# Made by ./isomo kubernetes render from isomo.toml: change that file and make this one again.\n"


def image_names(settings: Settings, made: Mapping[str, str]) -> Images:
    """Return the images' names at the cluster's registry; `made` are those of this checkout, by short name."""
    place = settings.kubernetes.registry
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))
    version, proxy = (
        project["project"]["version"],
        project["tool"]["isomo"]["node"]["configurable-http-proxy"],
    )
    return Images(
        lab=f"{place}/{made['lab']}",
        host=f"{place}/{settings.project}-host:{version}",
        graders=f"{place}/{settings.project}-graders:{version}",
        proxy=f"{place}/configurable-http-proxy:{proxy}",
    )


def rendered_files(settings: Settings, images: Images, seccomp: str) -> dict[str, str]:
    """Return each file's text by its name. Raises IsomoError if the settings do not fit a cluster."""
    if wrong := refused_settings(settings):
        raise IsomoError("\n".join(wrong), _("Change isomo.toml, then try again. Nothing was written."))
    documents = [_yaml(each) for each in all_manifests(settings, images)]
    return {
        VALUES: MADE + _yaml(chart_values(settings, images)),
        MANIFESTS: MADE + "---\n".join(documents),
        SECRETS_SCRIPT: secrets_script(settings),
        SECCOMP: seccomp,
    }


class _Plain(yaml.SafeDumper):
    """YAML without anchors, which people who read it do not expect."""

    def ignore_aliases(self, _data: object) -> bool:
        """Write every value where it is used."""
        return True


def _text(dumper: _Plain, text: str) -> yaml.ScalarNode:
    """Return text of several lines as it is read, and any other as usual."""
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Plain.add_representer(str, _text)


def _yaml(content: Mapping[str, object]) -> str:
    return yaml.dump(dict(content), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110)


def secrets_script(settings: Settings) -> str:
    """Return the commands that make each Secret. They read values where these are kept; the script holds none."""
    place, graders = settings.project, graders_namespace(settings)
    hub = {
        "hub.config.JupyterHub.cookie_secret": "cookie_secret",
        "hub.services.campus.apiToken": "campus_token",
        "hub.services.monitor.apiToken": "monitor_token",
    }
    from_keys = " ".join(f'--from-file={key}="$ISOMO_STATE/keys/{file}"' for key, file in hub.items())
    lines = [
        "#!/bin/sh",
        "# Run this in the checkout on the machine with the state folder, once the namespaces are there.",
        "set -eu",
        ': "${ISOMO_STATE:?Set ISOMO_STATE to the state folder, which holds the folder keys}"',
        ': "${DATABASE_PASSWORD_FILE:?Set DATABASE_PASSWORD_FILE to a file with the password of the database}"',
        f'make() {{ kubectl --namespace {place} create secret generic "$@"; }}',
        'make isomo-database --from-file=password="$DATABASE_PASSWORD_FILE"',
        f'make isomo-hub {from_keys} --from-file=hub.db.password="$DATABASE_PASSWORD_FILE"',
        'make isomo-keys --from-file="$ISOMO_STATE/keys"',
        *_named_files(settings),
        *_grader(settings, graders),
    ]
    return "\n".join(lines) + "\n"


def _named_files(settings: Settings) -> list[str]:
    files = secret_files(settings)
    lines = []
    for secret in sorted({each.secret for each in files}):
        words = [
            f"--from-file={each.key}={shlex.quote(str(each.file))}" for each in files if each.secret == secret
        ]
        kind = "--type=kubernetes.io/tls " if secret == TLS_SECRET else ""
        lines.append(f"make {secret} {kind}{' '.join(words)}")
    return lines


def _grader(settings: Settings, namespace: str) -> list[str]:
    token = "./isomo worker | sed -n 's/.*ISOMO_GRADER_TOKEN=//p' | tr -d '\\n'"  # noqa: S105 - a command
    make = f"kubectl --namespace {namespace} create secret generic isomo-grader --from-file=token=/dev/stdin"
    if not settings.grading.queue:
        return [f"{token} | {make}"]
    asked = ': "${QUEUE_ADDRESS_FILE:?Set QUEUE_ADDRESS_FILE to a file with the address of the queue}"'
    return [asked, f'{token} | {make} --from-file=queue="$QUEUE_ADDRESS_FILE"']


def write_files(files: Mapping[str, str], folder: Path) -> None:
    """Write the files into `folder`, making it. Raises IsomoError if that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, "utf-8")
        (folder / SECRETS_SCRIPT).chmod(0o755)
    except OSError as error:
        raise IsomoError(
            _("{file} could not be written: {reason}.").format(
                file=error.filename or folder, reason=error.strerror or error
            ),
            _("Name a folder that you may write to."),
        ) from error
