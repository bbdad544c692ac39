"""The worker as it runs: killed, stopped, and asked to cancel while a job is at work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

from sen.kernel.access.scope import Actor, ActorKind, Entitlement, system
from sen.kernel.jobs.definition import Job, jobs
from sen.kernel.jobs.models import JobRun
from sen.kernel.jobs.services import CHANGE, cancel_run, enqueue
from sen.kernel.jobs.tests.worker_process import declare
from sen.kernel.testing.processes import PythonProcess, database_of_its_own

pytestmark = pytest.mark.slow

MODULE = "sen.kernel.jobs.tests.worker_process"
BOSS = Actor(ActorKind.OFFICIAL, entitlements=(Entitlement("r", frozenset({CHANGE}), 1),))


@pytest.fixture
def dig() -> Iterator[Job]:
    made = declare()
    assert isinstance(made, Job)
    yield made
    jobs.remove(made.name)


@pytest.fixture
def worker(
    django_db_setup: None, django_db_blocker: Any, tmp_path: Path
) -> Iterator[PythonProcess]:
    """A worker on a database of its own, to which this process is connected too."""
    with django_db_blocker.unblock(), database_of_its_own("worker") as variables:
        default = connections["default"]
        before = default.settings_dict["NAME"]
        default.settings_dict["NAME"] = variables["DATABASE_URL"].rpartition("/")[2]
        connections["owner"].settings_dict["NAME"] = default.settings_dict["NAME"]
        with connections["owner"].cursor() as cursor:
            cursor.execute("CREATE TABLE dug (run_id bigint); GRANT ALL ON dug TO PUBLIC")
        environment = {**variables, "SEN_SECRET_KEY": "x" * 50, "NATS_URL": ""}
        process = PythonProcess(MODULE, environment=environment, log=tmp_path / "worker.log")
        try:
            yield process
        finally:
            process.kill()
            for connection in connections.all():
                connection.close()
                connection.settings_dict["NAME"] = before


def test_a_job_survives_its_worker(worker: PythonProcess, dig: Job) -> None:
    run = ask(dig, steps=60)
    wait(run, lambda run: run.done > 5)
    assert run.text.startswith("Đoạn ")
    worker.kill()
    worker.start()
    wait(run, lambda run: run.status == "RUNNING" and run.crashes == 1)
    wait(run, lambda run: run.status == "SUCCEEDED")
    assert (run.result, run.percent, times_dug(run)) == (60, 100, 1)

    stopped = ask(dig, steps=60)
    wait(stopped, lambda run: run.done > 5)
    worker.end()
    stopped.refresh_from_db()
    assert (stopped.status, stopped.crashes, times_dug(stopped)) == ("QUEUED", 0, 0)
    worker.start()
    wait(stopped, lambda run: run.status == "SUCCEEDED")
    assert (stopped.attempts, times_dug(stopped)) == (1, 1)


def test_a_job_at_work_ends_when_it_is_cancelled(worker: PythonProcess, dig: Job) -> None:
    run = ask(dig, steps=1000)
    wait(run, lambda run: run.done > 5)
    cancel_run(actor=BOSS, run=run)
    wait(run, lambda run: run.status == "CANCELLED")
    assert times_dug(run) == 0


def ask(dig: Job, *, steps: int) -> JobRun:
    with transaction.atomic():
        return enqueue(dig, actor=system("thử nghiệm"), steps=steps)


def times_dug(run: JobRun) -> int:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM dug WHERE run_id = %s", [run.pk])
        return int(cursor.fetchone()[0])


def wait(run: JobRun, holds: Callable[[JobRun], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not holds(run):
        assert time.monotonic() < deadline, (run.status, run.done, run.error, run.traceback)
        time.sleep(0.05)
        run.refresh_from_db()
