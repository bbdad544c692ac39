"""The schedule of a project as a Gantt chart with its critical path."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sen.domains.projects.models import Project, Task
from sen.domains.projects.selectors import Line, Sequence, sequence_of
from sen.domains.projects.web.gantt import gantt
from sen.domains.projects.web.pages.common import page_of, project_for, trail
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.web.register.links import WORK
from sen.kernel.web.register.views import needs_sign_in, to_sign_in

#: What goes into a file that another planning tool reads, and that the import accepts.
COLUMNS = ",".join(
    (
        *("project_code", "code", "name", "kind", "starts_at", "ends_at", "predecessors"),
        *("weight", "done_pct", "started_at", "finished_at"),
    )
)


@require_GET
def schedule(request: HttpRequest, project_id: int) -> HttpResponse:
    """Bars, ties, floats, what is late and what it pushes.

    Raises:
        Http404: no such project, or its schedule is not for this person.
    """
    if needs_sign_in(request):
        return to_sign_in(request)
    project = project_for(request, project_id)
    actor = actor_of(request)
    if not actor.may(Task.access.permission("view")):
        raise Http404(_("Bạn chưa được cấp quyền xem tiến độ."))
    today = timezone.localdate()
    sequence = sequence_of(actor, project, today)
    title = _("Sơ đồ tiến độ")
    context: dict[str, Any] = {
        "project": project,
        "page_title": title,
        "page_sub": project.name,
        "breadcrumbs": trail(project, title),
        "sequence": sequence,
        "project_url": page_of(project),
        "today": today,
        **_ways(actor, project),
    }
    if sequence is not None:
        names = {one.task.code: str(one.task) for one in sequence.lines}
        context |= {
            "chart": gantt(sequence, today),
            "lines": [_shown(one, sequence) for one in sequence.lines],
            "late": [
                {"line": one, "url": _url(one), "pushes": [names[code] for code in one.pushes]}
                for one in sequence.lines
                if one.is_late or (one.delay_days and not one.pushed_by and one.pushes)
            ],
            "critical": [names[code] for code in sequence.critical],
            "is_behind": sequence.outlook_end > sequence.agreed_end,
        }
    return render(request, "projects/gantt.html", context)


def _ways(actor: Actor, project: Project) -> dict[str, str]:
    query = urlencode({"project": project.code, "cols": COLUMNS, "sort": "starts_at"})
    may = Task.access.permission
    return {
        "table_url": f"{WORK}projects/tasks/?{query}",
        "add_url": f"{WORK}projects/tasks/them/?project={project.pk}"
        if actor.may(may("add"))
        else "",
        "import_url": f"{WORK}projects/tasks/nhap/" if actor.may(may("import")) else "",
    }


def _url(one: Line) -> str:
    return f"{WORK}projects/tasks/{one.task.pk}/"


def _shown(one: Line, sequence: Sequence) -> dict[str, Any]:
    return {
        "line": one,
        "url": _url(one),
        "ties": ", ".join(map(str, one.links)),
        "is_critical": one.is_critical and sequence.has_ties,
        "is_early": bool(one.links) and one.agreed[0] < one.earliest[0],
    }
