"""Two years of the record: how the province of today came about, change by change.

Everything is entered as it was two years ago (``first_day``) and then brought forward through the
services that officials use, each change at its own moment and with its reason. What the generator
says of the province is how it is today, but for the deliberate faults (``faults``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.utils import timezone

from sen.demo.load.faults import UNSEEN
from sen.demo.load.foundation import Ground
from sen.demo.model import Bridge, Culvert, Inspection, Province, Sign
from sen.demo.source import chance
from sen.domains.assets import api as assets
from sen.domains.assets.data import AssetInput, InspectionInput
from sen.domains.network import api as network
from sen.domains.network.data import EventInput
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.audit.past import at_moment

YEARS: Final = 2
#: From best to worst; things grow older by one step.
ORDER: Final = ("good", "fair", "poor", "bad")
#: Days before today on which the offices went through their structures.
ROUNDS: Final = (470, 120)
#: A limit was first this much higher, from so many days before today; the present one came later.
EASED: Final = 1.25
LIMITED: Final = (560, 95)
REPAIRED: Final = 0.12
#: Roughness was measured this much worse on stretches that were resurfaced since.
WORN: Final = 1.35
RESURFACED: Final = 0.05
#: Days before today on which a provincial road was calibrated anew.
MEASURED: Final = (405, 290, 155)


def first_day() -> datetime:
    """The moment at which the record of the demonstration begins."""
    return moment(days_ago=round(365.25 * YEARS))


def moment(*, days_ago: int) -> datetime:
    """A working hour of a day that lies behind."""
    day = timezone.localdate() - timedelta(days=days_ago)
    return timezone.make_aware(datetime.combine(day, time(9, 30)))


@contextmanager
def noted(when: datetime, reason: str) -> Iterator[Actor]:
    with as_system(reason) as actor, at_moment(when):
        yield actor


def younger(condition: str) -> str:
    """The condition one step before."""
    return ORDER[max(0, ORDER.index(condition) - 1)] if condition in ORDER else condition


def is_repaired(code: str) -> bool:
    """Whether the thing with this code was in a worse state and has been repaired since."""
    return chance(f"repaired/{code}").random() < REPAIRED


def at_first(row: AssetInput) -> AssetInput:
    """An asset as it was on the first day."""
    condition = row.condition.lower()
    if condition not in ORDER:
        return row
    attributes = {**row.attributes}
    limit = attributes.pop("load_limit_t", None)
    if limit is None:
        attributes = dict(row.attributes)
    before = "POOR" if condition == "good" and is_repaired(row.code) else younger(condition).upper()
    return replace(row, condition=before, attributes=attributes)


def event_at_first(row: EventInput) -> EventInput:
    """What held along a road as it was first entered."""
    if row.kind == "iri" and row.valid_to is None and _is_resurfaced(row):
        return replace(row, number=round((row.number or 0) * WORN, 2))
    return row


def _is_resurfaced(row: EventInput) -> bool:
    return chance(f"resurfaced/{row.code}").random() < RESURFACED


def bring_forward(data: Province, ground: Ground, events: Sequence[EventInput]) -> int:
    """From the first day to today; returns how many changes were made."""
    steps: list[tuple[datetime, str, Any]] = []
    steps += _limits(data.bridges)
    steps += _repairs(data)
    steps += _inspections(data, ground)
    steps += _rounds(data)
    steps += _resurfacings(events)
    steps += _recalibrations(data)
    done = 0
    for when, reason, change in sorted(steps, key=lambda step: step[0]):
        with noted(when, reason) as actor:
            report = change(actor)
            done += report.created + report.updated
    return done


def _limits(bridges: Sequence[Bridge]) -> Iterator[tuple[datetime, str, Any]]:
    posted = [bridge for bridge in bridges if bridge.load_limit_t is not None]
    for days, share, reason in zip(
        LIMITED,
        (EASED, 1.0),
        ("Cắm biển hạn chế tải trọng theo kết quả kiểm định", "Hạ tải trọng sau kiểm định lại"),
        strict=True,
    ):
        rows = [
            AssetInput(
                type="bridge",
                code=bridge.code,
                status="",
                attributes={"load_limit_t": round((bridge.load_limit_t or 0) * share)},
            )
            for bridge in posted
        ]
        yield moment(days_ago=days), reason, _put(rows)


def _repairs(data: Province) -> Iterator[tuple[datetime, str, Any]]:
    """Culverts and signs that were worse, by the month of their repair."""
    months: dict[int, list[AssetInput]] = defaultdict(list)
    for kind, items in (("culvert", data.culverts), ("sign", data.signs)):
        for item in items:
            if item.condition == "good" and is_repaired(item.code):
                month = chance(f"repair/{item.code}").randint(5, 14)
                months[month].append(
                    AssetInput(type=kind, code=item.code, status="", condition="GOOD")
                )
    for month, rows in months.items():
        yield moment(days_ago=month * 30), "Sửa chữa, thay thế theo kế hoạch bảo trì", _put(rows)


def _rounds(data: Province) -> Iterator[tuple[datetime, str, Any]]:
    """Each year the condition of everything is assessed; today's is that of the last round."""
    items: list[tuple[str, Culvert | Sign | Bridge]] = []
    items += [("culvert", item) for item in data.culverts]
    items += [("sign", item) for item in data.signs]
    inspected = {item.bridge_code for item in data.inspections}
    items += [("bridge", item) for item in data.bridges if item.code not in inspected]
    late = {item.code for item in data.culverts[UNSEEN]}
    for days in ROUNDS:
        when = moment(days_ago=days)
        is_last = days == ROUNDS[-1]
        rows = [
            AssetInput(
                type=kind,
                code=item.code,
                status="",
                condition=item.condition.upper() if is_last else "",
                condition_at=when.date(),
            )
            for kind, item in items
            if item.condition in ORDER
            and item.code not in late
            # The first round reached the main structures only.
            and (is_last or kind == "bridge")
        ]
        yield when, f"Đánh giá tình trạng kỹ thuật năm {when.year}", _put(rows)


