"""Chainage for programs: label to place, place to label, and the labels of other days."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from sen.domains.network.data import Correspondence
from sen.domains.network.models import Road
from sen.domains.network.selectors import (
    chainage_of,
    correspondence,
    find_roads,
    label,
    old_place,
    point_at,
    roads,
)
from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import InvalidInputError, NotFoundError
from sen.kernel.rest.api import Field, Query, Router, Schema
from sen.lib.chainage import ChainageError, parse_chainage


class SpotOut(Schema):
    """A place under a chainage; `now_*` are empty where no road is there any more."""

    road: str = Field(description="code of the road that was asked for")
    chainage_m: float
    label: str
    lon: float
    lat: float
    now_road: str = Field(default="", description="code of the road that lies there now")
    now_chainage_m: float | None = None
    now_label: str = ""


class OnRoadOut(Schema):
    """A point on a road."""

    road: str
    chainage_m: float
    label: str
    side: str = Field(description="LEFT or RIGHT in the direction of rising chainage")
    offset_m: float
    lon: float = Field(description="foot of the point on the line")
    lat: float


def add_chainage_operations(api: Router) -> None:
    """The operations, under ``/network`` of an audience."""
    api.get("/chainage", response=SpotOut, operation_id="get_chainage")(get_chainage)
    api.get("/position", response=OnRoadOut, operation_id="get_position")(get_position)
    api.get("/correspondence", response=list[SpotOut], operation_id="get_correspondence")(
        get_correspondence
    )


def get_chainage(
    request: HttpRequest,
    road: Annotated[str, Query(max_length=80, description="code or number")],
    at: Annotated[str, Query(max_length=40, description="Km12+500")],
    on: Annotated[date | None, Query(description="the day whose labels are meant; today")] = None,
    old: Annotated[bool, Query(description="the old label, whatever the day")] = False,
) -> Any:
    """The place of a label of today or of another day, and what it is called now."""
    found = _road(request, road)
    try:
        measure = parse_chainage(at).metres
    except ChainageError as error:
        raise InvalidInputError({"at": _(error.template) % error.params}) from error
    if on is not None or old:
        return _spot(request, found, old_place(road=found, old_m=measure, on=on))
    place = point_at(road=found, chainage_m=measure)
    return _spot(request, found, Correspondence(measure, place.x, place.y, found.pk, measure))


def get_position(
    request: HttpRequest,
    lon: Annotated[float, Query(ge=-180, le=180)],
    lat: Annotated[float, Query(ge=-85, le=85)],
    road: Annotated[
        str, Query(max_length=80, description="code or number; the nearest road without")
    ] = "",
    on: Annotated[date | None, Query(description="the day whose chainage is wanted; today")] = None,
    within_m: Annotated[float, Query(gt=0, le=5000)] = 100.0,
) -> Any:
    """Which road a point lies on, at which chainage and on which side."""
    named = _road(request, road) if road else None
    place = chainage_of(lon=lon, lat=lat, road=named, within_m=within_m, on=on)
    codes = _codes(request, [] if place is None else [place.road_id])
    if place is None or place.road_id not in codes:
        raise NotFoundError(_("tuyến đường ở gần điểm này"), f"{lat}, {lon}")
    return {
        "road": codes[place.road_id],
        "chainage_m": round(place.chainage_m, 3),
        "label": label(round(place.chainage_m, 3)),
        "side": place.side.value,
        "offset_m": round(place.offset_m, 2),
        "lon": place.lon,
        "lat": place.lat,
    }


def get_correspondence(
    request: HttpRequest,
    road: Annotated[str, Query(max_length=80)],
    on: Annotated[date, Query(description="the day of the old labels")],
    step_m: Annotated[float, Query(ge=20, le=10_000)] = 1000.0,
    to: Annotated[date | None, Query(description="the day of the new labels; today")] = None,
) -> Any:
    """The table of old and new chainage of a road."""
    found = _road(request, road)
    rows = correspondence(road=found, on=on, step_m=step_m, to=to)
    codes = _codes(request, [one.new_road_id for one in rows if one.new_road_id])
    return [_said(found, one, codes) for one in rows]


def _road(request: HttpRequest, text: str) -> Road:
    found = find_roads(actor_of(request), text.strip(), limit=2) if text.strip() else []
    if not found:
        raise NotFoundError(_("tuyến đường"), text)
    return found[0]


def _codes(request: HttpRequest, ids: list[int]) -> dict[int, str]:
    return dict(roads(actor_of(request)).filter(pk__in=set(ids)).values_list("pk", "code"))


def _spot(request: HttpRequest, road: Road, place: Correspondence) -> dict[str, Any]:
    return _said(road, place, _codes(request, [place.new_road_id] if place.new_road_id else []))


def _said(road: Road, place: Correspondence, codes: dict[int, str]) -> dict[str, Any]:
    now = codes.get(place.new_road_id or 0, "")
    measure = place.new_m if now else None
    return {
        "road": road.code,
        "chainage_m": round(place.old_m, 3),
        "label": label(round(place.old_m, 3)),
        "lon": place.lon,
        "lat": place.lat,
        "now_road": now,
        "now_chainage_m": None if measure is None else round(measure, 3),
        "now_label": "" if measure is None else label(round(measure, 3)),
    }
