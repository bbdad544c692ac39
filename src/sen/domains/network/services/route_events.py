"""Use cases on single records along a road."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from sen.domains.network.choices import ALL_LANES, EVENT_KINDS, Side
from sen.domains.network.events import RouteEventsChanged
from sen.domains.network.models import Road, RouteEvent
from sen.domains.network.rules import Stretch
from sen.domains.network.selectors.lrs import NotOnRouteError, line_between
from sen.domains.network.services.bands import bands_of
from sen.domains.network.services.bulk_events import stretch_title
from sen.domains.network.services.checks import event_faults
from sen.domains.network.services.cover import check_cover
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.chainage import format_chainage


@use_case("network.event.add", act="network.create_event")
def create_event(*, actor: Actor, road: Road, kind: str, **values: Any) -> RouteEvent:
    """Record what holds along a stretch of a road.

    A record of a kind that must cover its road takes the place of what was said there before:
    older records end on its first day, and go on beside it.

    Raises:
        InvalidInputError: a value is wrong, the stretch is not on the road, or another record
            says something else of the same place and time.
    """
    event = RouteEvent(
        road=road,
        kind=kind,
        owner_org_id=road.owner_org_id,
        area_id=road.area_id,
        data_class=road.data_class,
    )
    if kind in EVENT_KINDS and EVENT_KINDS[kind].must_cover:
        return _put_over(event, values)
    _fill(event, values)
    event.save()
    _tell(event)
    return event


@use_case("network.event.change", act="network.update_event")
def update_event(
    *, actor: Actor, row: RouteEvent, version: int | None, reason: str = "", **values: Any
) -> RouteEvent:
    """Correct a record along a road; for a new state of things end it and record the new one.

    Raises:
        ConflictError: somebody changed the record after the form was opened.
        InvalidInputError: as with a new record.
    """
    check_version(row, version)
    _fill(row, values)
    row.save()
    _tell(row)
    if row.must_cover:
        check_cover(row.road_id, row.kind)
    return row


@use_case("network.event.change", act="network.end_event")
def end_event(
    *, actor: Actor, row: RouteEvent, version: int | None, valid_to: date, reason: str = ""
) -> RouteEvent:
    """Let a record hold until the day before ``valid_to``.

    Raises:
        ConflictError: somebody changed the record meanwhile.
        InvalidInputError: the day is not after the first day.
    """
    check_version(row, version)
    _fill(row, {"valid_to": valid_to})
    row.save()
    _tell(row)
    if row.must_cover:
        check_cover(row.road_id, row.kind)
    return row


@use_case("network.event.delete", act="network.delete_event")
def delete_event(*, actor: Actor, row: RouteEvent, version: int | None, reason: str) -> None:
    """Take out a record that was wrong from the start; history keeps it.

    Raises:
        ConflictError: somebody changed the record meanwhile.
    """
    check_version(row, version)
    _tell(row)
    road_id, kind, covered = row.road_id, row.kind, row.must_cover
    row.delete()
    if covered:
        check_cover(road_id, kind)


def _put_over(event: RouteEvent, values: Mapping[str, Any]) -> RouteEvent:
    """Enter a record over those that hold there, whose rest goes on."""
    for name in ("from_m", "to_m", "valid_from"):
        setattr(event, name, values.get(name))
    if event.from_m is not None and event.to_m is not None and event.valid_from is not None:
        with as_system("records make room for a newer one whoever may see them"):
            _make_room(event)
    _fill(event, values)
    event.save()
    _tell(event)
    check_cover(event.road_id, event.kind)
    return event


def _make_room(event: RouteEvent) -> None:
    held = RouteEvent.objects.filter(
        road_id=event.road_id,
        kind=event.kind,
        valid_to=None,
        from_m__lt=event.to_m,
        to_m__gt=event.from_m,
    )
    rests: list[RouteEvent] = []
    for row in held:
        for low, high in ((row.from_m, event.from_m), (event.to_m, row.to_m)):
            if high > low:
                rests.append(_rest(row, event, low, high))
        if row.valid_from < event.valid_from:
            row.code = f"{row.code[:69]}@{event.valid_from:%Y-%m-%d}" if row.code else ""
            row.valid_to = event.valid_from
            row.save()
        else:
            row.delete()
    for rest in rests:
        rest.save()


def _rest(row: RouteEvent, event: RouteEvent, low: Decimal, high: Decimal) -> RouteEvent:
    """What goes on of a record beside the one that takes a part of its stretch."""
    return RouteEvent(
        road_id=row.road_id,
        kind=row.kind,
        from_m=low,
        to_m=high,
        title=stretch_title(event.road.label, float(low), float(high)),
        side=row.side,
        lane=row.lane,
        value_number=row.value_number,
        value_text=row.value_text,
        attributes=row.attributes,
        valid_from=max(row.valid_from, event.valid_from),
        may_overlap=row.may_overlap,
        must_cover=row.must_cover,
        band=row.band,
        carried_from_id=row.pk if row.valid_from < event.valid_from else None,
        geom=line_between(road=row.road_id, from_m=float(low), to_m=float(high)),
        owner_org_id=row.owner_org_id,
        area_id=row.area_id,
        data_class=row.data_class,
        is_demo=row.is_demo,
    )


_FIELDS = frozenset(
    {
        "code",
        "from_m",
        "to_m",
        "side",
        "lane",
        "value_number",
        "value_text",
        "attributes",
        "valid_from",
        "valid_to",
        "data_class",
    }
)


def _fill(event: RouteEvent, values: Mapping[str, Any]) -> None:
    if unknown := values.keys() - _FIELDS:
        raise TypeError(f"route event: unknown values {sorted(unknown)}")
    for name, value in values.items():
        setattr(event, name, value)
    event.side = event.side or Side.BOTH.value
    event.lane = event.lane or ALL_LANES
    event.attributes = event.attributes or {}
    event.value_text = event.value_text or ""
    event.data_class = max(event.data_class or 0, event.road.data_class)
    faults = event_faults({name: getattr(event, name) for name in ("kind", *_FIELDS)})
    if faults:
        raise InvalidInputError(faults)
    event.title = stretch_title(event.road.label, float(event.from_m), float(event.to_m))
    kind = EVENT_KINDS[event.kind]
    event.may_overlap, event.must_cover = kind.may_overlap, kind.must_cover
    number = None if event.value_number is None else float(event.value_number)
    event.band = bands_of([(event.kind, number, event.valid_from)])[0]
    if not event.may_overlap:
        refuse_overlap(event)
    try:
        event.geom = line_between(
            road=event.road, from_m=float(event.from_m), to_m=float(event.to_m)
        )
    except NotOnRouteError as error:
        raise InvalidInputError({"from_m": str(error)}) from error


def refuse_overlap(event: RouteEvent) -> None:
    """Say in words, before it does, what the database would refuse.

    Raises:
        InvalidInputError: other records say something else of the same place and time.
    """
    mine = _stretch(event)
    with as_system("a record contradicts others whoever may see them"):
        near = RouteEvent.objects.filter(
            road_id=event.road_id, kind=event.kind, from_m__lt=event.to_m, to_m__gt=event.from_m
        )
        found = [other for other in near.exclude(pk=event.pk) if mine.contradicts(_stretch(other))]
    if found:
        raise InvalidInputError(
            {
                "from_m": _("Trùng đoạn, bên đường, làn và thời gian với %(other)s.")
                % {"other": ", ".join(map(str, found[:5]))}
            },
            hint=_("Hãy kết thúc bản ghi cũ trước khi ghi giá trị mới."),
        )


def _stretch(event: RouteEvent) -> Stretch:
    return Stretch(
        key=f"{format_chainage(float(event.from_m))}–{format_chainage(float(event.to_m))}",
        road=str(event.road_id),
        kind=event.kind,
        from_m=float(event.from_m),
        to_m=float(event.to_m),
        side=event.side,
        lane=event.lane,
        valid_from=event.valid_from,
        valid_to=event.valid_to,
    )


def _tell(event: RouteEvent) -> None:
    publish(
        RouteEventsChanged(road_id=event.road_id, kinds=(event.kind,)), key=event.road_id, on=event
    )
