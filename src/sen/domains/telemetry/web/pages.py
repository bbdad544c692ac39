"""Acts on devices, refused payloads, curves of streams."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from sen.domains.telemetry import choices, services
from sen.domains.telemetry.curves import calibration_marks, others, parts_of
from sen.domains.telemetry.events import TOPIC
from sen.domains.telemetry.models import Datastream, DeadLetter, Device
from sen.domains.telemetry.results import json_schema, result_schemas
from sen.domains.telemetry.said import unit_text
from sen.domains.telemetry.selectors import dead_letters, reasons_of, unknown_sources
from sen.domains.telemetry.store.reading import buckets, observations
from sen.domains.telemetry.web.panels import named
from sen.domains.telemetry.web.reasons import reason_text
from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import SenError
from sen.kernel.web.charts import Chart, Series, Step, Window, chart_response, with_gaps
from sen.kernel.web.register.links import WORK, detail_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import crumbs, needs_sign_in, row_for, to_sign_in

PAGE: Final = 50
USUAL: Final = timedelta(days=7)
#: Reading of single observations ends here; a longer stretch is told by rollups.
MOST_RAW: Final = 8_000
_STEPS: Final = {
    Step.MINUTE: choices.Step.MINUTE,
    Step.HOUR: choices.Step.HOUR,
    Step.DAY: choices.Step.DAY,
}
#: Gaps that break a line, in intervals of the stream or widths of the rollup.
_GAP: Final = 3.5


@require_POST
@never_cache
def device_act(request: HttpRequest, device_id: int, what: str) -> HttpResponse:
    """One act on a device; what is wrong is told on its page."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    row = row_for(resources["telemetry.devices"], actor, device_id)
    if not isinstance(row, Device):
        raise Http404
    back = detail_url(resources["telemetry.devices"], row.pk)
    reason = request.POST.get("reason", "")
    try:
        if what == "cap-khoa":
            secret = services.give_key(actor=actor, row=row)
            context = {"row": row, "secret": secret, "back": back, **_heads(row)}
            return render(request, "telemetry/key.html", context)
        if what == "thu-khoa":
            key_id = request.POST.get("key_id", "")
            services.revoke_key(actor=actor, row=row, key_id=key_id, reason=reason)
        else:
            _ACTS[what](actor=actor, row=row, reason=reason)
    except SenError as error:
        _say(request, error)
    else:
        messages.success(request, _("Đã ghi."))
    return redirect(back)


_ACTS: Final[dict[str, Any]] = {
    "cach-ly": services.quarantine_device,
    "bo-cach-ly": services.release_device,
    "ngung": services.retire_device,
}


def _say(request: HttpRequest, error: SenError) -> None:
    for text in [text for found in error.fields.values() for text in found] or [str(error)]:
        messages.error(request, text)
    if error.hint:
        messages.error(request, str(error.hint))


def _heads(row: Device) -> dict[str, Any]:
    return {
        "page_title": _("Khóa của thiết bị %(name)s") % {"name": row.name},
        "crumbs": crumbs(resources["telemetry.devices"], WORK, link=True),
    }


@require_safe
def refused(request: HttpRequest) -> HttpResponse:
    """Payloads that became no observation, by reason; unknown devices can be provisioned."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    if not actor.may("telemetry.device.view"):
        raise Http404
    device_id = _number(request.GET.get("thiet-bi", ""))
    rows = dead_letters(actor, device_id=device_id)
    counted = named(reasons_of(rows))
    reason = request.GET.get("ly-do", "")
    if reason:
        rows = rows.filter(reason=reason)
    page = Paginator(rows.select_related("device"), PAGE).get_page(request.GET.get("trang"))
    sources = unknown_sources(actor) if device_id is None else []
    context = {
        "page_title": _("Bản tin bị từ chối"),
        "reasons": counted,
        "reason": reason,
        "device_id": device_id,
        "page": page,
        "rows": [_letter(row) for row in page.object_list],
        "sources": [{**item, "code": code_in(item["source"])} for item in sources],
        "may_add": actor.may("telemetry.device.add"),
    }
    return render(request, "telemetry/dead.html", context)


def _letter(row: DeadLetter) -> dict[str, Any]:
    payload = bytes(row.payload or b"")[:2000]
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        text = payload.hex(" ")
    return {"row": row, "reason": reason_text(row.reason), "payload": text}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def code_in(source: str) -> str:
    """The code of a device in the topic or address from which a payload came."""
    found = re.search(r"sen/v1/([A-Za-z0-9][A-Za-z0-9_-]*)/", source)
    return found.group(1) if found else ""


@require_safe
def schemas(request: HttpRequest) -> HttpResponse:
    """What results of positions, counts and passages consist of, and who sends such."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    if not actor.may("telemetry.datastream.view"):
        raise Http404
    rows = Datastream.objects.visible_to(actor).exclude(result_schema="").order_by("name")
    streams: dict[str, list[Datastream]] = {}
    for row in rows[:500]:
        streams.setdefault(row.result_schema, []).append(row)
    english = (get_language() or "vi").startswith("en")
    known = [
        {
            "schema": one,
            "title": one.title_en if english else one.title_vi,
            "retention": choices.RETENTIONS[one.retention],
            "fields": [
                {"it": field, "title": field.title_en if english else field.title_vi}
                for field in one.fields.values()
            ],
            "streams": streams.get(one.code, []),
        }
        for one in result_schemas().values()
    ]
    context = {"page_title": _("Lược đồ kết quả"), "known": known}
    return render(request, "telemetry/schemas.html", context)


