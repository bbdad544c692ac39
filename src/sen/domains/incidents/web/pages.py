"""What people do with incidents from their pages, and the closing report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sen.domains.alarms.api import Alarm
from sen.domains.incidents import services
from sen.domains.incidents.models import Incident, IncidentTask
from sen.domains.incidents.selectors import entries_of, tasks_of
from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import SenError
from sen.kernel.web.register.links import detail_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import needs_sign_in, row_for, to_sign_in

Step = Callable[..., Any]


@require_POST
def act(request: HttpRequest, incident_id: int, what: str) -> HttpResponse:
    """One act on an incident; what is wrong is told on its page."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    row = row_for(resources["incidents.incidents"], actor, incident_id)
    if what not in _ACTS:
        raise Http404
    step, row_name, fields, versioned = _ACTS[what]
    values: dict[str, Any] = {name: request.POST.get(name, "") for name in fields}
    version = request.POST.get("version", "")
    if versioned:
        values["version"] = int(version) if version.isdecimal() else None
    values[row_name] = row
    _do(request, lambda: step(actor=actor, **values))
    return redirect(detail_url(resources["incidents.incidents"], row.pk))


_ACTS: Final[dict[str, tuple[Step, str, tuple[str, ...], bool]]] = {
    "xu-ly": (services.start_incident, "row", (), True),
    "khong-che": (services.contain_incident, "row", (), True),
    "tai-dien": (services.reopen_incident, "row", (), True),
    "ket-thuc": (services.close_incident, "row", ("cause", "damage", "result"), True),
    "huy": (services.cancel_incident, "row", ("reason",), True),
    "ghi-chu": (services.note_incident, "row", ("text",), False),
    "anh-huong": (services.affect, "row", ("code",), False),
    "them-viec": (services.add_task, "incident", ("title", "role"), False),
}


@require_POST
def task_done(request: HttpRequest, task_id: int) -> HttpResponse:
    """A task is reported as done, or as not needed."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    row = IncidentTask.objects.visible_to(actor).select_related("incident").filter(pk=task_id)
    task = row.first()
    if task is None:
        raise Http404
    note = request.POST.get("note", "")
    if request.POST.get("what") == "bo":
        _do(
            request,
            lambda: services.update_task(
                actor=actor, row=task, version=None, is_dropped=True, note=note
            ),
        )
    else:
        _do(request, lambda: services.finish_task(actor=actor, row=task, note=note))
    return redirect(detail_url(resources["incidents.incidents"], task.incident_id))


@require_POST
def from_alarm(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Open the incident of an alarm and go there."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    alarm = row_for(resources["alarms.alarms"], actor, alarm_id)
    if not isinstance(alarm, Alarm):
        raise Http404
    made: list[Incident] = []
    _do(request, lambda: made.append(services.open_from_alarm(actor=actor, alarm=alarm)))
    if made:
        return redirect(detail_url(resources["incidents.incidents"], made[0].pk))
    return redirect(detail_url(resources["alarms.alarms"], alarm.pk))


def _do(request: HttpRequest, step: Callable[[], Any]) -> None:
    try:
        step()
    except SenError as error:
        for text in [t for found in error.fields.values() for t in found] or [str(error)]:
            messages.error(request, text)
    else:
        messages.success(request, _("Đã ghi."))


@require_safe
def report(request: HttpRequest, incident_id: int) -> HttpResponse:
    """The report of an incident on paper."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    row = row_for(resources["incidents.incidents"], actor, incident_id)
    if not isinstance(row, Incident):
        raise Http404
    context = {
        "page_title": _("Báo cáo kết thúc sự cố %(code)s") % {"code": row.code},
        "row": row,
        "tasks": list(tasks_of(actor, row)),
        "entries": list(entries_of(row)),
        "assets": list(row.affected_assets.visible_to(actor)),
        "roads": list(row.affected_roads.visible_to(actor)),
        "back": detail_url(resources["incidents.incidents"], row.pk),
    }
    return render(request, "incidents/report.html", context)
