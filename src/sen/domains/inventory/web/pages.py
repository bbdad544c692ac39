"""Pages of campaigns: the round on a phone, and the desk that decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sen.domains.inventory.choices import RecordState
from sen.domains.inventory.labels import field_label, type_label, value_text
from sen.domains.inventory.models import Campaign, Record, Visit
from sen.domains.inventory.selectors import (
    conflict_of,
    differences,
    records_of,
    said_by,
    teams_of,
)
from sen.domains.inventory.services import (
    accept_records,
    close_campaign,
    reject_record,
    resolve_visit,
    start_campaign,
)
from sen.domains.inventory.web.rounds import round_json
from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import SenError
from sen.kernel.files.services import attachments
from sen.kernel.web.register.links import detail_url, list_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import needs_sign_in, row_for, to_sign_in

SHOWN: Final = 200
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _say(request: HttpRequest, error: SenError) -> None:
    texts = [text for found in error.fields.values() for text in found] or [error.message]
    for text in [*texts, *filter(None, [error.hint])]:
        messages.error(request, text)


def _campaign(request: HttpRequest, campaign_id: int) -> Campaign:
    row = row_for(resources["inventory.campaigns"], actor_of(request), campaign_id)
    if not isinstance(row, Campaign):
        raise Http404
    return row


def page_of(campaign: Campaign) -> str:
    return detail_url(resources["inventory.campaigns"], campaign.pk)


def _crumbs(campaign: Campaign, title: str) -> list[dict[str, object]]:
    resource = resources["inventory.campaigns"]
    return [
        {"title": resource.title, "url": list_url(resource)},
        {"title": campaign.name, "url": page_of(campaign)},
        {"title": title, "url": ""},
    ]


@require_safe
def field(request: HttpRequest) -> HttpResponse:
    """The round on a phone; everything on it is the island's, with what it keeps on the device."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    if not actor.may(Record.access.permission("add")):
        raise Http404
    context = {"page_title": _("Kiểm kê hiện trường")}
    return render(request, "inventory/field.html", context)


@require_safe
def field_data(request: HttpRequest) -> JsonResponse:
    """The rounds of who asks."""
    actor = actor_of(request)
    if not actor.is_authenticated:
        return JsonResponse({"detail": _("Hãy đăng nhập để tải vòng kiểm kê.")}, status=401)
    rounds = [round_json(actor, team) for team in teams_of(actor.username)]
    said = {"user": actor.username, "at": timezone.now().isoformat(), "rounds": rounds}
    return JsonResponse(said, headers={"Cache-Control": "no-store"})


