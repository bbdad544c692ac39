"""The worker process: runs queued work, looks at the clock, takes up what dead workers left."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone
from procrastinate import App
from procrastinate.contrib.django import app as queue_app

from sen.kernel.jobs.context import LOCK_SPACE, Interruption
from sen.kernel.jobs.scheduling import enqueue_due, sync_schedules

logger = logging.getLogger(__name__)

HEARTBEAT_S: Final = 2.0
DEAD_AFTER_S: Final = 10.0
TURN_S: Final = 2.0
PRUNE_S: Final = 3600.0
KEPT_HOURS: Final = 24 * 7

_ABANDONED: Final = """
SELECT j.id FROM kernel_jobs_jobrun r JOIN procrastinate_jobs j ON j.id = r.queue_job_id
WHERE r.status = 'RUNNING' AND j.status = 'doing' AND NOT EXISTS (
  SELECT 1 FROM pg_locks l
  WHERE l.locktype = 'advisory' AND l.classid::bigint = %s AND l.objid::bigint = r.id
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


async def run_worker(*, concurrency: int, stop: asyncio.Event) -> None:
    """Work until ``stop`` is set; running jobs end at their next step and start again later."""
    connector: Any = queue_app.connector
    # A second application: what a job enqueues still goes through its own Django transaction.
    app = queue_app.with_connector(connector.get_worker_connector())
    async with app.open_async():
        await _guarded(sync_schedules)
        caring = asyncio.create_task(_care(app))
        working = asyncio.create_task(
            app.run_worker_async(
                concurrency=concurrency,
                install_signal_handlers=False,
                fetch_job_polling_interval=5.0,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=DEAD_AFTER_S,
            )
        )
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        Interruption.requested = True
        for task in (caring, working, stopping):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working


async def _care(app: App) -> None:
    loop = asyncio.get_running_loop()
    pruned = loop.time()
    while True:
        try:
            await _guarded(enqueue_due)
            await reap(app)
            if loop.time() - pruned > PRUNE_S:
                pruned = loop.time()
                await app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS, include_failed=True)
        except Exception:
            logger.exception("worker: looking after the queue")
        await asyncio.sleep(TURN_S)


async def reap(app: App) -> int:
    """Queue again what dead workers were doing; returns how much.

    A worker holds a lock of its database session on each run at work, which ends with its
    process; one that died before it took the lock is known by its missing heartbeat.
    """
    left = {job_id for (job_id,) in await sync_to_async(_abandoned, thread_sensitive=True)()}
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_S):
        left.add(int(job.id or 0))
    for job_id in left:
        logger.warning("worker: job %d was left by a dead worker", job_id)
        await app.job_manager.retry_job_by_id_async(job_id, retry_at=timezone.now())
    return len(left)


def _abandoned() -> list[tuple[int]]:
    with connection.cursor() as cursor:
        cursor.execute(_ABANDONED, [LOCK_SPACE])
        return list(cursor.fetchall())


async def _guarded(function: Any) -> None:
    """Run database work in a thread, on a healthy connection."""

    def work() -> None:
        close_old_connections()
        function()

    try:
        await sync_to_async(work, thread_sensitive=True)()
    except DatabaseError as error:
        logger.warning("worker: database: %s", error)
