"""Records along a road under an operation: carried over, or listed for a decision.

A record that is called otherwise from a day on ends that day and is taken up by a new one, so
that every past day still tells what held then under the labels of then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from sen.domains.network.choices import ALL_LANES, EVENT_KINDS, Side
from sen.domains.network.models import Road, RouteEvent
from sen.domains.network.ports import OpenQuestion, RoadChange
from sen.domains.network.selectors.lrs import label, lines_between
from sen.domains.network.services.bulk_events import stretch_title
from sen.domains.network.services.operations.pieces import Part, carry, is_untouched

SUBJECT: Final = "network.event"
_COPIED: Final = (
    "kind",
    "lane",
    "value_number",
    "value_text",
    "attributes",
    "may_overlap",
    "must_cover",
    "band",
    "data_class",
    "is_demo",
    "owner_org_id",
    "area_id",
)


@dataclass(slots=True)
class Planned:
    """A record and what becomes of it; ``code`` is the one that its successor bears."""

    row: RouteEvent
    parts: list[Part]
    code: str
    until: date | None
    starts_later: bool


@dataclass(slots=True)
class CarriedRecords:
    """What became of the records of a road, in words and as rows."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    questions: list[OpenQuestion] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)


def detach(change: RoadChange) -> list[Planned]:
    """End what will be called otherwise; call it before the road is calibrated anew."""
    day = change.valid_from
    held = RouteEvent.objects.filter(road_id=change.road_id).filter(
        Q(valid_to=None) | Q(valid_to__gt=day)
    )
    planned: list[Planned] = []
    for row in held.order_by("kind", "from_m", "id"):
        parts = (
            []
            if change.is_abolished
            else carry(
                change.pieces,
                float(row.from_m),
                float(row.to_m),
                whatever=row.must_cover,
            )
        )
        if is_untouched(parts, change.road_id):
            continue
        later = row.valid_from >= day
        planned.append(Planned(row, parts, row.code, row.valid_to, later))
        row.code = _past_code(row.code, day)
        row.valid_to = None if later else day
    ended = [plan.row for plan in planned if not plan.starts_later]
    _defer_overlap(True)
    RouteEvent.objects.bulk_update(ended, ["valid_to", "code"])
    # What was to begin on the day or later has no past to keep under the old labels.
    RouteEvent.objects.filter(
        pk__in=[plan.row.pk for plan in planned if plan.starts_later]
    ).delete()
    return planned


def _past_code(code: str, day: date) -> str:
    """Imports find the record that goes on under the code; the ended one says until when."""
    return f"{code[:69]}@{day:%Y-%m-%d}" if code else ""


def attach(change: RoadChange, planned: Sequence[Planned]) -> CarriedRecords:
    """Take the records up again where they lie now; call it when the roads are calibrated."""
    carried = CarriedRecords()
    roads = {
        road.pk: road
        for road in Road.objects.filter(
            pk__in={part.road_id for plan in planned for part in plan.parts}
        ).defer("geom")
    }
    made: list[RouteEvent] = []
    for plan in planned:
        carried.kinds.add(plan.row.kind)
        settled = [part for part in plan.parts if part.settled]
        for number, part in enumerate(settled):
            code = plan.code if number == 0 else _next_code(plan.code, number)
            made.append(_successor(plan, part, roads[part.road_id], code, change.valid_from))
        carried.questions += [
            _question(change, plan, part, roads[part.road_id])
            for part in plan.parts
            if not part.settled
        ]
        carried.lines.append(
            {
                "title": str(plan.row),
                "to": [
                    stretch_title(roads[part.road_id].label, part.from_m, part.to_m)
                    for part in settled
                ],
            }
        )
    _shape(made)
    RouteEvent.objects.bulk_create(made)
    _defer_overlap(False)
    return carried


def _next_code(code: str, number: int) -> str:
    return f"{code[:74]}/{number + 1}" if code else ""


def _successor(plan: Planned, part: Part, road: Road, code: str, day: date) -> RouteEvent:
    row = plan.row
    values = {name: getattr(row, name) for name in _COPIED}
    values |= {"owner_org_id": road.owner_org_id, "area_id": road.area_id}
    values["data_class"] = max(row.data_class, road.data_class)
    return new_record(
        road,
        values,
        from_m=part.from_m,
        to_m=part.to_m,
        side=part.side(row.side),
        code=code,
        valid_from=row.valid_from if plan.starts_later else day,
        valid_to=plan.until,
        carried_from_id=None if plan.starts_later else row.pk,
    )


def new_record(
    road: Road, values: Mapping[str, Any], *, from_m: float, to_m: float, **others: Any
) -> RouteEvent:
    """A record that is not yet saved; its shape follows."""
    low, high = Decimal(f"{from_m:.3f}"), Decimal(f"{to_m:.3f}")
    return RouteEvent(
        road=road,
        from_m=low,
        to_m=high,
        title=stretch_title(road.label, float(low), float(high)),
        **{name: values[name] for name in _COPIED if name in values},
        **others,
    )