@require_POST
def move(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Start or close a campaign."""
    if needs_sign_in(request):
        return to_sign_in(request)
    campaign = _campaign(request, campaign_id)
    acts: dict[str, Callable[..., Campaign]] = {"start": start_campaign, "close": close_campaign}
    act = acts.get(request.POST.get("act", ""))
    if act is None:
        raise Http404
    try:
        act(actor=actor_of(request), row=campaign, version=campaign.version)
    except SenError as error:
        _say(request, error)
    else:
        messages.success(request, _("Đã cập nhật đợt kiểm kê."))
    return redirect(page_of(campaign))


@require_http_methods(["GET", "POST"])
def acceptance(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """What waits: records to take over, conflicts to decide."""
    if needs_sign_in(request):
        return to_sign_in(request)
    campaign = _campaign(request, campaign_id)
    actor = actor_of(request)
    rows = records_of(actor, campaign).select_related("asset", "area", "team", "visit")
    if request.method == "POST":
        _accept(request, campaign, rows)
        return redirect(request.path)
    pending = list(rows.filter(state=RecordState.PENDING.value)[: SHOWN + 1])
    conflicts = list(rows.filter(state=RecordState.CONFLICT.value).order_by("visit_id", "id"))
    context = {
        "page_title": _("Nghiệm thu kết quả kiểm kê"),
        "page_sub": campaign.name,
        "breadcrumbs": _crumbs(campaign, _("Nghiệm thu")),
        "campaign": campaign,
        "pending": [_shown(row) for row in pending[:SHOWN]],
        "has_more": len(pending) > SHOWN,
        "conflicts": [_shown(row) for row in conflicts[:SHOWN]],
        "may": actor.may(Record.access.permission("change")),
    }
    return render(request, "inventory/acceptance.html", context)


def _shown(row: Record) -> dict[str, Any]:
    changes = said_by(row).changes()
    return {
        "row": row,
        "url": detail_url(resources["inventory.records"], row.pk),
        "name": row.asset.name
        if row.asset
        else row.values.get("name") or type_label(row.asset_type),
        "kind": type_label(row.asset_type),
        "changes": [
            {
                "label": field_label(row.asset_type, name),
                "before": value_text(row.asset_type, name, row.shown.get(name)),
                "after": value_text(row.asset_type, name, value),
            }
            for name, value in changes.items()
        ],
    }


def _accept(request: HttpRequest, campaign: Campaign, rows: Any) -> None:
    ids = [int(text) for text in request.POST.getlist("record") if text.isdecimal()]
    chosen = list(rows.filter(pk__in=ids, state=RecordState.PENDING.value).order_by("recorded_at"))
    if not chosen:
        messages.error(request, _("Hãy chọn ít nhất một bản ghi."))
        return
    reason = request.POST.get("reason", "").strip()
    try:
        found = accept_records(
            actor=actor_of(request), campaign=campaign, records=chosen, reason=reason
        )
    except SenError as error:
        _say(request, error)
        return
    if found.accepted:
        messages.success(request, _("Đã ghi %(n)s bản ghi vào hồ sơ.") % {"n": found.accepted})
    if found.conflicts:
        messages.warning(
            request,
            _("%(n)s bản ghi mâu thuẫn với hồ sơ đã đổi, cần quyết định.") % {"n": found.conflicts},
        )
    for title, text in found.refused[:10]:
        messages.error(request, f"{title}: {text}")


@require_POST
def reject(request: HttpRequest, record_id: int) -> HttpResponse:
    """Do not take a record over."""
    if needs_sign_in(request):
        return to_sign_in(request)
    row = row_for(resources["inventory.records"], actor_of(request), record_id)
    if not isinstance(row, Record):
        raise Http404
    try:
        reject_record(
            actor=actor_of(request),
            row=row,
            version=row.version,
            reason=request.POST.get("reason", ""),
        )
    except SenError as error:
        _say(request, error)
    else:
        messages.success(request, _("Đã từ chối bản ghi."))
    return redirect(detail_url(resources["inventory.records"], row.pk))


@require_http_methods(["GET", "POST"])
def conflict(request: HttpRequest, visit_id: int) -> HttpResponse:
    """All sides of one asset, field by field, and the decision."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    visit = row_for(resources["inventory.visits"], actor, visit_id)
    if not isinstance(visit, Visit):
        raise Http404
    asset, records, rows = conflict_of(actor, visit)
    status = 200
    if request.method == "POST":
        version = request.POST.get("asset_version", "")
        picks = {
            name.removeprefix("pick__"): str(value)
            for name, value in request.POST.items()
            if name.startswith("pick__")
        }
        try:
            resolve_visit(
                actor=actor,
                visit=visit,
                asset_version=int(version) if version.isdecimal() else 0,
                outcome=request.POST.get("outcome", ""),
                picks=picks,
                reason=request.POST.get("reason", ""),
            )
        except SenError as error:
            _say(request, error)
            status = error.status
        else:
            messages.success(request, _("Đã quyết định và ghi vào hồ sơ tài sản."))
            return redirect(f"{page_of(visit.campaign)}nghiem-thu/")
    if asset is None:
        raise Http404
    context = {
        "page_title": _("Đối chiếu: %(name)s") % {"name": asset.name},
        "page_sub": type_label(asset.type),
        "breadcrumbs": _crumbs(visit.campaign, _("Đối chiếu")),
        "asset": asset,
        "sides": [_side(request, record) for record in records],
        "rows": [_compared(asset.type, row, request) for row in rows],
        "outcome": request.POST.get("outcome", ""),
        "reason": request.POST.get("reason", ""),
        "may": actor.may(Record.access.permission("change")) and bool(records),
        "is_gone": any(record.outcome == "NOT_FOUND" for record in records),
    }
    return render(request, "inventory/conflict.html", context, status=status)


def _side(request: HttpRequest, record: Record) -> dict[str, Any]:
    photos = attachments(actor=actor_of(request), row=record, register="inventory.records")
    return {"row": record, "key": str(record.key), "photos": photos}


def _compared(kind: str, row: Any, request: HttpRequest) -> dict[str, Any]:
    picked = request.POST.get(f"pick__{row.name}", "" if row.differs else "now")
    return {
        "name": row.name,
        "label": field_label(kind, row.name),
        "differs": row.differs,
        "base": value_text(kind, row.name, row.base),
        "now": value_text(kind, row.name, row.now),
        "picked": picked,
        "said": [
            {"key": key, "text": value_text(kind, row.name, value), "is_picked": key == picked}
            for key, value in row.said.items()
        ],
    }


@require_safe
def report(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """What differs between the frozen list and what was found, as a spreadsheet."""
    if needs_sign_in(request):
        return to_sign_in(request)
    from sen.kernel.web.register.sheets import xlsx_file

    campaign = _campaign(request, campaign_id)
    heads = [
        _("Xã, phường"),
        _("Tổ"),
        _("Mã tài sản"),
        _("Tên"),
        _("Loại"),
        _("Kết quả"),
        _("Xử lý"),
        _("Trường"),
        _("Trước"),
        _("Sau"),
        _("Người ghi"),
        _("Ghi lúc"),
        _("Ghi chú"),
    ]
    rows = (
        [
            *line[:4],
            type_label(line[4]),
            *line[5:7],
            field_label(line[4], line[7]) if line[7] else "",
            value_text(line[4], line[7], line[8]) if line[7] else "",
            value_text(line[4], line[7], line[9]) if line[7] else "",
            *line[10:],
        ]
        for line in differences(actor_of(request), campaign)
    )
    response = HttpResponse(xlsx_file(_("Chênh lệch"), heads, rows), content_type=XLSX)
    name = f"chenh-lech-{campaign.pk}.xlsx"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
