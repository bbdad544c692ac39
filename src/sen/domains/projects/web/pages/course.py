"""Moving a project on, suspending it, taking it up again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sen.domains.projects.services import move_project, set_project_status
from sen.domains.projects.web.pages.common import page_of, project_for, say
from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import SenError
from sen.kernel.web.register.views import needs_sign_in, to_sign_in


@require_POST
def move(request: HttpRequest, project_id: int) -> HttpResponse:
    """Another step of the course; what is missing is told on the page of the project."""
    if needs_sign_in(request):
        return to_sign_in(request)
    project = project_for(request, project_id)
    try:
        row = move_project(
            actor=actor_of(request),
            row=project,
            version=_version(request),
            to_step=request.POST.get("to_step", ""),
            reason=request.POST.get("reason", ""),
        )
    except SenError as error:
        say(request, error)
    else:
        messages.success(
            request, _("Dự án chuyển sang bước “%(step)s”.") % {"step": row.get_step_display()}
        )
    return redirect(page_of(project))


@require_POST
def status(request: HttpRequest, project_id: int) -> HttpResponse:
    """Suspended, running again, or given up."""
    if needs_sign_in(request):
        return to_sign_in(request)
    project = project_for(request, project_id)
    try:
        row = set_project_status(
            actor=actor_of(request),
            row=project,
            version=_version(request),
            status=request.POST.get("status", ""),
            reason=request.POST.get("reason", ""),
        )
    except SenError as error:
        say(request, error)
    else:
        messages.success(
            request, _("Trạng thái của dự án: %(status)s.") % {"status": row.get_status_display()}
        )
    return redirect(page_of(project))


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None
