"""The history of a row: every version, what changed between any two, and bringing one back."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.audit.history import compare, people_of, versions
from sen.kernel.audit.states import State
from sen.kernel.errors import SenError
from sen.kernel.logbook.selectors import VIEW as VIEW_LOG
from sen.kernel.numbers import number_text
from sen.kernel.restoring import restore
from sen.kernel.web.register.links import WORK, detail_url
from sen.kernel.web.register.resource import Resource
from sen.kernel.web.register.views import (
    crumbs,
    needs_sign_in,
    resource_for,
    rights_of,
    row_for,
    to_sign_in,
)


@require_http_methods(["GET", "POST"])
def history_page(request: HttpRequest, path: str, row_id: int) -> HttpResponse:
    """Versions newest first; ``?a=&b=`` compares two; POST brings ``to`` back."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource = resource_for(request, path)
    actor = actor_of(request)
    row = row_for(resource, actor, row_id)
    error = ""
    if request.method == "POST":
        try:
            _restore(request, actor, row)
        except SenError as problem:
            error = str(problem)
        else:
            messages.success(request, _("Đã khôi phục; bản hiện tại được giữ trong lịch sử."))
            return redirect(detail_url(resource, row.pk))
    states = versions(row, actor)
    context = {
        "shell": "sen/shell.html",
        "resource": resource,
        "row": row,
        "error": error,
        "entries": _entries(resource, states),
        "compared": _compared(resource, states, request),
        "may_restore": rights_of(resource, actor)["change"]
        and resource.may_on(actor, "change", row),
        "url": detail_url(resource, row.pk),
        "log_url": _log_url(actor, row),
        "page_title": _("Lịch sử: %(name)s") % {"name": row},
        "breadcrumbs": [
            *crumbs(resource, WORK, link=True),
            {"title": str(row), "url": detail_url(resource, row.pk)},
            {"title": _("Lịch sử"), "url": ""},
        ],
    }
    return render(request, "sen/register/history.html", context, status=422 if error else 200)


def _log_url(actor: Actor, row: ScopedModel) -> str:
    """Everything that was done to the row, for those who may read the log."""
    if not actor.may(VIEW_LOG):
        return ""
    return f"{reverse('audit_log')}?{urlencode({'muc': row.access.resource, 'ma': row.pk})}"


def _restore(request: HttpRequest, actor: Actor, row: ScopedModel) -> None:
    to, seen = request.POST.get("to", ""), request.POST.get("version", "")
    restore(
        actor=actor,
        row=row,
        to_version=int(to) if to.isdigit() else -1,
        version=int(seen) if seen.isdigit() else -1,
        reason=request.POST.get("reason", ""),
    )


def _entries(resource: Resource[Any], states: list[State]) -> list[dict[str, Any]]:
    """Each version with what made it different from the one before; the newest first, as given."""
    people = people_of(states)
    changes = [rows_of(resource, old, new) for new, old in pairwise(states)]
    return [
        {
            "state": state,
            "number": state.version,
            "who": people.get(state.by_id or 0) or _office(state.by),
            "changes": changed,
        }
        for state, changed in zip(states, [*changes, []], strict=False)
    ]


def _office(name: str) -> str:
    """What wrote without an account."""
    return _("Hệ thống") if name == "system" else name


def rows_of(resource: Resource[Any], old: State, new: State) -> list[dict[str, Any]]:
    """Differences for the ``diff`` component; nothing is told of masked fields."""
    return [
        {
            "label": capfirst(item.label),
            "before": _shown(resource, item.field, item.before),
            "after": _shown(resource, item.field, item.after),
        }
        for item in compare(old, new)
        if not item.masked
    ]


def _shown(resource: Resource[Any], field: str, value: Any) -> Any:
    """A value as the register writes it; what is no column of it as it is."""
    column = resource.columns_by_name.get(field)
    if column is not None and column.write is not None and value not in (None, ""):
        return column.write(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return number_text(value) if isinstance(value, Decimal | float) else value


def _compared(
    resource: Resource[Any], states: list[State], request: HttpRequest
) -> dict[str, Any] | None:
    by_number = {str(state.version): state for state in states}
    old = by_number.get(request.GET.get("a", ""))
    new = by_number.get(request.GET.get("b", ""))
    if old is None or new is None or old is new:
        return None
    if old.version > new.version:
        old, new = new, old
    return {"old": old, "new": new, "rows": rows_of(resource, old, new)}
