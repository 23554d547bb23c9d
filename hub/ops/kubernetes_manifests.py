"""Documents for Kubernetes next to the chart's: namespaces, quotas, campus, learners' proxy, graders, backup."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub.isomo_settings import Settings
from hub.ops.kubernetes_pieces import (
    CLUSTER_PORTS,
    CONTAINER_SECURITY,
    HUB_PORT,
    POD_SECURITY,
    PROXY_API_PORT,
    PROXY_PORT,
    PROXY_ROOM,
    SERVICE_ROOM,
    SETTINGS,
    STATE,
    SYSTEM_NAMESPACE,
    Document,
    Images,
    Room,
    chart_labels,
    deployment_piece,
    disruption_budget,
    from_secret,
    graders_namespace,
    host_mounts,
    host_volumes,
    http_probe,
    keys_container,
    kubernetes_document,
    names_rule,
    network_policy,
    pod_labels,
    pods_of_rule,
    ports_of_rule,
    scratch_volume,
    service_piece,
    volume_mount,
)
from hub.ops.kubernetes_settings import database_port, mounted_secrets, settings_file, settings_stamp
from hub.ops.kubernetes_values import campus_origin, ingress_values
from hub.shared_names import CAMPUS

SECCOMP_PROFILE = "isomo/grader.json"
"""Below the kubelet's folder of profiles on each node for graders."""
SHARED_ROOM = "50Gi"
"""Submissions, keys and reports; about 30 labs of 10,000 learners at 150 kB each."""
OTHER_PODS = 30
"""Hub, campus, proxies, schedulers, pullers and jobs of one namespace, with room for their successors."""
SERVERS = chart_labels("singleuser-server")
CHART_HELPERS = ("user-scheduler", "image-puller")
"""Components of the chart that ask the cluster's API and have no network policy of the chart's."""


def all_manifests(settings: Settings, images: Images) -> list[Document]:
    """Return all documents, in the order in which they can be applied."""
    return [
        *_namespaces(settings),
        *_bounds(settings),
        *_shared(settings),
        *_campus(settings, images),
        *_learner_proxy(settings, images),
        *_graders(settings, images),
        *_budgets(settings),
        *_policies(settings),
        *_backup(settings, images),
    ]


def _namespaces(settings: Settings) -> list[Document]:
    def namespace(name: str, enforced: str) -> Document:
        found = kubernetes_document("Namespace", "v1", name, None)
        kept = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("audit", "warn")}
        found["metadata"]["labels"] = {**kept, "pod-security.kubernetes.io/enforce": enforced}
        return found

    # An unmasked /proc is beyond the two stricter standards; nothing but graders runs in their namespace.
    return [namespace(settings.project, "restricted"), namespace(graders_namespace(settings), "privileged")]