@require_safe
def schema(request: HttpRequest, code: str) -> HttpResponse:
    """One schema of results as a document."""
    if needs_sign_in(request):
        return to_sign_in(request)
    known = result_schemas().get(code)
    if known is None or not actor_of(request).may("telemetry.datastream.view"):
        raise Http404
    return JsonResponse(json_schema(known), json_dumps_params={"ensure_ascii": False})


@require_POST
def provision(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Make a device of an unknown sender."""
    if needs_sign_in(request):
        return to_sign_in(request)
    values = {name: request.POST.get(name, "").strip() for name in ("code", "name", "things")}
    try:
        row = services.provision_unknown(actor=actor_of(request), letter_id=letter_id, **values)
    except SenError as error:
        _say(request, error)
        return redirect("telemetry-refused")
    messages.success(request, _("Đã khai báo thiết bị. Hãy cấp khóa để thiết bị gửi được."))
    return redirect(detail_url(resources["telemetry.devices"], row.pk))


@require_safe
def curve(request: HttpRequest, stream_id: int) -> HttpResponse:
    """What ``<sen-chart>`` reads of one stream."""
    actor = actor_of(request)
    row = row_for(resources["telemetry.datastreams"], actor, stream_id)
    if not isinstance(row, Datastream):
        raise Http404
    window = Window.asked(request.GET, usual=USUAL)
    step = window.step(row.interval_s or 1.0)
    points = _points(actor, row.pk, window, step)
    if points is None:
        step = Step.MINUTE
        points = _points(actor, row.pk, window, step) or []
    lines = [_line(row, points, step)]
    # Streams beside it are drawn without their envelopes, each with the name of its station.
    beside = others(request.GET.get("cung", ""), row.pk)
    seen = Datastream.objects.visible_to(actor).filter(pk__in=beside).select_related("thing")
    for other in seen.order_by("pk") if beside else ():
        more = _points(actor, other.pk, window, step) or []
        lines.append(_line(other, more, step, beside=True))
    bands, marks = parts_of(actor, row, window)
    marks += calibration_marks(actor, row, window)
    chart = Chart(row.name, step, lines, bands=bands, marks=marks, topic=TOPIC)
    return chart_response(chart, window, request.GET)


def _line(row: Datastream, points: Sequence[Any], step: Step, *, beside: bool = False) -> Series:
    longest = _GAP * max(step.seconds, row.interval_s or 3_600)
    at, value, low, high = with_gaps(points, longest)
    has_envelope = step is not Step.RAW and not beside
    return Series(
        id=str(row.pk),
        title=f"{row.name} · {row.thing.name}" if beside else row.name,
        unit=unit_text(row.unit),
        at=at,
        value=value,
        low=low if has_envelope else (),
        high=high if has_envelope else (),
        live_key=str(row.pk),
    )


def _points(
    actor: Any, stream_id: int, window: Window, step: Step
) -> Sequence[tuple[Any, float | None, float | None, float | None]] | None:
    """Points of a window; None where there are too many single observations."""
    if step is Step.RAW:
        found = observations(actor, stream_id, window.begin, window.end, limit=MOST_RAW + 1)
        if len(found) > MOST_RAW:
            return None
        return [(one.at, one.result, None, None) for one in found]
    told = buckets(actor, stream_id, window.begin, window.end, _STEPS[step])
    return [(one.at, one.mean, one.min, one.max) for one in told]
