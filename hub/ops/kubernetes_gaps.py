"""What the files for Kubernetes cannot say: settings that are refused, and settings that a cluster does not follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from hub.isomo_settings import Settings
from hub.ops.kubernetes_manifests import remote_backup
from hub.ops.verb_sentences import _

ORDINARY_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Gap:
    """Settings that a cluster does not follow, whether that matters here, and the sentence that says so."""

    settings: tuple[str, ...]
    matters: Callable[[Settings], bool]
    sentence: Callable[[Settings], str]


def refused_settings(settings: Settings) -> list[str]:
    """Return a sentence for each setting with which no files can be made; an empty list if all fit."""
    hosts = [urlsplit(origin).hostname for origin in (settings.address, settings.learner_address)]
    found = {
        _("evaluate is true, and nothing is isolated then. Take it out."): settings.evaluate,
        _(
            "database is SQLite, a file that pods on several nodes cannot share. "
            'Write database = "postgresql://…".'
        ): settings.database == "sqlite",
        _(
            "kubernetes.registry is not set, so no node could fetch an image. "
            'Write where your images are, for example registry = "images.example.gov/isomo".'
        ): settings.kubernetes.registry is None,
        _(
            "address and learner_address have the same name, and an Ingress tells them apart by their names. "
            "Give learner_address another name."
        ): hosts[0] == hosts[1],
        _(
            "address and learner_address must have no port of their own: an Ingress listens on 80 and 443."
        ): any(map(_odd_port, (settings.address, settings.learner_address))),
    }
    return [sentence for sentence, wrong in found.items() if wrong]


def _odd_port(origin: str) -> bool:
    parts = urlsplit(origin)
    return parts.port not in (None, ORDINARY_PORTS[parts.scheme])


def _changed(*names: str) -> Callable[[Settings], bool]:
    """Return whether any of these settings has another value than its default."""

    def changed(settings: Settings) -> bool:
        usual = Settings()
        return any(value_of(settings, name) != value_of(usual, name) for name in names)

    return changed


def value_of(settings: Settings, name: str) -> object:
    """Return a setting by its full name, such as `learner.memory`."""
    found: object = settings
    for part in name.split("."):
        found = getattr(found, part)
    return found


def _processes(settings: Settings) -> int:
    return max(settings.learner.processes, settings.trainer.processes, settings.grading.processes)


def _trainers_differ(settings: Settings) -> bool:
    return dict(settings.trainer) != dict(settings.learner)


FIXED_PORTS = ("ports.hub", "ports.proxy_api", "ports.learner_proxy_api")
ONE_MACHINE = ("network.name", "network.bridge", "network.subnet")
ENGINE = ("engine.filter", "engine.confine_hub", "engine.images", "engine.folders")
GAPS: tuple[Gap, ...] = (
    Gap(
        ("learner.processes", "trainer.processes", "grading.processes"),
        lambda _settings: True,
        lambda settings: _(
            "Limits of processes: Kubernetes has them for each node only. Write podPidsLimit: {most} into the "
            "configuration of every kubelet."
        ).format(most=_processes(settings)),
    ),
    Gap(
        ("trainer.memory", "trainer.cpu", "trainer.home_quota"),
        _trainers_differ,
        lambda settings: _(
            "[trainer]: the chart starts every server alike, with the {memory} and {cpu} cores of [learner]."
        ).format(memory=settings.learner.memory, cpu=f"{settings.learner.cpu:g}"),
    ),
    Gap(
        ("home_images",),
        _changed("home_images"),
        lambda _settings: _(
            "home_images: in a cluster each home is a volume, whose size the storage keeps or not."
        ),
    ),
    Gap(
        ("grading.home_quota",),
        _changed("grading.home_quota"),
        lambda _settings: _("grading.home_quota: graders have no home."),
    ),
    Gap(
        ("start.class_minutes", "start.home_page"),
        lambda settings: bool(settings.start.class_minutes) or settings.start.home_page,
        lambda _settings: _(
            "start.class_minutes and start.home_page: no server starts ahead, because the keeper that does so works "
            "with one machine's container engine."
        ),
    ),
    Gap(
        ("spawner", "swarm.encrypted"),
        _changed("spawner", "swarm.encrypted"),
        lambda _settings: _("spawner and [swarm]: the cluster starts servers, whatever they say."),
    ),
    Gap(
        ENGINE,
        _changed(*ENGINE),
        lambda _settings: _(
            "[engine]: the cluster starts servers; its own rules say what the hub may ask for."
        ),
    ),
    Gap(
        FIXED_PORTS,
        _changed(*FIXED_PORTS),
        lambda _settings: _(
            "ports.hub, ports.proxy_api and ports.learner_proxy_api: the chart has ports of its own, 8081 and 8001."
        ),
    ),
    Gap(
        ONE_MACHINE,
        _changed(*ONE_MACHINE),
        lambda _settings: _(
            "[network]: the cluster gives addresses. The network policies hold learners apart, if its network "
            "follows them."
        ),
    ),
    Gap(
        ("state",),
        _changed("state"),
        lambda settings: _("state: the volume isomo-state takes the place of {folder}.").format(
            folder=settings.state
        ),
    ),
    Gap(
        ("prototypes", "data_team.folder_quota", "packages.mirrors"),
        lambda settings: settings.prototypes,
        lambda _settings: _(
            "prototypes: servers and applications of data teams do not start, because their shared folders are "
            "folders of one machine."
        ),
    ),
    Gap(
        ("backup.repository", "backup.hour", "backup.password_file"),
        lambda settings: settings.backup.repository is not None and not remote_backup(settings),
        lambda settings: _(
            "backup.repository is {place}, a folder of one machine, so no backup is made. Name a repository that "
            'pods can reach, for example "sftp:host:/isomo".'
        ).format(place=settings.backup.repository),
    ),
)


def gap_sentences(settings: Settings) -> list[str]:
    """Return a sentence for each setting that matters here and that the cluster does not follow."""
    return [gap.sentence(settings) for gap in GAPS if gap.matters(settings)]
