"""What a running job knows of its run."""

from __future__ import annotations

import time
from typing import Any, Final

import psycopg

from sen.kernel.access.scope import AccessRule, Actor, DataClass
from sen.kernel.events.publishing import Audience
from sen.kernel.live.push import push
from sen.kernel.live.topics import declare_topic
from sen.kernel.sideline import open_sideline

TOPIC: Final = "kernel.jobs"
declare_topic(TOPIC, rule=AccessRule("kernel.jobs", public=False, subject_field="asked_by_id"))

#: Progress is written at most so often.
STEP_S: Final = 0.5
LOCK_SPACE: Final = 597_003

_PROGRESS: Final = """
UPDATE kernel_jobs_jobrun SET done = %s, total = %s, text = %s WHERE id = %s
RETURNING cancel_requested
"""
_ASKED: Final = "SELECT cancel_requested FROM kernel_jobs_jobrun WHERE id = %s"


class JobCancelledError(Exception):
    """Somebody cancelled the run; the job's transaction is rolled back."""


class JobInterruptedError(Exception):
    """The worker is stopping; the run starts again elsewhere."""


class Interruption:
    """Set when the worker process is asked to stop."""

    requested: bool = False


class JobContext:
    """Passed to the job's function as its first argument.

    Progress goes over a connection of its own, so that it is seen before the job commits.
    """

    def __init__(self, run_id: int, actor: Actor, *, attempt: int = 1) -> None:
        self.run_id = run_id
        self.actor = actor
        self.attempt = attempt
        self._written_at = 0.0
        self._sideline: psycopg.Connection[Any] | None = None

    def progress(self, done: int, total: int | None = None, text: str = "") -> None:
        """Say how far the job is. Call it as often as you like; it is written twice a second.

        Raises:
            JobCancelledError: the run was cancelled.
            JobInterruptedError: the worker stops.
        """
        now = time.monotonic()
        if now - self._written_at < STEP_S and done != total:
            return
        self._written_at = now
        values = [done, total, text[:250], self.run_id]
        row = self._connection().execute(_PROGRESS, values).fetchone()
        self._show(done, total, text)
        self._stop_if_asked(row)

    def check_cancelled(self) -> None:
        """Ask whether to stop, without progress.

        Raises:
            JobCancelledError: the run was cancelled.
            JobInterruptedError: the worker stops.
        """
        self._stop_if_asked(self._connection().execute(_ASKED, [self.run_id]).fetchone())

    def take(self) -> bool:
        """Lock the run for this process; ``False`` when another one is still at it."""
        row = self._connection().execute(
            "SELECT pg_try_advisory_lock(%s, %s)", [LOCK_SPACE, self.run_id & 0x7FFF_FFFF]
        )
        found = row.fetchone()
        return bool(found and found[0])

    def close(self) -> None:
        """Give the lock and the connection back."""
        if self._sideline is not None:
            self._sideline.close()
            self._sideline = None

    def _connection(self) -> psycopg.Connection[Any]:
        if self._sideline is None or self._sideline.closed:
            self._sideline = open_sideline()
        return self._sideline

    def _show(self, done: int, total: int | None, text: str) -> None:
        percent = min(100, done * 100 // total) if total else None
        show_run(self.run_id, self.actor.id, status="RUNNING", percent=percent, text=text)

    @staticmethod
    def _stop_if_asked(row: tuple[bool] | None) -> None:
        if Interruption.requested:
            raise JobInterruptedError
        if row is not None and row[0]:
            raise JobCancelledError


def show_run(
    run_id: int, asked_by: int | None, *, status: str, percent: int | None = None, text: str = ""
) -> None:
    """Show the newest of a run on the screens of whoever asked and of those who watch all jobs."""
    values: dict[str, str | int | float] = {f"job-{run_id}-text": text}
    if percent is not None:
        values[f"job-{run_id}-percent"] = f"{percent} %"
    push(
        TOPIC,
        run_id,
        {"run_id": run_id, "status": status, "percent": percent, "text": text},
        audience=Audience(data_class=int(DataClass.INTERNAL), subject_id=asked_by),
        values=values,
    )
