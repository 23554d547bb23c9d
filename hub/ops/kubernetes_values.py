"""Values for the community's JupyterHub chart (zero-to-jupyterhub), made from the settings."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

from traitlets.config import Config

from hub.hub_process import jupyterhub_setup
from hub.hub_process.container_safety import HOME
from hub.hub_process.container_spawner import CONTAINER_ENV, UID
from hub.isomo_settings import Settings
from hub.ops.kubernetes_pieces import (
    CLUSTER_PORTS,
    CONTAINER_SECURITY,
    HUB_PORT,
    POD_SECURITY,
    PROXY_API_PORT,
    PROXY_ROOM,
    SERVICE_ROOM,
    SETTINGS,
    STATE,
    Document,
    Images,
    from_secret,
    host_mounts,
    host_volumes,
    keys_container,
    pod_labels,
    pods_of_rule,
    ports_of_rule,
)
from hub.ops.kubernetes_settings import (
    TLS_SECRET,
    database_port,
    database_without_password,
    mounted_secrets,
    settings_stamp,
)
from hub.secret_keys import Secrets
from hub.shared_names import CAMPUS

OWN_SERVICES = frozenset({"keeper"})
"""Services that the hub starts as processes next to a container engine; the chart's own culler stops idle servers."""
CLOSED = dict.fromkeys(
    (
        "cloudMetadataServer",
        "dnsPortsCloudMetadataServer",
        "dnsPortsPrivateIPs",
        "nonPrivateIPs",
        "privateIPs",
    ),
    False,
)
"""What the chart allows pods to reach unless it is told not to; the cluster's name service stays."""


def chart_values(settings: Settings, images: Images) -> Document:
    """Return the values; what is not among them keeps the chart's default."""
    return {
        "hub": _hub(settings, images),
        "proxy": _proxy(settings, images),
        "singleuser": _servers(settings, images),
        "ingress": ingress_values(settings, settings.address),
        "cull": {"enabled": True, "timeout": settings.idle_minutes * 60, "every": 60},
        "prePuller": {"continuous": {"enabled": True}, "hook": {"enabled": True}},
        "scheduling": {"userScheduler": {"enabled": True}},
    }


def image_values(name: str) -> dict[str, str]:
    """Return an image's name and tag, as the chart has them."""
    place, _colon, tag = name.rpartition(":")
    return {"name": place, "tag": tag}


def ingress_values(settings: Settings, origin: str) -> dict[str, Any]:
    """Return the chart's own form of an Ingress for one origin."""
    host = urlsplit(origin).hostname or ""
    secure = settings.tls is not None
    return {
        "enabled": True,
        "hosts": [host],
        "tls": [{"hosts": [host], "secretName": TLS_SECRET}] if secure else [],
        "ingressClassName": settings.kubernetes.ingress,
    }


def _hub(settings: Settings, images: Images) -> dict[str, Any]:
    secrets = mounted_secrets(settings)
    return {
        "image": image_values(images.host),
        "annotations": {"isomo/settings": settings_stamp(settings)},
        "config": _hub_config(settings),
        "loadRoles": _roles(settings),
        "services": _services(settings),
        "existingSecret": "isomo-hub",
        "db": {"type": "postgres", "url": _hub_database(settings)},
        "activeServerLimit": settings.kubernetes.most_servers,
        "concurrentSpawnLimit": 64,
        "allowNamedServers": True,
        "redirectToServer": False,
        "extraEnv": {
            "ISOMO_SETTINGS": SETTINGS,
            "ISOMO_STATE": STATE,
            "PGPASSWORD": from_secret("PGPASSWORD", "isomo-database", "password"),
        },
        "initContainers": [keys_container(images)],
        "extraVolumes": host_volumes(secrets),
        "extraVolumeMounts": host_mounts(secrets),
        "resources": SERVICE_ROOM.resources(),
        "networkPolicy": {
            # PostgreSQL, the cluster's API and the office's provider may have any address; proxies have private ones.
            "egressAllowRules": CLOSED | {"privateIPs": True},
            "egress": [{"ports": ports_of_rule(database_port(settings), *CLUSTER_PORTS)}],
            "ingress": [
                {"from": [pods_of_rule(pod_labels(settings, "campus"))], "ports": ports_of_rule(HUB_PORT)}
            ],
        },
        "pdb": {"enabled": True, "maxUnavailable": 1, "minAvailable": None},
    }


def _hub_database(settings: Settings) -> str:
    """Return where JupyterHub's tables are, without the password, which the chart takes from a Secret."""
    bare = settings.model_copy(update={"database": database_without_password(settings)})
    return bare.hub_database_url


