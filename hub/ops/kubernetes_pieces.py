"""Pieces that the documents for Kubernetes are made of: names, places, safe pods, rules of the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.hub_process.container_spawner import UID
from hub.isomo_settings import Settings
from hub.machine_memory import OWN_MEMORY

Document = dict[str, Any]

STATE = "/srv/isomo/state"
SETTINGS = "/etc/isomo/isomo.toml"
SECRETS = "/etc/isomo/secrets"
"""A folder for each Secret, with the keys of the Secret as files."""
KEYS = "/etc/isomo/keys"
HUB_PORT = 8081
"""The chart listens there and says so in its own network policies; no value changes it."""
PROXY_PORT, PROXY_API_PORT = 8000, 8001
"""Ports of the chart's proxy; the learners' proxy has the same."""
CHART_NAME = "jupyterhub"
DATABASE_PORT = 5432
CLUSTER_PORTS = (443, 6443)
"""Ports at which the cluster's own API listens, at the address of its Service or behind it."""
SYSTEM_NAMESPACE = "kubernetes.io/metadata.name"
"""The label with its own name that each namespace has."""


@dataclass(frozen=True)
class Images:
    """Names of the images, each with its tag: learners' servers, the host's processes, graders, the proxy."""

    lab: str
    host: str
    graders: str
    proxy: str


@dataclass(frozen=True)
class Room:
    """Memory in bytes and cores of a container: what is kept for it, and what it may use."""

    memory: int
    cpu: float

    def resources(self) -> dict[str, Any]:
        """Return requests and limits; half of the memory and a tenth of the processor are kept."""
        return {
            "requests": {"memory": str(self.memory // 2), "cpu": f"{max(1, round(self.cpu * 100))}m"},
            "limits": {"memory": str(self.memory), "cpu": f"{max(1, round(self.cpu * 1000))}m"},
        }


SERVICE_ROOM = Room(OWN_MEMORY, 2.0)
"""The hub, the campus: together with proxies they take less than this on one machine."""
PROXY_ROOM = Room(OWN_MEMORY // 4, 1.0)


def graders_namespace(settings: Settings) -> str:
    """Return the namespace of graders, which need a wider filter of system calls than a restricted pod has."""
    return f"{settings.project}-graders"


def pod_labels(settings: Settings, component: str) -> dict[str, str]:
    """Return what finds the pods of one component."""
    return {"app.kubernetes.io/part-of": settings.project, "app.kubernetes.io/component": component}


def chart_labels(component: str) -> dict[str, str]:
    """Return what finds the pods that the chart, or its hub, starts."""
    return {"app.kubernetes.io/name": CHART_NAME, "app.kubernetes.io/component": component}


def kubernetes_document(kind: str, api: str, name: str, namespace: str | None, **body: Any) -> Document:
    """Return one document of the given kind."""
    place = {"namespace": namespace} if namespace else {}
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **place}, **body}


POD_SECURITY: dict[str, Any] = {
    "runAsNonRoot": True,
    "runAsUser": UID,
    "runAsGroup": UID,
    "fsGroup": UID,
    "seccompProfile": {"type": "RuntimeDefault"},
}
CONTAINER_SECURITY: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}


def volume_mount(name: str, path: str, *, writable: bool = False, part: str = "") -> dict[str, Any]:
    """Return where a container sees a volume, or one file of it."""
    return {
        "name": name,
        "mountPath": path,
        **({} if writable else {"readOnly": True}),
        **({"subPath": part} if part else {}),
    }


def scratch_volume(name: str, size: str) -> dict[str, Any]:
    """Return a volume that is memory and goes with its pod."""
    return {"name": name, "emptyDir": {"medium": "Memory", "sizeLimit": size}}


def from_secret(variable: str, secret: str, key: str) -> dict[str, Any]:
    """Return an environment variable whose value is in a Secret."""
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def keys_container(images: Images) -> dict[str, Any]:
    """Return what puts the installation's keys into the state folder before the first process reads them there."""
    copy = f"mkdir -p {STATE}/keys && cp -n {KEYS}/* {STATE}/keys/"
    return {
        "name": "keys",
        "image": images.host,
        "command": ["sh", "-c", copy],
        "resources": PROXY_ROOM.resources(),
        "securityContext": CONTAINER_SECURITY,
        "volumeMounts": [volume_mount("keys", KEYS), volume_mount("state", STATE, writable=True)],
    }


