"""Pages of queued work at ``/ql/he-thong/cong-viec/``: everyone their own, some everybody's."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import NotFoundError, SenError
from sen.kernel.jobs.context import TOPIC
from sen.kernel.jobs.definition import jobs
from sen.kernel.jobs.models import JobRun
from sen.kernel.jobs.selectors import counts_by_status, schedules, visible_runs
from sen.kernel.jobs.services import CHANGE, VIEW, cancel_run, retry_run
from sen.kernel.web.register.views import to_sign_in

PAGE_SIZE: Final = 50
TONES: Final = {
    JobRun.Status.QUEUED: "",
    JobRun.Status.RUNNING: "info",
    JobRun.Status.SUCCEEDED: "ok",
    JobRun.Status.FAILED: "danger",
    JobRun.Status.CANCELLED: "warn",
}

View = Callable[..., HttpResponse]


def page(view: View) -> View:
    """A page for people who signed in; a refusal is shown in words."""

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not actor_of(request).is_authenticated:
            return to_sign_in(request)
        try:
            return view(request, *args, **kwargs)
        except SenError as error:
            context = {"error": error, "page_title": error.title}
            return render(request, "jobs/refused.html", context, status=error.status)

    return checked


@require_GET
@never_cache
@page
def run_list(request: HttpRequest) -> HttpResponse:
    """Runs, newest first, by status; ``truoc`` pages on."""
    actor = actor_of(request)
    status = request.GET.get("trang-thai", "")
    before = request.GET.get("truoc", "")
    runs = visible_runs(actor)
    if status in JobRun.Status.values:
        runs = runs.filter(status=status)
    if before.isdigit():
        runs = runs.filter(pk__lt=int(before))
    rows = list(runs[: PAGE_SIZE + 1])
    more = len(rows) > PAGE_SIZE
    watches = actor.may(VIEW)
    context = {
        "page_title": _("Công việc nền"),
        "page_sub": _("Mọi công việc trong hệ thống") if watches else _("Công việc của tôi"),
        "rows": [(row, TONES[JobRun.Status(row.status)]) for row in rows[:PAGE_SIZE]],
        "tabs": _tabs(actor, status),
        "next_url": f"?trang-thai={status}&truoc={rows[PAGE_SIZE - 1].pk}" if more else "",
        "first_url": f"?trang-thai={status}" if before else "",
        "schedules": _schedule_rows() if watches else [],
        "topic": TOPIC,
    }
    return render(request, "jobs/list.html", context)


def _tabs(actor: Actor, status: str) -> list[dict[str, object]]:
    counts = counts_by_status(actor)
    tabs: list[dict[str, object]] = [
        {"title": _("Tất cả"), "url": "?", "active": not status, "count": sum(counts.values())}
    ]
    tabs += [
        {
            "title": choice.label,
            "url": f"?trang-thai={choice.value}",
            "active": status == choice.value,
            "count": counts.get(choice.value, 0),
        }
        for choice in JobRun.Status
    ]
    return tabs


def schedule_text(cron: str) -> str:
    """A line of cron in words; the usual kinds only, anything else as it is written."""
    minute, hour, *days = cron.split()
    if days == ["*", "*", "*"] and minute.isdigit() and hour.isdigit():
        return _("Hằng ngày lúc %(time)s") % {"time": f"{int(hour):02}:{int(minute):02}"}
    if days == ["*", "*", "*"] and minute.isdigit() and hour == "*":
        return _("Hằng giờ, phút thứ %(minute)s") % {"minute": minute}
    every = minute.removeprefix("*/")
    if days == ["*", "*", "*"] and hour == "*" and minute.startswith("*/") and every.isdigit():
        return _("Mỗi %(minutes)s phút") % {"minutes": every}
    return cron


def _schedule_rows() -> list[dict[str, Any]]:
    return [
        {
            "schedule": schedule,
            "title": str(job.title) if job else schedule.job,
            "when": schedule_text(schedule.cron),
        }
        for schedule in schedules()
        for job in [jobs.get(schedule.job)]
    ]


@require_GET
@never_cache
@page
def run_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """One run: how far it is, what it was asked, how it ended."""
    run = _run(request, run_id)
    parents = {"url": reverse("jobs"), "title": _("Công việc nền")}
    context = _state(request, run) | {
        "page_title": run.title,
        "page_sub": f"#{run.pk} · {run.job}",
        "breadcrumbs": [parents, {"title": run.title}],
        "arguments": list(run.arguments.items()),
        "topic": TOPIC,
    }
    return render(request, "jobs/run.html", context)


@require_GET
@never_cache
@page
def run_progress(request: HttpRequest, run_id: int) -> HttpResponse:
    """The part of the page that changes; it asks for itself until the run ends."""
    return render(request, "jobs/progress.html", _state(request, _run(request, run_id)))


def _state(request: HttpRequest, run: JobRun) -> dict[str, Any]:
    actor = actor_of(request)
    may_change = run.asked_by_id == actor.id or actor.may(CHANGE)
    ended = run.status in (JobRun.Status.FAILED, JobRun.Status.CANCELLED)
    return {
        "run": run,
        "tone": TONES[JobRun.Status(run.status)],
        "may_cancel": may_change and run.is_open and not run.cancel_requested,
        "may_retry": may_change and ended and run.job in jobs,
        "shows_traceback": actor.may(CHANGE),
        "results": _results(run.result),
    }


def _results(result: object) -> list[tuple[str, object]]:
    if isinstance(result, dict):
        return [(str(name), value) for name, value in result.items()]
    return [] if result is None else [(_("Kết quả"), result)]


@require_POST
@page
def run_cancel(request: HttpRequest, run_id: int) -> HttpResponse:
    return _act(request, run_id, cancel_run, _("Đã yêu cầu hủy công việc."))


@require_POST
@page
def run_retry(request: HttpRequest, run_id: int) -> HttpResponse:
    return _act(request, run_id, retry_run, _("Đã đưa công việc vào hàng đợi."))


def _act(
    request: HttpRequest, run_id: int, service: Callable[..., JobRun], success: str
) -> HttpResponse:
    run = _run(request, run_id)
    try:
        service(actor=actor_of(request), run=run)
    except SenError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, success)
    return redirect("job", run_id=run_id)


def _run(request: HttpRequest, run_id: int) -> JobRun:
    run = visible_runs(actor_of(request)).filter(pk=run_id).first()
    if run is None:
        raise NotFoundError(_("công việc"), run_id)
    return run