def _hub_config(settings: Settings) -> dict[str, Any]:
    """Return what JupyterHub and its proxy are told here as well; the chart passes it on."""
    c = Config()
    nothing = cast(Secrets, None)  # These setters read no secret.
    for setter in (jupyterhub_setup.set_browser_rules, jupyterhub_setup.allow_slow_starts):
        setter(c, settings, nothing)
    hub = {
        "authenticator_class": "hub.hub_process.store_authenticator.Accounts",
        "proxy_class": "hub.hub_process.hub_proxies.TwoOriginProxy",
        "public_url": f"{settings.address}/",
        "default_url": f"{CAMPUS}/",
        "cookie_max_age_days": jupyterhub_setup.COOKIE_DAYS,
    }
    two_proxies = {
        "should_start": False,
        "api_url": f"http://proxy-api:{PROXY_API_PORT}",
        "learner_api_url": f"http://learner-proxy:{PROXY_API_PORT}",
        "gate_url": f"http://hub:{HUB_PORT}/hub/gate",
        "campus_url": campus_origin(settings),
        "extra_routes": {"/user/": f"http://hub:{HUB_PORT}/hub/gate/campus"},
    }
    pod = {
        "container_security_context": CONTAINER_SECURITY,
        "pod_security_context": {
            name: POD_SECURITY[name] for name in ("runAsNonRoot", "fsGroup", "seccompProfile")
        },
    }
    plain: dict[str, dict[str, Any]] = {section: dict(each) for section, each in c.items()}
    plain["JupyterHub"] = {**plain.get("JupyterHub", {}), **hub}
    # On one machine a queue of ours gives turns; here the chart's own limit does.
    del plain["JupyterHub"]["concurrent_spawn_limit"]
    return {**plain, "TwoOriginProxy": two_proxies, "KubeSpawner": pod}


def campus_origin(settings: Settings) -> str:
    """Return where pods find the campus, from any namespace."""
    return f"http://campus.{settings.project}.svc:{settings.ports.campus}"


def _roles(settings: Settings) -> dict[str, Any]:
    c = Config()
    jupyterhub_setup.set_roles(c, settings, cast(Secrets, None))
    return {
        str(role["name"]): {name: value for name, value in role.items() if name != "name"}
        for role in c.JupyterHub.load_roles
        if role["name"] not in OWN_SERVICES
    }


def _services(settings: Settings) -> dict[str, Any]:
    c = Config()
    # Their tokens are in the Secret that `existingSecret` names.
    jupyterhub_setup.add_campus(c, settings, cast(Secrets, SimpleNamespace(campus_token="")))
    told = {name: value for name, value in c.JupyterHub.services[0].items() if name != "api_token"}
    return {"campus": {**told, "url": campus_origin(settings)}, "monitor": {"display": False}}


def _proxy(settings: Settings, images: Images) -> dict[str, Any]:
    # The Ingress stands for the public side, so the chart opens no port to the outside itself.
    return {
        "service": {"type": "ClusterIP"},
        "chp": {
            "image": image_values(images.proxy),
            "resources": PROXY_ROOM.resources(),
            "pdb": {"enabled": True, "maxUnavailable": 1, "minAvailable": None},
            "networkPolicy": {
                "egressAllowRules": CLOSED,
                "egress": [
                    {
                        "to": [pods_of_rule(pod_labels(settings, "campus"))],
                        "ports": ports_of_rule(settings.ports.campus),
                    }
                ],
            },
        },
    }


def _servers(settings: Settings, images: Images) -> dict[str, Any]:
    limits = settings.learner
    scratch = {"name": "scratch", "emptyDir": {"medium": "Memory", "sizeLimit": "256Mi"}}
    return {
        "image": image_values(images.lab),
        "cmd": "jupyterhub-singleuser",
        "defaultUrl": "/lab",
        "uid": UID,
        "fsGid": UID,
        "allowPrivilegeEscalation": False,
        "cpu": {"limit": limits.cpu, "guarantee": limits.cpu / 10},
        "memory": {"limit": int(limits.memory), "guarantee": int(limits.memory) // 2},
        "startTimeout": 900,
        "storage": {
            "type": "dynamic",
            "capacity": str(int(limits.home_quota)),
            "homeMountPath": HOME,
            "dynamic": {
                "storageClass": settings.kubernetes.home_storage,
                "storageAccessModes": ["ReadWriteOnce"],
            },
            "extraVolumes": [scratch],
            "extraVolumeMounts": [{"name": "scratch", "mountPath": "/tmp"}],  # noqa: S108 - the pod's own
        },
        "extraEnv": {
            **CONTAINER_ENV,
            "ISOMO_CAMPUS_URL": f"{campus_origin(settings)}{CAMPUS}",
            "ISOMO_LANG": settings.languages[0],
            "ISOMO_ROLE": "learner",
            "ISOMO_IDLE_KERNEL_MINUTES": str(settings.start.idle_kernel_minutes),
            "JUPYTER_CONFIG_PATH": "/opt/isomo/etc/learner",
            "OMP_NUM_THREADS": str(max(1, round(limits.cpu))),
        },
        "extraPodConfig": {"enableServiceLinks": False, "automountServiceAccountToken": False},
        # The rule below refuses the metadata server too, and needs no privileged container for it.
        "cloudMetadata": {"blockWithIptables": False},
        "networkPolicy": {
            "enabled": True,
            "egressAllowRules": CLOSED | {"dnsPortsKubeSystemNamespace": True},
            "egress": [
                {
                    "to": [pods_of_rule(pod_labels(settings, "campus"))],
                    "ports": ports_of_rule(settings.ports.campus),
                }
            ],
        },
    }
