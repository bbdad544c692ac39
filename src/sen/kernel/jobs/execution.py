"""Running one run: its states, its transaction, its repetitions."""

from __future__ import annotations

import logging
import traceback
from datetime import timedelta
from typing import Any, Final

import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import acting_as
from sen.kernel.access.scope import Actor, system
from sen.kernel.errors import SenError
from sen.kernel.jobs.context import (
    JobCancelledError,
    JobContext,
    JobInterruptedError,
    show_run,
)
from sen.kernel.jobs.definition import Job, jobs
from sen.kernel.jobs.models import JobRun

logger = logging.getLogger(__name__)

#: A run whose worker died so often is given up: it may be what kills the worker.
MAX_CRASHES: Final = 3
BUSY_S: Final = 30
TRACE_LENGTH: Final = 8000


class RunAgainError(Exception):
    """The run is to be started again after ``wait_s``."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"again in {wait_s} s")
        self.wait_s = wait_s


class RunFailedError(Exception):
    """The run failed for good; the reason is in its row."""


def execute(run_id: int) -> None:
    """Do the work of a run, once.

    A run that ended already is left alone: its worker died after the commit and before it could
    tell the queue.

    Raises:
        RunAgainError: it failed and is to be repeated, or another process still works on it.
        RunFailedError: it failed for good.
    """
    run = JobRun.objects.filter(pk=run_id).select_related("asked_by").first()
    if run is None or not run.is_open:
        return
    context = JobContext(run.pk, _actor(run), attempt=run.attempts + 1)
    try:
        if not context.take():
            raise RunAgainError(BUSY_S)
        job = _start(run)
        if job is not None:
            _attempt(job, run, context)
    finally:
        context.close()


def _actor(run: JobRun) -> Actor:
    if run.asked_by is None:
        return system(_("Việc định kỳ: %(title)s") % {"title": run.title})
    return actor_for(run.asked_by)


def _start(run: JobRun) -> Job | None:
    """Note the start, outside the job's transaction; ``None`` when there is nothing to do."""
    job = jobs.get(run.job)
    with transaction.atomic():
        now = JobRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if not now.is_open:
            return None
        run.arguments = now.arguments  # more may have been gathered since it was read
        run.crashes = now.crashes + (now.status == JobRun.Status.RUNNING)
        refusal = _refusal(run, job)
        run.attempts = now.attempts + 1
        run.status = JobRun.Status.FAILED if refusal else JobRun.Status.RUNNING
        run.error = refusal
        run.started_at = timezone.now()
        run.finished_at = run.started_at if refusal else None
        run.next_try_at = None
        run.save(
            update_fields=[
                *("attempts", "crashes", "status", "error"),
                *("started_at", "finished_at", "next_try_at"),
            ]
        )
    show_run(run.pk, run.asked_by_id, status=run.status, text=run.error)
    if refusal:
        raise RunFailedError(refusal)
    return job


def _refusal(run: JobRun, job: Job | None) -> str:
    if job is None:
        return _("Công việc “%(name)s” không còn trong hệ thống.") % {"name": run.job}
    if run.asked_by is not None and not run.asked_by.is_active:
        return _("Tài khoản của người yêu cầu đã bị khóa.")
    if run.crashes >= MAX_CRASHES:
        return _("Tiến trình bị ngắt %(times)d lần khi đang chạy công việc này.") % {
            "times": run.crashes
        }
    return ""


def _attempt(job: Job, run: JobRun, context: JobContext) -> None:
    try:
        _perform(job, run, context)
    except JobCancelledError:
        _end(run, JobRun.Status.CANCELLED)
    except JobInterruptedError:
        JobRun.objects.filter(pk=run.pk).update(
            status=JobRun.Status.QUEUED, attempts=run.attempts - 1
        )
        raise RunAgainError(0) from None
    except Exception as error:
        logger.exception("job %s, run %d failed", run.job, run.pk)
        _fail(job, run, error)


def _perform(job: Job, run: JobRun, context: JobContext) -> None:
    arguments = job.from_json(run.arguments)
    if not job.atomic:
        _succeed(run, job(context, **arguments))
        return
    with acting_as(context.actor, reason=run.title, request_id=f"job-{run.pk}"):
        result = job(context, **arguments)
        # In the same transaction: effects without the note, or the note without effects, cannot be.
        _succeed(run, result)


def _succeed(run: JobRun, result: object) -> None:
    plain: Any = msgspec.to_builtins(result)
    _end(run, JobRun.Status.SUCCEEDED, result=plain, error="", traceback="")


def _fail(job: Job, run: JobRun, error: Exception) -> None:
    readable = isinstance(error, SenError)
    text = str(error) if readable else f"{type(error).__name__}: {error}"
    trace = "" if readable else traceback.format_exc()[-TRACE_LENGTH:]
    failures = run.attempts - run.crashes
    # What a person can read, a repetition does not mend.
    if failures > job.retry or readable:
        _end(run, JobRun.Status.FAILED, error=text[:500], traceback=trace)
        raise RunFailedError(text) from error
    wait_s = job.wait_s(failures)
    JobRun.objects.filter(pk=run.pk).update(
        status=JobRun.Status.QUEUED,
        error=text[:500],
        traceback=trace,
        next_try_at=timezone.now() + timedelta(seconds=wait_s),
    )
    show_run(run.pk, run.asked_by_id, status=JobRun.Status.QUEUED, text=text[:250])
    raise RunAgainError(wait_s) from error


def _end(run: JobRun, status: JobRun.Status, **fields: object) -> None:
    JobRun.objects.filter(pk=run.pk).update(status=status, finished_at=timezone.now(), **fields)
    text = str(fields.get("error", "") or "")
    transaction.on_commit(lambda: show_run(run.pk, run.asked_by_id, status=status, text=text[:250]))
