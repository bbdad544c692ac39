"""What is posted on a day, what is published, and how they differ."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from sen.domains.assets import api as assets
from sen.domains.loadnotices.choices import ALONG, LIMITS, OF_ASSET, SUBJECTS, Kind, Status
from sen.domains.loadnotices.data import Posted
from sen.domains.loadnotices.models import LimitItem, LoadNotice
from sen.domains.network import api as network
from sen.domains.norms import api as norms
from sen.kernel.access.models import Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.audit.history import as_of
from sen.kernel.errors import NotFoundError, RuleNotInForceError

CLASSES_NORM: Final = "loads.publication-classes"
_OPEN: Final = ("OPEN",)
_PAGE: Final = 1000


def notices(actor: Actor) -> QuerySet[LoadNotice]:
    """Publications that the actor may see, newest first."""
    return LoadNotice.objects.visible_to(actor).order_by("-as_on", "-id")


def current_notice(actor: Actor) -> LoadNotice | None:
    """The yearly publication that holds."""
    rows = notices(actor).filter(kind=Kind.YEARLY.value, status=Status.PUBLISHED.value)
    return rows.order_by("-published_at", "-id").first()


def items_of(actor: Actor, notice: LoadNotice) -> QuerySet[LimitItem]:
    """What a publication says, in the order of roads."""
    rows: QuerySet[LimitItem] = LimitItem.objects.visible_to(actor).filter(notice=notice)
    return rows.order_by("road", "from_m", "id")


def current_items(actor: Actor) -> QuerySet[LimitItem]:
    """What holds now, changes included."""
    rows: QuerySet[LimitItem] = LimitItem.objects.visible_to(actor).filter(is_current=True)
    return rows.order_by("road", "from_m", "id")


def limits_of(row: LimitItem) -> dict[str, float]:
    """The published figures of an item, without those that it has not."""
    return {name: value for name in LIMITS if (value := getattr(row, name)) is not None}


def figures_of(row: LimitItem) -> dict[str, Any]:
    """What the seal of a publication is made over."""
    place = {n: None if (v := getattr(row, n)) is None else float(v) for n in ("from_m", "to_m")}
    return {"key": row.key, "name": row.name, "road": row.road, **place, **limits_of(row)}


def collect(
    actor: Actor,
    on: date,
    *,
    road_ids: Collection[int] | None = None,
    asset_ids: Collection[int] | None = None,
) -> list[Posted]:
    """What is posted on a day: works by type, roads by stretches. Narrowed for changes."""
    wants_roads = asset_ids is None or road_ids is not None
    wants_works = road_ids is None or asset_ids is not None
    names = dict(Organisation.objects.values_list("id", "name"))
    roads = {
        row.pk: row
        for row in network.roads(actor).filter(part__in=["MAIN", "RAMP"]).defer("geom", "search")
    }
    found = list(_works(actor, on, roads, names, asset_ids)) if wants_works else []
    return found + (list(_roads(actor, on, roads, names, road_ids)) if wants_roads else [])


def _works(
    actor: Actor,
    on: date,
    roads: Mapping[int, Any],
    names: Mapping[int, str],
    ids: Collection[int] | None,
) -> Iterator[Posted]:
    for image, shape in _works_on(actor, on, ids):
        subject = SUBJECTS.get(image["type"])
        road = roads.get(image["road_id"] or 0)
        if subject is None or image["status"] in ("REMOVED", "UNDER_CONSTRUCTION"):
            continue
        said = image["attributes"]
        yield Posted(
            key=f"asset:{image['id']}",
            subject=subject.value,
            ref_id=int(image["id"]),
            code=image["code"],
            name=image["name"],
            road=road.label if road is not None else "",
            road_id=image["road_id"],
            from_m=_metres(image["chainage_m"]),
            manager=names.get(image["owner_org_id"], ""),
            design_load=str(said.get("design_load") or ""),
            limits={
                ours: float(said[theirs])
                for theirs, ours in OF_ASSET.items()
                if isinstance(said.get(theirs), int | float)
            },
            shape=None if shape is None else shape.centroid,
        )


def _works_on(
    actor: Actor, on: date, ids: Collection[int] | None
) -> Iterator[tuple[dict[str, Any], Any]]:
    """The columns and the place of every work as they were at the end of a day."""
    rows = assets.assets(actor)
    if on >= timezone.localdate():
        rows = rows.filter(type__in=list(SUBJECTS)).defer("search")
        for row in rows if ids is None else rows.filter(pk__in=list(ids)):
            names = ("id", "type", "code", "name", "road_id", "chainage_m", "status")
            image = {name: getattr(row, name) for name in (*names, "owner_org_id", "attributes")}
            yield image, row.geom
        return
    end = timezone.make_aware(datetime.combine(on, time(23, 59, 59)))
    after = 0
    while states := as_of(rows.model, end, actor, after_id=after, limit=_PAGE):
        after = states[-1].row_id
        for state in states:
            if state.image.get("type") in SUBJECTS and (ids is None or state.row_id in ids):
                yield {**state.image, "id": state.row_id}, state.geom


def _roads(
    actor: Actor,
    on: date,
    roads: Mapping[int, Any],
    names: Mapping[int, str],
    ids: Collection[int] | None,
) -> Iterator[Posted]:
    classes = _classes(on)
    wanted = {pk: row for pk, row in roads.items() if ids is None or pk in ids}
    posted: dict[int, list[Any]] = {}
    for event in network.events_on(
        actor, kinds=tuple(ALONG), on=on, road_ids=None if ids is None else tuple(ids)
    ):
        posted.setdefault(event.road_id, []).append(event)
    for pk, row in wanted.items():
        events = posted.get(pk, [])
        if row.status not in _OPEN or (row.manager_class not in classes and not events):
            continue
        for start, end, limits in _stretches(row, events):
            yield Posted(
                key=f"road:{pk}:{start:.1f}",
                subject="ROAD",
                ref_id=pk,
                code=row.code,
                name=row.name,
                road=row.label,
                road_id=pk,
                from_m=start,
                to_m=end,
                manager=names.get(row.owner_org_id, ""),
                limits=limits,
            )


def _stretches(road: Any, events: list[Any]) -> Iterator[tuple[float, float, dict[str, float]]]:
    """A road cut where what is posted along it changes; the strictest of both sides counts."""
    if road.start_m is None or road.end_m is None:
        return
    first, last = float(road.start_m), float(road.end_m)
    cuts = {first, last}
    for event in events:
        cuts |= {
            min(max(float(event.from_m), first), last),
            min(max(float(event.to_m), first), last),
        }
    ends = sorted(cuts)
    held: tuple[float, float, dict[str, float]] | None = None
    for start, end in pairwise(ends):
        limits: dict[str, float] = {}
        for event in events:
            if float(event.from_m) <= start and end <= float(event.to_m):
                name, value = ALONG[event.kind], float(event.value_number or 0)
                limits[name] = min(value, limits.get(name, value))
        if held is not None and held[2] == limits:
            held = (held[0], end, limits)
            continue
        if held is not None:
            yield held
        held = (start, end, limits)
    if held is not None:
        yield held


def _classes(on: date) -> frozenset[str]:
    try:
        return frozenset(norms.ruling(CLASSES_NORM, on=on).value)
    except (NotFoundError, RuleNotInForceError):
        return frozenset({"EXPRESSWAY", "NATIONAL", "PROVINCIAL"})


def _metres(value: Any) -> float | None:
    return None if value is None else round(float(value), 1)