def _shape(rows: Sequence[RouteEvent]) -> None:
    shapes = lines_between(
        stretches=[(row.road_id, float(row.from_m), float(row.to_m)) for row in rows]
    )
    for row, shape in zip(rows, shapes, strict=True):
        row.geom = shape


def _question_title(change: RoadChange, row: RouteEvent, part: Part) -> str:
    """``Độ gồ ghề IRI 3.2, ĐT.848 Km3+000–Km4+000, bên trái, làn 1``."""
    kind = EVENT_KINDS[row.kind]
    value = str(kind.choices.get(row.value_text, row.value_text))
    value = gettext(value) if value else ""
    if row.value_number is not None:
        value = f"{row.value_number.normalize():f}".replace(".", ",")
    words = [
        f"{row.get_kind_display()} {value}".strip(),
        stretch_title(change.road, part.old_from, part.old_to),
        row.get_side_display().lower() if row.side != Side.BOTH else "",
        _("làn %(n)s") % {"n": row.lane} if row.lane != ALL_LANES else "",
    ]
    return ", ".join(word for word in words if word)


def _question(change: RoadChange, plan: Planned, part: Part, road: Road) -> OpenQuestion:
    row = plan.row
    day = change.valid_from.strftime("%d/%m/%Y")
    now = f"{road.label} {label(part.from_m)}–{label(part.to_m)}"
    values = {name: getattr(row, name) for name in _COPIED if name != "attributes"}
    return OpenQuestion(
        subject_id=row.pk,
        title=_question_title(change, row, part),
        reason=_(
            "Đoạn này nằm ở vị trí mới từ ngày %(day)s; bản ghi mô tả đoạn đường cũ và đã được "
            "kết thúc vào ngày đó."
        )
        % {"day": day},
        choices={
            "KEEP": _("Giữ giá trị cho đoạn mới %(stretch)s") % {"stretch": now},
            "END": _("Không áp dụng cho đoạn mới; sẽ ghi số liệu mới sau"),
        },
        road_id=road.pk,
        payload={
            "values": {
                name: str(value) if isinstance(value, Decimal) else value
                for name, value in values.items()
            }
            | {"attributes": row.attributes},
            "from_m": part.from_m,
            "to_m": part.to_m,
            "side": part.side(row.side),
            "valid_from": (row.valid_from if plan.starts_later else change.valid_from).isoformat(),
            "valid_to": plan.until.isoformat() if plan.until else None,
            "carried_from": None if plan.starts_later else row.pk,
        },
    )


def kept_record(road: Road, payload: Mapping[str, Any]) -> RouteEvent:
    """The record of a question as it goes on where its stretch lies now; not yet saved."""
    values = dict(payload["values"])
    number = values.get("value_number")
    values["value_number"] = None if number is None else Decimal(number)
    until = payload["valid_to"]
    row = new_record(
        road,
        values,
        from_m=float(payload["from_m"]),
        to_m=float(payload["to_m"]),
        side=payload["side"],
        valid_from=date.fromisoformat(payload["valid_from"]),
        valid_to=date.fromisoformat(until) if until else None,
        carried_from_id=payload["carried_from"],
    )
    _shape([row])
    return row


def _defer_overlap(deferred: bool) -> None:
    """Records pass each other while they are carried over; at the end they are judged."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET CONSTRAINTS network_event_overlap {'DEFERRED' if deferred else 'IMMEDIATE'}"
        )


def close_gaps(road_ids: Iterable[int]) -> list[str]:
    """Let records that must cover their road reach to its new ends; says which did."""
    codes = [kind.code for kind in EVENT_KINDS.values() if kind.must_cover]
    told: list[str] = []
    for road in Road.objects.filter(pk__in=list(road_ids)).defer("geom"):
        if road.start_m is None or road.end_m is None:
            continue
        for code in codes:
            rows = list(
                RouteEvent.objects.filter(road=road, kind=code, valid_to=None).order_by("from_m")
            )
            told += _stretch(road, rows)
    return told


def _stretch(road: Road, rows: Sequence[RouteEvent]) -> list[str]:
    changed: list[RouteEvent] = []
    for i, row in enumerate(rows):
        low = road.start_m if i == 0 else row.from_m
        high = rows[i + 1].from_m if i + 1 < len(rows) else road.end_m
        if (row.from_m, row.to_m) != (low, high) and low is not None and high is not None:
            row.from_m, row.to_m = low, high
            row.title = stretch_title(road.label, float(low), float(high))
            changed.append(row)
    _shape(changed)
    RouteEvent.objects.bulk_update(changed, ["from_m", "to_m", "title", "geom"])
    return [str(row) for row in changed]
