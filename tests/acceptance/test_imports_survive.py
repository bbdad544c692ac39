"""An import whose worker is killed in the middle: nothing half done, and then all of it once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pyogrio.raw
import pytest
import shapely
from django.conf import settings
from django.db import connection

from sen.domains.assets.models import Asset
from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import as_system
from sen.kernel.access.models import User
from sen.kernel.imports.drafts import open_draft
from sen.kernel.imports.importer import importers
from sen.kernel.imports.jobs import import_file
from sen.kernel.imports.models import ImportDraft, ImportRun
from sen.kernel.jobs.models import JobRun
from sen.kernel.jobs.services import enqueue
from sen.kernel.testing.database import on_database
from sen.kernel.testing.processes import PythonProcess
from tests.conftest import Platform

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

ROWS = 8_000
#: What an import writes beside its rows.
TRACES = ("kernel_imports_importrun", "kernel_imports_touchedrow", "kernel_events_outboxevent")


@pytest.fixture
def province(platform: Platform, django_db_blocker: Any, settings: Any) -> Any:
    with django_db_blocker.unblock(), on_database(platform.database):
        settings.MEDIA_ROOT = platform.folder / "files"
        yield platform


def test_a_killed_worker_leaves_nothing_half_done(province: Platform, tmp_path: Path) -> None:
    draft, run = ask(signs(tmp_path / "bien-bao.gpkg"))
    before = counts()
    worker = PythonProcess(
        "sen.project.cli",
        "worker",
        environment={**province.environment, "NATS_URL": ""},
        log=tmp_path / "worker.log",
    )
    try:
        until(run, lambda _run: is_writing(province.database))
        worker.kill()
        assert counts() == before
        run.refresh_from_db()
        assert run.status == JobRun.Status.RUNNING

        worker.start()
        until(run, lambda run: run.status == JobRun.Status.SUCCEEDED)
    finally:
        worker.kill()
    assert run.crashes == 1
    draft.refresh_from_db()
    assert draft.run is not None
    assert (draft.run.state, draft.run.created) == (ImportRun.State.DONE, ROWS)
    after = counts()
    assert after["assets_asset"] == before["assets_asset"] + ROWS
    assert after["kernel_imports_importrun"] == before["kernel_imports_importrun"] + 1


def signs(path: Path) -> Path:
    """Signs beside those of the province, as a GeoPackage."""
    with as_system("where signs stand"):
        stand = Asset.objects.filter(type="sign").order_by("id").values_list("geom", flat=True)
        spots = [(point.x, point.y) for point in stand[:500]]
    places = np.array([spots[number % len(spots)] for number in range(ROWS)])
    places += np.random.default_rng(597).normal(0, 1e-5, places.shape)
    codes = np.array([f"KILL-{number:05d}" for number in range(ROWS)], dtype=object)
    names = np.array([f"Biển số {number}" for number in range(ROWS)], dtype=object)
    kinds = np.full(ROWS, "P.127", dtype=object)
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(shapely.points(places)),
        field_data=[codes, names, kinds],
        fields=["ma", "ten", "so_hieu"],
        geometry_type="Point",
        crs="EPSG:4326",
    )
    return path


def ask(path: Path) -> tuple[ImportDraft, JobRun]:
    """What the last step of the wizard does."""
    with as_system("whose account it is"):
        actor = actor_for(User.objects.get(username="hatang"))
    draft = open_draft(
        actor=actor,
        importer=importers["signs"],
        register="signs",
        name=path.name,
        chunks=[path.read_bytes()],
    )
    draft.settings = {"mapping": {"sign_code": "so_hieu", "road": ""}}
    draft.save()
    run = enqueue(import_file, actor=actor, title=path.name, draft_id=draft.pk, dry_run=False)
    return draft, run


def counts() -> dict[str, int]:
    """How many rows there are of everything that an import writes."""
    found: dict[str, int] = {}
    with as_system("count what an import writes"), connection.cursor() as cursor:
        for table in ("assets_asset", "kernel_audit_rowversion", *TRACES):
            cursor.execute(f"SELECT count(*) FROM {table}")
            found[table] = cursor.fetchone()[0]
    return found


def is_writing(database: str) -> bool:
    """Whether a statement that writes assets is at work."""
    with psycopg.connect(settings.DATABASE_SUPERUSER_URL, autocommit=True) as server:
        found = server.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND state = 'active' "
            "AND query LIKE 'INSERT INTO assets_asset%%'",
            [database],
        ).fetchone()
    return bool(found and found[0])


def until(run: JobRun, holds: Callable[[JobRun], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not holds(run):
        assert time.monotonic() < deadline, (run.status, run.text, run.error, os.getloadavg())
        time.sleep(0.02)
        run.refresh_from_db()
