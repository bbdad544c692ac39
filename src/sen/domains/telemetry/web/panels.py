"""Newest values, curves, calibrations and what was done, on the pages of their things."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.domains.telemetry.choices import DeviceState
from sen.domains.telemetry.curves import others
from sen.domains.telemetry.events import TOPIC
from sen.domains.telemetry.models import (
    Calibration,
    Datastream,
    Device,
    PayloadMapping,
    ServiceEntry,
    Thing,
)
from sen.domains.telemetry.pulls.plan import PLANS
from sen.domains.telemetry.rules import expires
from sen.domains.telemetry.selectors import (
    dead_letters,
    devices_of_thing,
    reasons_of,
    streams_of_thing,
    things_of_asset,
    things_on_road,
)
from sen.domains.telemetry.store.reading import with_newest
from sen.domains.telemetry.web.resources import DEVICE_TONES, THING_TONES
from sen.domains.telemetry.web.texts import shown
from sen.kernel.access.context import as_system
from sen.kernel.access.models import DeviceCredential
from sen.kernel.web.register.links import WORK, base_of
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel

SHOWN: Final = 60
DRAWN: Final = 6
#: On the page of a work the curves stand among much else.
DRAWN_ON_ASSET: Final = 2


def _streams(page: PanelContext) -> QuerySet[Datastream]:
    return streams_of_thing(page.actor, page.row.pk)


@panel(
    "telemetry.thing",
    title=_("Số liệu hiện tại"),
    order=-10,
    wide=True,
    asks={"streams": _streams},
)
def now(page: PanelContext) -> PanelBody | None:
    """The streams of a station with their newest values and curves."""
    if not page.has("streams"):
        return None
    return _values(page, _streams(page).order_by("code", "id")[:SHOWN], with_place=False)


def _of_asset(page: PanelContext) -> QuerySet[Datastream]:
    things = things_of_asset(page.actor, page.row.pk)
    return Datastream.objects.visible_to(page.actor).filter(
        thing_id__in=things.values("pk"), is_active=True
    )


@panel(
    "assets.asset",
    title=_("Cảm biến hiện tại"),
    order=-5,
    wide=True,
    asks={"streams": _of_asset},
)
def on_asset(page: PanelContext) -> PanelBody | None:
    """What the instruments on a work say right now."""
    if not page.has("streams"):
        return None
    rows = _of_asset(page).select_related("thing", "observed_property")
    ordered = rows.order_by("thing__position", "thing_id", "code", "id")[:SHOWN]
    return _values(page, ordered, with_place=True)


def _beside(page: PanelContext) -> QuerySet[Datastream]:
    """Numbers that are measured on the same work, or at the same station."""
    row = page.row
    if not isinstance(row, Datastream):
        return Datastream.objects.none()
    own = Thing.objects.visible_to(page.actor).filter(pk=row.thing_id)
    same = Q(thing_id=row.thing_id) | Q(thing__asset__in=own.values("asset_id"))
    rows = Datastream.objects.visible_to(page.actor).filter(same, is_active=True)
    return rows.exclude(pk=row.pk).exclude(unit="").order_by("code", "id")


@panel(
    "telemetry.datastream",
    title=_("Số liệu hiện tại"),
    order=-10,
    wide=True,
    asks={"beside": _beside},
)
def one_stream(page: PanelContext) -> PanelBody | None:
    """The newest value and the curve of one stream."""
    rows = Datastream.objects.visible_to(page.actor).filter(pk=page.row.pk)
    body = _values(page, rows.select_related("thing", "observed_property"), with_place=False)
    beside = list(_beside(page)[:SHOWN]) if page.has("beside") else []
    chosen = others(page.request.GET.get("cung", ""), page.row.pk)
    return PanelBody(body.template, {**body.context, "beside": beside, "chosen": chosen})


def _values(page: PanelContext, streams: QuerySet[Datastream], *, with_place: bool) -> PanelBody:
    base = base_of(page.request)
    items = shown(with_newest(streams))
    most = DRAWN_ON_ASSET if with_place else DRAWN
    drawn = [item for item in items if item.at is not None and item.stream.unit][:most]
    context = {
        "items": items,
        "with_place": with_place,
        "base": base,
        "topic": TOPIC,
        "is_live": any(item.at is not None for item in items),
        "drawn": drawn,
    }
    return PanelBody("telemetry/values.html", context)


def _on_road(page: PanelContext) -> QuerySet[Thing]:
    return things_on_road(page.actor, page.row.pk)


@panel("network.roads", title=_("Trạm quan trắc trên tuyến"), order=60, asks={"things": _on_road})
def on_road(page: PanelContext) -> PanelBody | None:
    """Stations along a road."""
    if not page.has("things"):
        return None
    found = list(_on_road(page).defer("geom", "search")[: SHOWN + 1])
    context = {
        "rows": [{"row": row, "tone": THING_TONES[row.status]} for row in found[:SHOWN]],
        "has_more": len(found) > SHOWN,
        "base": base_of(page.request),
    }
    return PanelBody("telemetry/things.html", context)


def _calibrations(page: PanelContext) -> QuerySet[Calibration]:
    rows = Calibration.objects.visible_to(page.actor)
    if isinstance(page.row, Datastream):
        rows = rows.filter(datastream=page.row)
    else:
        streams = Datastream.objects.visible_to(page.actor).filter(thing_id=page.row.pk)
        rows = rows.filter(datastream_id__in=streams.values("pk"))
    return rows.order_by("-calibrated_at", "-id")


def _calibrated(page: PanelContext) -> PanelBody | None:
    if not page.has("calibrations"):
        return None
    today = timezone.localdate()
    with_streams = _calibrations(page).select_related("datastream")[:SHOWN]
    seen: set[int] = set()
    rows = []
    for row in with_streams:
        is_newest = row.datastream_id not in seen
        seen.add(row.datastream_id)
        state = expires(row.valid_to, today) if is_newest else ""
        rows.append({"row": row, "state": state, "is_newest": is_newest})
    return PanelBody("telemetry/calibrations.html", {"rows": rows, "base": base_of(page.request)})


@panel(
    "telemetry.thing",
    title=_("Hiệu chuẩn"),
    order=20,
    permission="telemetry.calibration.view",
    asks={"calibrations": _calibrations},
)
def calibrations_of_thing(page: PanelContext) -> PanelBody | None:
    """Calibrations of all instruments of a station, with what runs out."""
    return _calibrated(page)


@panel(
    "telemetry.datastream",
    title=_("Hiệu chuẩn"),
    order=20,
    permission="telemetry.calibration.view",
    asks={"calibrations": _calibrations},
)
def calibrations_of_stream(page: PanelContext) -> PanelBody | None:
    """Calibrations of the instrument of a stream, with what runs out."""
    return _calibrated(page)


def _service(page: PanelContext) -> QuerySet[ServiceEntry]:
    rows = ServiceEntry.objects.visible_to(page.actor).filter(thing_id=page.row.pk)
    return rows.order_by("-done_at", "-id")


@panel(
    "telemetry.thing",
    title=_("Nhật ký thiết bị đo"),
    order=30,
    permission="telemetry.service_entry.view",
    asks={"service": _service},
)
def service(page: PanelContext) -> PanelBody | None:
    """What was done to the instruments of a station, newest first."""
    if not page.has("service"):
        return None
    entries = [
        {
            "title": row.get_kind_display(),
            "who": row.done_by,
            "at": row.done_at,
            "text": row.note,
            "url": f"{WORK}telemetry/service/{row.pk}/",
        }
        for row in _service(page)[:20]
    ]
    return PanelBody("telemetry/service.html", {"entries": entries})


def _devices(page: PanelContext) -> QuerySet[Device]:
    return devices_of_thing(page.actor, page.row.pk)


@panel(
    "telemetry.thing",
    title=_("Thiết bị truyền tin"),
    order=40,
    permission="telemetry.device.view",
    asks={"devices": _devices},
)
def devices(page: PanelContext) -> PanelBody | None:
    """The devices that send for a station."""
    if not page.has("devices"):
        return None
    rows = [{"row": row, "tone": DEVICE_TONES[row.state]} for row in _devices(page)[:20]]
    return PanelBody("telemetry/devices.html", {"rows": rows})


@panel("telemetry.device", title=_("Vận hành"), order=-10, wide=True)
def operation(page: PanelContext) -> PanelBody | None:
    """Keys, quarantine and retirement of a device."""
    row = page.row
    if not isinstance(row, Device) or base_of(page.request) != WORK:
        return None
    may_change = page.actor.scope(Device.access, "change").allows(row)
    is_retired = row.state == DeviceState.RETIRED
    now = timezone.now()
    keys = DeviceCredential.objects.filter(device_id=row.account_id or 0).order_by("-id")[:10]
    with as_system("what a device serves is part of it"):
        codes = list(row.things.order_by("code").values_list("id", "code", "name"))
    visible = Thing.objects.visible_to(page.actor).filter(pk__in=[pk for pk, _c, _n in codes])
    seen = set(visible.values_list("pk", flat=True))
    context = {
        "row": row,
        "tone": DEVICE_TONES[row.state],
        "url": f"/ql/telemetry/thiet-bi/{row.pk}/",
        "may_change": may_change and not is_retired,
        "is_quarantined": row.state == DeviceState.QUARANTINED,
        "keys": [
            {
                "row": key,
                "is_valid": key.revoked_at is None
                and (key.expires_at is None or key.expires_at > now),
            }
            for key in keys
        ]
        if may_change
        else [],
        "things": [(pk, code, name) for pk, code, name in codes if pk in seen],
    }
    return PanelBody("telemetry/operation.html", context)


@panel("telemetry.device", title=_("Đọc thiết bị"), order=-5, wide=True)
def pulling(page: PanelContext) -> PanelBody | None:
    """How a device is asked, what it said last and what went wrong."""
    row = page.row
    if not isinstance(row, Device) or base_of(page.request) != WORK or row.protocol not in PLANS:
        return None
    from sen.domains.telemetry.web.pull_page import state_of

    may = page.actor.scope(Device.access, "connect").allows(row)
    context = {
        "device": row,
        "may_connect": may and row.state != DeviceState.RETIRED,
        "url": f"/ql/telemetry/thiet-bi/{row.pk}/ket-noi/",
        **state_of(row),
    }
    return PanelBody("telemetry/pulling.html", context)


@panel("telemetry.device", title=_("Bản tin bị từ chối"), order=20)
def refused(page: PanelContext) -> PanelBody | None:
    """Why payloads of a device were refused in the last week."""
    row = page.row
    if not isinstance(row, Device):
        return None
    counted = reasons_of(dead_letters(page.actor, device_id=row.pk))
    if not counted:
        return None
    return PanelBody("telemetry/refused.html", {"reasons": named(counted), "device": row})


@panel("telemetry.mapping", title=_("Thử trên bản tin thật"), order=-10)
def try_mapping(page: PanelContext) -> PanelBody | None:
    """The way to the page on which the mapping is changed and tried."""
    may = page.actor.scope(PayloadMapping.access, "change").allows(page.row)
    if not may or base_of(page.request) != WORK:
        return None
    return PanelBody("telemetry/try.html", {"url": f"/ql/telemetry/anh-xa/{page.row.pk}/"})


def named(counted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Counts with their reasons in words."""
    from sen.domains.telemetry.web.reasons import reason_text

    return [{**item, "text": reason_text(item["reason"])} for item in counted]
