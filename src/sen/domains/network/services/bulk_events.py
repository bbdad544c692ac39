"""Loading many records along roads at once: all of them, or none."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _

from sen.domains.network.choices import EVENT_KINDS
from sen.domains.network.data import EventInput
from sen.domains.network.events import RouteEventsChanged
from sen.domains.network.models import RouteEvent
from sen.domains.network.rules import Stretch, contradictions
from sen.domains.network.selectors.lrs import END_SLACK_M, label
from sen.domains.network.services.bands import bands_of
from sen.domains.network.services.calibration import STRETCH
from sen.domains.network.services.checks import RowCheck, event_faults
from sen.domains.network.services.cover import cover_fault
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.events import publish_many
from sen.kernel.usecase import use_case
from sen.lib.bulk import BulkReport
from sen.lib.chainage import format_chainage
from sen.lib.text import nfc

_COLUMNS: Final[dict[str, str]] = {
    "road_id": "bigint",
    "code": "text",
    "title": "text",
    "kind": "text",
    "from_m": "numeric",
    "to_m": "numeric",
    "side": "text",
    "lane": "smallint",
    "value_number": "numeric",
    "value_text": "text",
    "attributes": "jsonb",
    "valid_from": "date",
    "valid_to": "date",
    "may_overlap": "boolean",
    "must_cover": "boolean",
    "band": "integer",
    "data_class": "smallint",
}
_NAMES: Final = ", ".join(_COLUMNS)
_GIVEN: Final = f"""unnest({", ".join(f"%({n})s::{k}[]" for n, k in _COLUMNS.items())},
  %(id)s::bigint[], %(row)s::int[]) AS g ({_NAMES}, id, row)"""
_SHAPE: Final = STRETCH % ("g.from_m", "g.to_m")

_INSERT: Final = f"""
WITH made AS (
  INSERT INTO network_routeevent ({_NAMES}, owner_org_id, area_id, is_demo, version, geom)
  SELECT {", ".join(f"g.{name}" for name in _COLUMNS)}, r.owner_org_id, r.area_id, %(is_demo)s, 1,
    {_SHAPE}
  FROM {_GIVEN}
  JOIN network_road r ON r.id = g.road_id
  JOIN network_routeversion v ON v.road_id = r.id AND v.valid_to IS NULL
  WHERE g.id IS NULL ORDER BY g.row
  RETURNING id)
SELECT id FROM made
"""  # noqa: S608  constants only

_UPDATE: Final = f"""
UPDATE network_routeevent e SET ({_NAMES}, geom) =
  ROW({", ".join(f"g.{name}" for name in _COLUMNS)}, {_SHAPE})
FROM {_GIVEN}
JOIN network_routeversion v ON v.road_id = g.road_id AND v.valid_to IS NULL
WHERE e.id = g.id
  AND ({", ".join(f"e.{name}" for name in _COLUMNS)}) IS DISTINCT FROM
    ({", ".join(f"g.{name}" for name in _COLUMNS)})
