"""Asking for work, cancelling it, asking again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as queue_app

from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.errors import ConflictError, PermissionDeniedError
from sen.kernel.jobs.context import show_run
from sen.kernel.jobs.definition import Job, jobs
from sen.kernel.jobs.models import JobRun

VIEW = "kernel.jobs.view"
CHANGE = "kernel.jobs.change"
TASK = "sen.run"


@transaction.atomic
def enqueue(
    job: Job,
    *,
    actor: Actor,
    title: str = "",
    once_key: str = "",
    gather: bool = False,
    start_at: datetime | None = None,
    **arguments: object,
) -> JobRun:
    """Queue ``job`` in the caller's transaction; nothing is queued when that is rolled back.

    ``title`` says what exactly is done (“Nhập cầu từ cau.xlsx”). With ``once_key`` a run of the
    same job and key that still waits is returned instead of a second one; with ``gather`` it takes
    over what the lists among the arguments name, so that a thousand changes are one run.

    Raises:
        TypeError: the arguments do not fit the job's function.
    """
    run = JobRun(
        job=job.name,
        title=(title or str(job.title))[:250],
        queue=job.queue,
        asked_by_id=actor.id,
        arguments=job.to_json(arguments),
        once_key=once_key,
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:
        waiting = (
            JobRun.objects.select_for_update(of=("self",))
            .filter(job=job.name, once_key=once_key, status=JobRun.Status.QUEUED)
            .first()
        )
        if not once_key or waiting is None:
            raise
        if gather:
            _add_lists(waiting, run.arguments)
        return waiting
    _queue(run, job, start_at)
    return run


def _add_lists(waiting: JobRun, arguments: dict[str, Any]) -> None:
    """Put what the lists name into the lists of the run that waits, each thing once."""
    merged = dict(waiting.arguments)
    for name, values in arguments.items():
        merged[name] = list(dict.fromkeys([*(merged.get(name) or []), *values]))
    if merged != waiting.arguments:
        waiting.arguments = merged
        waiting.save(update_fields=["arguments"])


def _queue(run: JobRun, job: Job, start_at: datetime | None = None) -> None:
    deferrer = queue_app.configure_task(
        TASK,
        queue=job.queue,
        lock=job.name if job.alone else None,
        schedule_at=start_at,
    )
    run.queue_job_id = deferrer.defer(run_id=run.pk)
    run.save(update_fields=["queue_job_id"])


@transaction.atomic
def cancel_run(*, actor: Actor, run: JobRun) -> JobRun:
    """Cancel a run: one that waits ends here, one that runs ends at its next step.

    Raises:
        PermissionDeniedError: it is somebody else's.
        ConflictError: it has ended already.
    """
    _authorise(actor, run)
    run = JobRun.objects.select_for_update().get(pk=run.pk)
    if not run.is_open:
        raise ConflictError(
            _("Công việc này đã kết thúc, không hủy được nữa."), hint=_("Hãy tải lại trang.")
        )
    run.cancel_requested = True
    if run.status == JobRun.Status.QUEUED:
        if run.queue_job_id is not None:
            queue_app.job_manager.cancel_job_by_id(run.queue_job_id)
        run.status = JobRun.Status.CANCELLED
        run.finished_at = timezone.now()
        run.next_try_at = None
    run.save()
    record(act="kernel.jobs.cancel", resource="kernel.jobs", object_id=str(run.pk), label=run.title)
    transaction.on_commit(lambda: show_run(run.pk, run.asked_by_id, status=run.status))
    return run


@transaction.atomic
def retry_run(*, actor: Actor, run: JobRun) -> JobRun:
    """Queue a failed or cancelled run again, in the name of whoever asked first.

    Raises:
        PermissionDeniedError: it is somebody else's.
        ConflictError: it still runs, succeeded, or its job no longer exists.
    """
    _authorise(actor, run)
    run = JobRun.objects.select_for_update().get(pk=run.pk)
    job = jobs.get(run.job)
    if job is None:
        raise ConflictError(
            _("Công việc “%(name)s” không còn trong hệ thống.") % {"name": run.job},
            hint=_("Hãy dùng chức năng tương ứng ở phiên bản hiện tại."),
        )
    if run.status not in (JobRun.Status.FAILED, JobRun.Status.CANCELLED):
        raise ConflictError(
            _("Chỉ chạy lại được công việc thất bại hoặc đã hủy."), hint=_("Hãy tải lại trang.")
        )
    run.status = JobRun.Status.QUEUED
    run.cancel_requested = False
    run.attempts = run.crashes = run.done = 0
    run.error = run.traceback = run.text = ""
    run.started_at = run.finished_at = run.next_try_at = None
    run.save()
    _queue(run, job)
    record(act="kernel.jobs.retry", resource="kernel.jobs", object_id=str(run.pk), label=run.title)
    return run


def _authorise(actor: Actor, run: JobRun) -> None:
    own = actor.id is not None and actor.id == run.asked_by_id
    if not own and not actor.may(CHANGE):
        raise PermissionDeniedError(CHANGE)
