"""Figures for monitoring, as Prometheus reads them. Other packages add theirs with ``figures``."""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Min
from django.utils import timezone

from sen.kernel.events.relay import lag
from sen.kernel.jobs.models import JobRun
from sen.kernel.registry import Store


@dataclass(frozen=True, slots=True)
class Figure:
    """One value. Names follow Prometheus: units at the end, ``_total`` for what only grows."""

    name: str
    value: float
    help: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return "counter" if self.name.endswith("_total") else "gauge"


Source = Callable[[], Iterable[Figure]]
sources: Final[Store[Source]] = Store("metrics source")


def figures(name: str) -> Callable[[Source], Source]:
    """Register a function that returns figures; it must be quick."""

    def decorate(source: Source) -> Source:
        return sources.add(name, source)

    return decorate


@figures("events")
def event_figures() -> Iterator[Figure]:
    now = lag()
    yield Figure("sen_outbox_waiting", now.waiting, "Events not yet sent")
    yield Figure("sen_outbox_oldest_seconds", now.oldest_s, "Age of the oldest unsent event")
    yield Figure("sen_event_deliveries_retrying", now.retrying, "Events to be handled again")
    yield Figure("sen_event_deliveries_parked", now.parked, "Events that handlers gave up")


@figures("jobs")
def job_figures() -> Iterator[Figure]:
    counts = {
        row["status"]: row["n"]
        for row in JobRun.objects.order_by().values("status").annotate(n=Count("pk"))
    }
    for status in JobRun.Status:
        labels = {"status": status.value.lower()}
        yield Figure("sen_job_runs", counts.get(status.value, 0), "Runs kept, by status", labels)
    queued = JobRun.objects.filter(status=JobRun.Status.QUEUED, next_try_at=None)
    oldest = queued.aggregate(at=Min("asked_at"))["at"]
    age = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    yield Figure("sen_job_oldest_queued_seconds", age, "Age of the oldest run that waits")


@figures("database")
def database_figures() -> Iterator[Figure]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), current_setting('max_connections')::int,"
            " pg_database_size(current_database()) FROM pg_stat_activity"
        )
        used, most, size = cursor.fetchone()
    yield Figure("sen_database_connections", used, "Connections to the server")
    yield Figure("sen_database_connections_max", most, "Connections that the server allows")
    yield Figure("sen_database_size_bytes", size, "Size of the database")


@figures("process")
def process_figures() -> Iterator[Figure]:
    labels = {"pid": str(os.getpid())}
    usage = resource.getrusage(resource.RUSAGE_SELF)
    statm = Path("/proc/self/statm").read_text(encoding="ascii").split()
    memory = int(statm[1]) * os.sysconf("SC_PAGE_SIZE")
    cpu = usage.ru_utime + usage.ru_stime
    yield Figure("sen_web_resident_memory_bytes", memory, "Memory of this process", labels)
    yield Figure("sen_web_cpu_seconds_total", cpu, "Processor time of this process", labels)
    place = Path(settings.SEN_VAR)
    free = shutil.disk_usage(place if place.exists() else place.parent).free
    yield Figure("sen_disk_free_bytes", free, "Free space where the data lies")


def exposition() -> str:
    """All figures as text; a source that fails is left out and counted."""
    families: dict[str, list[Figure]] = {}
    failed = 0
    for source in sources:
        try:
            for figure in source():
                families.setdefault(figure.name, []).append(figure)
        except (DatabaseError, OSError):
            failed += 1
    families["sen_metrics_sources_failed"] = [
        Figure("sen_metrics_sources_failed", failed, "Sources that gave no figures")
    ]
    return "".join(_family(name, family) for name, family in families.items())


def _family(name: str, family: list[Figure]) -> str:
    lines = [f"# HELP {name} {family[0].help}", f"# TYPE {name} {family[0].kind}"]
    lines += [f"{name}{_labels(figure.labels)} {figure.value:.15g}" for figure in family]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    escaped = (
        (name, value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n"))
        for name, value in labels.items()
    )
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped) + "}"