RETURNING e.id
"""  # noqa: S608  constants only


@dataclass(frozen=True, slots=True)
class _Target:
    """A road as far as records along it ask for it."""

    id: int
    called: str
    guard: Mapping[str, int]
    start_m: float | None
    end_m: float | None


@use_case("network.event.import", audit=False)
def bulk_put_events(
    *, actor: Actor, rows: Sequence[EventInput], is_demo: bool = False
) -> BulkReport:
    """Create or update records along roads.

    A row is found again by its code, or without one by road, kind, stretch, side, lane and start.

    Raises:
        RowFaultsError: every fault of every row, under ``Dòng 3 (QL.30, iri)``, contradictions
            between rows and with stored records among them; nothing is written.
    """
    check = RowCheck()
    with as_system("match records along roads"):
        targets = _targets({row.road for row in rows})
        stored = _stored([target.id for target in targets.values()])
        by_code = _ids_by_code([row.code for row in rows if row.code])
    columns, stretches = _columns(actor, rows, targets, stored, by_code, check)
    check.done()
    _check_overlaps(rows, stretches, stored, set(columns["id"]), check)
    check.done()
    with as_system("write checked rows"):
        report = _write(columns, is_demo)
        _check_cover(rows, targets, check)
    check.done()
    record(
        act="network.bulk_put_events",
        resource="network.event",
        detail={"created": report.created, "updated": report.updated},
    )
    _publish(rows, targets)
    return report


def _check_cover(
    rows: Sequence[EventInput], targets: Mapping[str, _Target], check: RowCheck
) -> None:
    """Kinds that must cover their road do so when the whole file is in."""
    covering = {(row.road, row.kind): row for row in rows if EVENT_KINDS[row.kind].must_cover}
    for (road, kind), row in covering.items():
        if text := cover_fault(targets[road].id, kind):
            _report(check, row.row, row, text)


def _report(check: RowCheck, number: int, row: EventInput, text: str) -> None:
    check.add(row.row or number, f"{row.road}, {row.kind}", text)


def _targets(codes: set[str]) -> dict[str, _Target]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.code, r.id, r.map_label, r.owner_org_id,"
            " r.area_id, r.data_class, v.start_m, v.end_m"
            " FROM network_road r LEFT JOIN network_routeversion v"
            " ON v.road_id = r.id AND v.valid_to IS NULL WHERE r.code = ANY(%s)",
            [list(codes)],
        )
        return {
            code: _Target(
                pk, called, {"owner_org_id": org, "area_id": area, "data_class": level}, start, end
            )
            for code, pk, called, org, area, level, start, end in cursor.fetchall()
        }


def _stored(road_ids: Sequence[int]) -> dict[int, Stretch]:
    """What is stored along roads, by id."""
    rows = RouteEvent.objects.filter(road_id__in=road_ids).values_list(
        "id", "road__code", "kind", "from_m", "to_m", "side", "lane", "valid_from", "valid_to"
    )
    return {
        pk: Stretch(
            key=f"{format_chainage(float(start))}–{format_chainage(float(end))}",
            road=road,
            kind=kind,
            from_m=float(start),
            to_m=float(end),
            side=side,
            lane=lane,
            valid_from=since,
            valid_to=until,
        )
        for pk, road, kind, start, end, side, lane, since, until in rows
    }


def _ids_by_code(codes: Sequence[str]) -> dict[str, int]:
    return dict(RouteEvent.objects.filter(code__in=codes).values_list("code", "id"))


def _columns(
    actor: Actor,
    rows: Sequence[EventInput],
    targets: Mapping[str, _Target],
    stored: Mapping[int, Stretch],
    by_code: Mapping[str, int],
    check: RowCheck,
) -> tuple[dict[str, list[Any]], list[Stretch]]:
    natural = {_natural_key(stretch): pk for pk, stretch in stored.items()}
    scope = actor.scope(RouteEvent.access, "import")
    columns: dict[str, list[Any]] = {name: [] for name in (*_COLUMNS, "id", "row")}
    stretches: list[Stretch] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        values = _values(row)
        faults = [text for texts in event_faults(values).values() for text in texts]
        target = targets.get(row.road)
        faults += _place_faults(row, target)
        if target is not None:
            values["title"] = stretch_title(target.called, row.from_m, row.to_m)
            values["data_class"] = max(row.data_class or 0, target.guard["data_class"])
            if not scope.allows({**target.guard, "data_class": values["data_class"]}):
                faults.append(_("Bạn không có quyền nhập dữ liệu cho tuyến này."))
        if row.code and seen.setdefault(row.code, number) != number:
            faults.append(_("Mã bản ghi lặp lại trong tệp."))
        for text in faults:
            _report(check, number, row, text)
        if faults or target is None:
            continue
        stretch = _stretch(number, row)
        pk = by_code.get(row.code) if row.code else natural.get(_natural_key(stretch))
        values |= {"road_id": target.id, "id": pk, "row": number}
        stretches.append(stretch)
        for name, column in columns.items():
            column.append(values[name])
    columns["band"] = bands_of(
        list(zip(columns["kind"], columns["value_number"], columns["valid_from"], strict=True))
    )
    return columns, stretches


def stretch_title(road: str, from_m: float | None, to_m: float | None) -> str:
    """``QL.30 Km1+000–Km2+500``; labels that are no chainage are the report's matter."""
    if from_m is None or to_m is None or not 0 <= from_m < to_m:
        return road
    return f"{road} {format_chainage(from_m)}–{format_chainage(to_m)}"