def host_volumes(secrets: Sequence[str]) -> list[dict[str, Any]]:
    """Return the volumes of pods that run the host's processes."""
    return [
        {"name": "settings", "configMap": {"name": "isomo-settings"}},
        {"name": "state", "persistentVolumeClaim": {"claimName": "isomo-state"}},
        {"name": "keys", "secret": {"secretName": "isomo-keys", "defaultMode": 0o440}},
        *({"name": each, "secret": {"secretName": each, "defaultMode": 0o440}} for each in secrets),
    ]


def host_mounts(secrets: Sequence[str]) -> list[dict[str, Any]]:
    """Return where the host's processes see them; the keys are seen by the container that copies them only."""
    return [
        volume_mount("settings", SETTINGS, part="isomo.toml"),
        volume_mount("state", STATE, writable=True),
        *(volume_mount(each, f"{SECRETS}/{each}") for each in secrets),
    ]


def http_probe(path: str, port: int, *, failures: int) -> dict[str, Any]:
    """Return a question over HTTP every ten seconds."""
    return {
        "httpGet": {"path": path, "port": port},
        "periodSeconds": 10,
        "timeoutSeconds": 3,
        "failureThreshold": failures,
    }


def deployment_piece(
    settings: Settings, name: str, namespace: str, pod: Mapping[str, Any], *, replicas: int, stamp: str
) -> Document:
    """Return a Deployment; a new `stamp` starts its pods again."""
    found = pod_labels(settings, name)
    template = {
        "metadata": {"labels": found, "annotations": {"isomo/settings": stamp}},
        "spec": {"automountServiceAccountToken": False, **pod},
    }
    # One pod holds the state folder's locks, so the old one ends before the new one starts; graders may overlap.
    one_more = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1}}
    strategy: dict[str, Any] = {"type": "Recreate"} if replicas == 1 else one_more
    spec = {"replicas": replicas, "strategy": strategy, "selector": {"matchLabels": found}}
    return kubernetes_document("Deployment", "apps/v1", name, namespace, spec={**spec, "template": template})


def service_piece(settings: Settings, name: str, ports: Mapping[str, int]) -> Document:
    """Return a Service of one component, whose name its callers use."""
    listed = [{"name": each, "port": port, "targetPort": port} for each, port in ports.items()]
    spec = {"selector": pod_labels(settings, name), "ports": listed}
    return kubernetes_document("Service", "v1", name, settings.project, spec=spec)


def disruption_budget(name: str, namespace: str, found: Mapping[str, str], **rule: Any) -> Document:
    """Return how many pods of one kind may be away while nodes are emptied."""
    spec = {**rule, "selector": {"matchLabels": dict(found)}}
    return kubernetes_document("PodDisruptionBudget", "policy/v1", name, namespace, spec=spec)


def pods_of_rule(found: Mapping[str, str], namespace: str = "") -> dict[str, Any]:
    """Return one side of a rule: pods of this namespace, or of another one."""
    side: dict[str, Any] = {"podSelector": {"matchLabels": dict(found)}}
    if namespace:
        side["namespaceSelector"] = {"matchLabels": {SYSTEM_NAMESPACE: namespace}}
    return side


def ports_of_rule(*numbers: int) -> list[dict[str, Any]]:
    """Return ports of a rule, over TCP."""
    return [{"protocol": "TCP", "port": number} for number in numbers]


def names_rule() -> dict[str, Any]:
    """Return the rule that lets pods ask the cluster's own name service, and no other."""
    system = {"namespaceSelector": {"matchLabels": {SYSTEM_NAMESPACE: "kube-system"}}}
    return {"to": [system], "ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]}


def network_policy(
    name: str,
    namespace: str,
    found: Mapping[str, str],
    *,
    ingress: Sequence[Mapping[str, Any]] = (),
    egress: Sequence[Mapping[str, Any]] = (),
) -> Document:
    """Return the rules of some pods, or of all pods of a namespace; what no rule allows is refused."""
    spec: dict[str, Any] = {
        "podSelector": {"matchLabels": dict(found)} if found else {},
        "policyTypes": ["Ingress", "Egress"],
    }
    spec |= {"ingress": list(ingress)} if ingress else {}
    spec |= {"egress": list(egress)} if egress else {}
    return kubernetes_document("NetworkPolicy", "networking.k8s.io/v1", name, namespace, spec=spec)