def _bounds(settings: Settings) -> list[Document]:
    limits, most = settings.learner, settings.kubernetes.most_servers
    services = 4 * SERVICE_ROOM.memory
    hard = {
        "pods": str(most + OTHER_PODS),
        "requests.memory": str(most * (int(limits.memory) // 2) + services),
        "limits.memory": str(most * int(limits.memory) + 2 * services),
        "services.loadbalancers": "0",
        "services.nodeports": "0",
    }
    grading = Room(int(settings.grading.memory), settings.grading.cpu)
    # While a new version comes, one grader more than wanted runs.
    graders = settings.kubernetes.graders + 1
    hard_graders = {"pods": str(graders), "limits.memory": str(graders * grading.memory)}
    defaults = PROXY_ROOM.resources()
    container = {"type": "Container", "default": defaults["limits"], "defaultRequest": defaults["requests"]}
    return [
        kubernetes_document("ResourceQuota", "v1", "isomo-servers", settings.project, spec={"hard": hard}),
        # The chart's small helpers name no limits, and a quota on limits refuses a pod without them.
        kubernetes_document(
            "LimitRange", "v1", "isomo-defaults", settings.project, spec={"limits": [container]}
        ),
        kubernetes_document(
            "ResourceQuota", "v1", "isomo-graders", graders_namespace(settings), spec={"hard": hard_graders}
        ),
    ]


def _shared(settings: Settings) -> list[Document]:
    claim: dict[str, Any] = {
        "accessModes": ["ReadWriteMany"],
        "resources": {"requests": {"storage": SHARED_ROOM}},
    }
    if settings.kubernetes.shared_storage:
        claim["storageClassName"] = settings.kubernetes.shared_storage
    return [
        kubernetes_document(
            "ConfigMap",
            "v1",
            "isomo-settings",
            settings.project,
            data={"isomo.toml": settings_file(settings)},
        ),
        kubernetes_document("PersistentVolumeClaim", "v1", "isomo-state", settings.project, spec=claim),
    ]


def _host_pod(settings: Settings, images: Images, name: str, command: list[str]) -> dict[str, Any]:
    """Return a pod of the host's image with settings, secrets and the state folder."""
    secrets = mounted_secrets(settings)
    container = {
        "name": name,
        "image": images.host,
        "command": command,
        "env": [
            {"name": "ISOMO_SETTINGS", "value": SETTINGS},
            {"name": "ISOMO_STATE", "value": STATE},
            from_secret("PGPASSWORD", "isomo-database", "password"),
        ],
        "resources": SERVICE_ROOM.resources(),
        "securityContext": CONTAINER_SECURITY,
        "volumeMounts": [
            *host_mounts(secrets),
            volume_mount("scratch", "/tmp", writable=True),  # noqa: S108 - the pod's own
        ],
    }
    return {
        "securityContext": POD_SECURITY,
        "initContainers": [keys_container(images)],
        "containers": [container],
        "volumes": [*host_volumes(secrets), scratch_volume("scratch", "256Mi")],
    }


def _campus(settings: Settings, images: Images) -> list[Document]:
    port = settings.ports.campus
    pod = _host_pod(settings, images, "campus", ["python3", "-m", "hub.campus"])
    path = f"{CAMPUS}/api/openapi.json"
    pod["containers"][0] |= {
        "ports": [{"name": "http", "containerPort": port}],
        "startupProbe": http_probe(path, port, failures=30),
        "readinessProbe": http_probe(path, port, failures=2),
        "livenessProbe": http_probe(path, port, failures=6),
    }
    return [
        deployment_piece(
            settings, "campus", settings.project, pod, replicas=1, stamp=settings_stamp(settings)
        ),
        service_piece(settings, "campus", {"http": port}),
    ]


def _learner_proxy(settings: Settings, images: Images) -> list[Document]:
    """Return the proxy of learners' servers: another origin than the campus and the hub have (decision 1)."""
    gate = f"http://hub:{HUB_PORT}/hub/gate/learner"
    container = {
        "name": "proxy",
        "image": images.proxy,
        "command": ["configurable-http-proxy"],
        "args": [
            "--ip=",
            f"--port={PROXY_PORT}",
            "--api-ip=",
            f"--api-port={PROXY_API_PORT}",
            f"--default-target={gate}",
            f"--error-target=http://hub:{HUB_PORT}/hub/error",
        ],
        "env": [from_secret("CONFIGPROXY_AUTH_TOKEN", "hub", "hub.config.ConfigurableHTTPProxy.auth_token")],
        "ports": [
            {"name": "http", "containerPort": PROXY_PORT},
            {"name": "api", "containerPort": PROXY_API_PORT},
        ],
        "readinessProbe": http_probe("/_chp_healthz", PROXY_PORT, failures=2),
        "livenessProbe": http_probe("/_chp_healthz", PROXY_PORT, failures=6),
        "resources": PROXY_ROOM.resources(),
        "securityContext": CONTAINER_SECURITY,
    }
    pod = {"securityContext": POD_SECURITY, "containers": [container]}
    made = deployment_piece(settings, "learner-proxy", settings.project, pod, replicas=1, stamp="")
    # The chart's rules let pods with this label reach learners' servers.
    made["spec"]["template"]["metadata"]["labels"] |= {
        "hub.jupyter.org/network-access-singleuser": "true",
        "hub.jupyter.org/network-access-hub": "true",
    }
    return [
        made,
        service_piece(settings, "learner-proxy", {"http": PROXY_PORT, "api": PROXY_API_PORT}),
        _learner_ingress(settings),
    ]


def _learner_ingress(settings: Settings) -> Document:
    told = ingress_values(settings, settings.learner_address)
    backend = {"service": {"name": "learner-proxy", "port": {"name": "http"}}}
    rule = {
        "host": told["hosts"][0],
        "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
    }
    spec: dict[str, Any] = {"rules": [rule]}
    spec |= {"tls": told["tls"]} if told["tls"] else {}
    spec |= {"ingressClassName": told["ingressClassName"]} if told["ingressClassName"] else {}
    return kubernetes_document(
        "Ingress", "networking.k8s.io/v1", "learner-proxy", settings.project, spec=spec
    )


def _graders(settings: Settings, images: Images) -> list[Document]:
    limits = settings.grading
    env = [
        {"name": "ISOMO_CAMPUS_URL", "value": f"{campus_origin(settings)}{CAMPUS}"},
        {"name": "ISOMO_SETTINGS", "value": SETTINGS},
        # The engine is a process of this pod, which takes the place of the container around it.
        {"name": "ISOMO_EVALUATE", "value": "1"},
        {"name": "ISOMO_STATE", "value": "/tmp/state"},  # noqa: S108 - the pod's own
        from_secret("ISOMO_GRADER_TOKEN", "isomo-grader", "token"),
        *([from_secret("ISOMO_QUEUE", "isomo-grader", "queue")] if limits.queue else []),
    ]
    container = {
        "name": "grader",
        "image": images.graders,
        "command": ["python3", "-m", "graders.agent.remote_worker"],
        "env": env,
        "resources": Room(int(limits.memory), limits.cpu).resources(),
        # A sandbox mounts its own /proc, which the kernel allows only if the one around it is whole.
        "securityContext": {**CONTAINER_SECURITY, "procMount": "Unmasked"},
        "volumeMounts": [
            volume_mount("settings", SETTINGS, part="isomo.toml"),
            volume_mount("scratch", "/tmp", writable=True),  # noqa: S108 - the pod's own
        ],
    }
    pod = {
        "hostUsers": False,
        "securityContext": {
            **POD_SECURITY,
            "seccompProfile": {"type": "Localhost", "localhostProfile": SECCOMP_PROFILE},
            # The runtime's own AppArmor profile refuses every mount, also inside a sandbox's namespaces.
            "appArmorProfile": {"type": "Unconfined"},
        },
        "terminationGracePeriodSeconds": 60,
        "containers": [container],
        "volumes": [
            {"name": "settings", "configMap": {"name": "isomo-settings"}},
            scratch_volume("scratch", "256Mi"),
        ],
    }
    place = graders_namespace(settings)
    shown = {"isomo.toml": settings_file(settings)}
    made = deployment_piece(
        settings, "grader", place, pod, replicas=settings.kubernetes.graders, stamp=settings_stamp(settings)
    )
    return [kubernetes_document("ConfigMap", "v1", "isomo-settings", place, data=shown), made]


def _budgets(settings: Settings) -> list[Document]:
    return [
        # A learner's server is never moved under its owner's hands: emptying a node waits until it is idle.
        # Pods without a controller have a smallest number only, and there are never more than this.
        disruption_budget(
            "servers", settings.project, SERVERS, minAvailable=settings.kubernetes.most_servers
        ),
        disruption_budget("campus", settings.project, pod_labels(settings, "campus"), maxUnavailable=1),
        disruption_budget(
            "learner-proxy", settings.project, pod_labels(settings, "learner-proxy"), maxUnavailable=1
        ),
        disruption_budget(
            "grader", graders_namespace(settings), pod_labels(settings, "grader"), maxUnavailable="50%"
        ),
    ]


def _policies(settings: Settings) -> list[Document]:
    place, own = settings.project, graders_namespace(settings)
    campus, proxy = pod_labels(settings, "campus"), pod_labels(settings, "learner-proxy")
    hub = chart_labels("hub")
    callers = [
        pods_of_rule(SERVERS),
        pods_of_rule(chart_labels("proxy")),
        pods_of_rule(proxy),
        pods_of_rule(hub),
        pods_of_rule(pod_labels(settings, "grader"), own),
    ]
    # PostgreSQL and the mail server are named by addresses that may lie anywhere in the office.
    outside = ports_of_rule(database_port(settings), *([settings.mail.port] if settings.mail else []))
    to_campus = {"to": [pods_of_rule(campus, place)], "ports": ports_of_rule(settings.ports.campus)}
    queue = [{"ports": ports_of_rule(database_port(settings))}] if settings.grading.queue else []
    controllers = {"namespaceSelector": {"matchExpressions": [_not_graders(settings)]}}
    return [
        network_policy("nothing-unless-allowed", place, {}),
        network_policy("nothing-unless-allowed", own, {}),
        network_policy(
            "campus",
            place,
            campus,
            ingress=[{"from": callers, "ports": ports_of_rule(settings.ports.campus)}],
            egress=[
                names_rule(),
                {"to": [pods_of_rule(hub)], "ports": ports_of_rule(HUB_PORT)},
                {"ports": outside},
            ],
        ),
        network_policy(
            "learner-proxy",
            place,
            proxy,
            ingress=[
                {"from": [pods_of_rule(hub)], "ports": ports_of_rule(PROXY_API_PORT)},
                {"from": [controllers], "ports": ports_of_rule(PROXY_PORT)},
            ],
            egress=[
                names_rule(),
                {"to": [pods_of_rule(hub)], "ports": ports_of_rule(HUB_PORT)},
                {"to": [pods_of_rule(campus)], "ports": ports_of_rule(settings.ports.campus)},
                {"to": [pods_of_rule(SERVERS)], "ports": ports_of_rule(8888)},
            ],
        ),
        network_policy(
            "grader", own, pod_labels(settings, "grader"), egress=[names_rule(), to_campus, *queue]
        ),
        *(
            network_policy(
                f"chart-{name}",
                place,
                chart_labels(name),
                egress=[names_rule(), {"ports": ports_of_rule(*CLUSTER_PORTS)}],
            )
            for name in CHART_HELPERS
        ),
        *_backup_policy(settings),
    ]


def _not_graders(settings: Settings) -> dict[str, Any]:
    """Return the condition on namespaces whose Ingress controller may be: any but those of learners' code."""
    own = [settings.project, graders_namespace(settings)]
    return {"key": SYSTEM_NAMESPACE, "operator": "NotIn", "values": own}


def remote_backup(settings: Settings) -> bool:
    """Return whether backups go to a place that a pod can reach: a repository, and no folder of a machine."""
    place = settings.backup.repository
    return place is not None and ":" in place and not Path(place).is_absolute()


def _backup_policy(settings: Settings) -> list[Document]:
    if not remote_backup(settings):
        return []
    # Where the repository is, only restic knows.
    return [network_policy("backup", settings.project, pod_labels(settings, "backup"), egress=[{}])]


def _backup(settings: Settings, images: Images) -> list[Document]:
    if not remote_backup(settings):
        return []
    pod: Mapping[str, Any] = {
        **_host_pod(settings, images, "backup", ["python3", "-m", "hub.command_line", "backup"]),
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
    }
    pod["containers"][0]["envFrom"] = [{"secretRef": {"name": "isomo-backup-place", "optional": True}}]
    template = {"metadata": {"labels": pod_labels(settings, "backup")}, "spec": dict(pod)}
    spec = {
        "schedule": f"0 {settings.backup.hour} * * *",
        "timeZone": settings.timezone,
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": 3600,
        "jobTemplate": {"spec": {"backoffLimit": 2, "template": template}},
    }
    return [kubernetes_document("CronJob", "batch/v1", "backup", settings.project, spec=spec)]
