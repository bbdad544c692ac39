"""The shift log: who is on duty, what happened, what is handed over."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sen.domains.operations import services
from sen.domains.operations.models import Shift, ShiftEntry
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.models import User
from sen.kernel.access.scope import Actor, ActorKind
from sen.kernel.errors import PermissionDeniedError, SenError

LOG: Final = "/ioc/so-truc/"
ENTRIES: Final = 100
PAST: Final = 20


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Open shifts with their entries, past ones with what was handed over."""
    actor = actor_of(request)
    if not actor.may("operations.shift.view"):
        raise PermissionDeniedError("operations.shift.view")
    rows = Shift.objects.visible_to(actor)
    opened = list(rows.filter(ends_at=None).order_by("post", "begins_at"))
    entries = ShiftEntry.objects.visible_to(actor).filter(shift__in=[s.pk for s in opened])
    said: dict[int, list[ShiftEntry]] = {shift.pk: [] for shift in opened}
    for entry in entries.order_by("-at")[:ENTRIES]:
        said[entry.shift_id].append(entry)
    mine = [shift for shift in opened if shift.person_id == actor.id]
    context = {
        "page_title": _("Sổ trực"),
        "page_sub": _("Ai đang trực, diễn biến trong ca và nội dung bàn giao."),
        "breadcrumbs": [{"title": _("Điều hành"), "url": "/ioc/"}, {"title": _("Sổ trực")}],
        "opened": [
            {"shift": shift, "entries": said[shift.pk], "is_mine": shift in mine}
            for shift in opened
        ],
        "past": rows.exclude(ends_at=None).select_related("taken_by").order_by("-ends_at")[:PAST],
        "may_start": actor.may("operations.shift.add"),
        "may_write": actor.may("operations.shift.change"),
        "posts": Shift.Posts.choices,
        "kinds": ShiftEntry.Kinds.choices,
        "takers": _takers(actor) if mine else [],
    }
    return render(request, "operations/shifts.html", context)


def _takers(actor: Actor) -> Any:
    """Colleagues of the same unit who may take over."""
    return (
        User.objects.filter(
            organisation_id=actor.organisation_id or 0,
            kind=ActorKind.OFFICIAL.value,
            is_active=True,
        )
        .exclude(pk=actor.id or 0)
        .order_by("full_name")
        .values_list("pk", "full_name")[:200]
    )


def _own(request: HttpRequest, shift_id: int) -> Shift:
    row = Shift.objects.visible_to(actor_of(request)).filter(pk=shift_id).first()
    if row is None:
        raise Http404(_("Không có ca trực này."))
    return row


def _answer(request: HttpRequest, act: Any, done: str) -> HttpResponse:
    """Run a step and come back to the log with what happened."""
    try:
        act()
    except SenError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect(LOG)


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Go on duty."""
    actor = actor_of(request)
    post, phone = request.POST.get("post", ""), request.POST.get("phone", "")
    return _answer(
        request,
        lambda: services.start_shift(actor=actor, post=post, phone=phone),
        _("Đã nhận ca trực."),
    )


@require_POST
def write(request: HttpRequest, shift_id: int) -> HttpResponse:
    """Add a line."""
    actor, shift = actor_of(request), _own(request, shift_id)
    kind, text = request.POST.get("kind", ""), request.POST.get("text", "")
    return _answer(
        request,
        lambda: services.write_entry(actor=actor, shift=shift, kind=kind, text=text),
        _("Đã ghi sổ trực."),
    )


@require_POST
def hand_over(request: HttpRequest, shift_id: int) -> HttpResponse:
    """End one's shift."""
    actor, shift = actor_of(request), _own(request, shift_id)
    given = request.POST
    taker = User.objects.filter(
        pk=given.get("taken_by", "0") if given.get("taken_by", "").isdigit() else 0,
        organisation_id=actor.organisation_id or 0,
        is_active=True,
    ).first()
    if taker is None:
        messages.error(request, _("Hãy chọn người nhận ca trong đơn vị."))
        return redirect(LOG)
    version = int(given["version"]) if given.get("version", "").isdigit() else None
    return _answer(
        request,
        lambda: services.hand_over(
            actor=actor,
            shift=shift,
            version=version,
            handover=given.get("handover", ""),
            taken_by=taker,
        ),
        _("Đã giao ca cho %(name)s.") % {"name": taker.full_name},
    )