def _inspections(data: Province, ground: Ground) -> Iterator[tuple[datetime, str, Any]]:
    """Detailed inspections, entered the week after; some bridges were seen a year before too."""
    by_week: dict[date, list[InspectionInput]] = defaultdict(list)
    for number, item in enumerate(data.inspections, 1):
        on = date.fromisoformat(item.date)
        row = _inspection(item, ground, on, number)
        by_week[_monday_after(on)].append(row)
        if chance(f"earlier/{item.code}").random() < 0.4:
            earlier = on - timedelta(days=365)
            by_week[_monday_after(earlier)].append(
                replace(
                    row,
                    code=f"KT-{item.bridge_code}-{earlier.year}",
                    date=earlier,
                    condition=younger(item.condition).upper(),
                    finding="Kiểm tra định kỳ; theo dõi tiếp các vị trí đã ghi nhận.",
                )
            )
    first = first_day().date() + timedelta(days=1)
    last = timezone.localdate() - timedelta(days=1)
    for monday, rows in by_week.items():
        on = min(max(monday, first), last)
        when = timezone.make_aware(datetime.combine(on, time(14)))
        yield when, "Kết quả kiểm tra cầu", _put_inspections(rows)


def _monday_after(on: date) -> date:
    return on + timedelta(days=7 - on.weekday())


def _inspection(item: Inspection, ground: Ground, on: date, number: int) -> InspectionInput:
    organisation = ground.organisations.get(item.inspector)
    return InspectionInput(
        code=item.code,
        asset=item.bridge_code,
        date=on,
        inspector=organisation.name if organisation else item.inspector,
        condition=item.condition.upper(),
        finding=item.finding,
        data_class=item.data_class,
        row=number,
    )


def _resurfacings(events: Sequence[EventInput]) -> Iterator[tuple[datetime, str, Any]]:
    months: dict[int, list[EventInput]] = defaultdict(list)
    for row in events:
        if row.kind == "iri" and row.valid_to is None and _is_resurfaced(row):
            months[chance(f"month/{row.code}").randint(3, 15)].append(row)
    for month, rows in months.items():
        yield (
            moment(days_ago=month * 30),
            "Đo lại độ bằng phẳng sau khi thảm lại",
            _put_events(rows),
        )


@dataclass(frozen=True, slots=True)
class _Done:
    updated: int
    created: int = 0


def _recalibrations(data: Province) -> Iterator[tuple[datetime, str, Any]]:
    """Some provincial roads were measured again on their posts, each on its own day."""
    codes = sorted(road.code for road in data.roads if road.number.startswith("ĐT."))
    for days, code in zip(MEASURED, codes, strict=False):
        when = moment(days_ago=days)
        yield when, "Đo lại lý trình trên cọc sau khi thay cọc hỏng", _recalibrate(code, when)


def _recalibrate(code: str, when: datetime) -> Any:
    def change(actor: Actor) -> _Done:
        roads = list(network.roads(actor).filter(code=code))
        return _Done(len(network.recalibrate(actor=actor, roads=roads, valid_from=when.date())))

    return change


def _put(rows: Sequence[AssetInput]) -> Any:
    return lambda actor: assets.bulk_put_assets(actor=actor, rows=rows, is_demo=True)


def _put_inspections(rows: Sequence[InspectionInput]) -> Any:
    return lambda actor: assets.bulk_put_inspections(actor=actor, rows=rows, is_demo=True)


def _put_events(rows: Sequence[EventInput]) -> Any:
    return lambda actor: network.bulk_put_events(actor=actor, rows=rows, is_demo=True)