def _values(row: EventInput) -> dict[str, Any]:
    kind = EVENT_KINDS.get(row.kind)
    return {
        "code": row.code,
        "kind": row.kind,
        "from_m": None if row.from_m is None else round(float(row.from_m), 3),
        "to_m": None if row.to_m is None else round(float(row.to_m), 3),
        "side": row.side,
        "lane": row.lane,
        "value_number": None if row.number is None else float(row.number),
        "value_text": nfc(row.text).strip(),
        "attributes": json.dumps(dict(row.attributes), ensure_ascii=False),
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "may_overlap": kind is not None and kind.may_overlap,
        "must_cover": kind is not None and kind.must_cover,
        "band": None,
    }


def _place_faults(row: EventInput, target: _Target | None) -> list[str]:
    if target is None:
        return [_("Không có tuyến mang mã “%(code)s”.") % {"code": row.road}]
    if target.start_m is None or target.end_m is None:
        return [_("Tuyến chưa có tim đường nên chưa nhận dữ liệu theo lý trình.")]
    if (
        row.from_m < target.start_m - END_SLACK_M
        or row.to_m > target.end_m + END_SLACK_M
        or min(row.to_m, target.end_m) - max(row.from_m, target.start_m) <= 0
    ):
        return [
            _("Đoạn nằm ngoài tuyến: tuyến chỉ có từ %(start)s đến %(end)s.")
            % {"start": label(target.start_m), "end": label(target.end_m)}
        ]
    return []


def _stretch(number: int, row: EventInput) -> Stretch:
    return Stretch(
        key=str(number),
        road=row.road,
        kind=row.kind,
        from_m=round(row.from_m, 3),
        to_m=round(row.to_m, 3),
        side=row.side,
        lane=row.lane,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _natural_key(stretch: Stretch) -> tuple[Any, ...]:
    return (
        stretch.road,
        stretch.kind,
        stretch.from_m,
        stretch.to_m,
        stretch.side,
        stretch.lane,
        stretch.valid_from,
    )


def _check_overlaps(
    rows: Sequence[EventInput],
    stretches: Sequence[Stretch],
    stored: Mapping[int, Stretch],
    replaced: set[int | None],
    check: RowCheck,
) -> None:
    """Report rows that contradict each other or a stored record that stays."""
    given = {id(stretch): int(stretch.key) for stretch in stretches}
    staying = [stretch for pk, stretch in stored.items() if pk not in replaced]
    guarded = [
        stretch
        for stretch in [*stretches, *staying]
        if not (kind := EVENT_KINDS.get(stretch.kind)) or not kind.may_overlap
    ]
    for one, other in contradictions(guarded):
        first, second = given.get(id(one)), given.get(id(other))
        number = second or first
        if number is None:
            continue
        against = one if second else other
        row_number = first if second else None
        named = (
            _("dòng %(row)s") % {"row": rows[row_number - 1].row or row_number}
            if row_number
            else _("bản ghi đã có %(stretch)s") % {"stretch": against.key}
        )
        _report(
            check,
            number,
            rows[number - 1],
            _("Trùng đoạn, bên đường, làn và thời gian với %(other)s.") % {"other": named},
        )


def _write(columns: dict[str, list[Any]], is_demo: bool) -> BulkReport:
    values: dict[str, Any] = {**columns, "is_demo": is_demo}
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, values)
        updated = len(cursor.fetchall())
        cursor.execute(_INSERT, values)
        created = len(cursor.fetchall())
    return BulkReport(
        created=created, updated=updated, unchanged=len(columns["id"]) - created - updated
    )


def _publish(rows: Sequence[EventInput], targets: Mapping[str, _Target]) -> None:
    kinds: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        kinds[targets[row.road].id].add(row.kind)
    publish_many(
        (RouteEventsChanged(road_id=road, kinds=tuple(sorted(found))), road)
        for road, found in kinds.items()
    )
