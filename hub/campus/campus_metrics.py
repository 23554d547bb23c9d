"""Prometheus metrics: the campus' own requests, and figures of store, processes, disk and backups."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from cryptography import x509
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.isomo_settings import Settings
from hub.ops.backup_run import last_report
from hub.ops.process_supervisor import machine_supervisor
from hub.store import Store
from hub.store.monitoring_counts import Figures, read_figures

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class RequestMetrics:
    """Counts and times of the campus' requests, by route; no name of a person is in a route."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._count = Counter(
            "isomo_campus_requests", "Requests that the campus answered", labels, registry=self.registry
        )
        self._time = Histogram(
            "isomo_campus_request_seconds",
            "Time until the answer began",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._count.labels(method, route, str(status)).inc()
        self._time.labels(method, route).observe(seconds)


class Measured:
    """Middleware that counts requests; a stream is timed until its answer begins."""

    def __init__(self, app: ASGIApp, metrics: RequestMetrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and count it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "other")
                method = scope["method"] if scope["method"] in METHODS else "other"
                self.metrics.add(method, route, message["status"], time.perf_counter() - began)
            await send(message)

        await self.app(scope, receive, counted)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""A caller may invent methods; each would be another series."""


class InstallationFigures(Collector):
    """Figures that are read when they are asked for."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings, self._store = settings, store

    def collect(self) -> Iterable[Metric]:
        """Yield every figure. A part that cannot be read is left out, so that its alert fires."""
        yield from _of_the_store(read_figures(self._store.database))
        yield from self._disk()
        yield from self._processes()
        yield from self._backup()
        yield from self._certificate()

    def _disk(self) -> Iterator[Metric]:
        usage = shutil.disk_usage(self._settings.state)
        yield GaugeMetricFamily("isomo_disk_free_bytes", "Free where people's work is kept", usage.free)
        yield GaugeMetricFamily("isomo_disk_size_bytes", "Size of that file system", usage.total)

    def _processes(self) -> Iterator[Metric]:
        found = GaugeMetricFamily("isomo_process_up", "1 while a process of Isomo runs", labels=["process"])
        for state in machine_supervisor(self._settings).states():
            found.add_metric([state.name], float(state.running))
        yield found

    def _backup(self) -> Iterator[Metric]:
        report = last_report(self._settings)
        if self._settings.backup.repository is None or report is None:
            return
        age = report.age.total_seconds()
        yield GaugeMetricFamily("isomo_backup_age_seconds", "Since the last backup was tried", age)
        yield GaugeMetricFamily(
            "isomo_backup_well", "1 if the last backup was made, 0 if it failed", report.well
        )

    def _certificate(self) -> Iterator[Metric]:
        tls = self._settings.tls
        if tls is None:
            return
        end = x509.load_pem_x509_certificates(tls.certificate.read_bytes())[0].not_valid_after_utc
        left = (end - datetime.now(UTC)).total_seconds()
        yield GaugeMetricFamily("isomo_certificate_seconds_left", "Until the certificate ends", left)


def _of_the_store(found: Figures) -> Iterator[Metric]:
    gauges = {
        "isomo_people": ("Open accounts", found.people),
        "isomo_sessions": ("Browsers that are signed in at the campus", found.sessions),
        "isomo_attempts_waiting": ("Attempts that wait to be graded", found.waiting),
        "isomo_attempts_being_graded": ("Attempts that a grader holds now", found.being_graded),
        "isomo_oldest_wait_seconds": ("How long the oldest of them has waited", found.oldest_wait),
        "isomo_could_not_check": ("Tasks that could not be checked", found.could_not_check),
    }
    for name, (text, value) in gauges.items():
        yield GaugeMetricFamily(name, text, value)
    counters = {
        "isomo_attempts": ("Attempts that were handed in", found.attempts),
        "isomo_gradings": ("Results of grading", found.gradings),
        "isomo_gradings_with_problem": (
            "Results with a problem of the grader's own",
            found.gradings_with_problem,
        ),
        "isomo_grading_cpu_seconds": ("Processor time of grading", found.grading_cpu),
        "isomo_grading_wall_seconds": ("Time of grading", found.grading_wall),
    }
    for name, (text, total) in counters.items():
        yield CounterMetricFamily(name, text, total)
    jobs = GaugeMetricFamily("isomo_queue_jobs", "Jobs of the task queue", labels=["status"])
    for status, number in found.jobs.items():
        jobs.add_metric([status], number)
    yield jobs


def metrics_text(settings: Settings, store: Store, requests: RequestMetrics) -> bytes:
    """Return all metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Once(InstallationFigures(settings, store)))
    return generate_latest(registry) + generate_latest(requests.registry)


class _Once(Collector):
    """Registers a collector without asking it for its names first, which would read everything twice."""

    def __init__(self, inner: Collector) -> None:
        self._inner = inner

    def describe(self) -> Iterable[Metric]:
        """Return nothing: names are not checked for twins here."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Return what the inner collector has."""
        return self._inner.collect()
