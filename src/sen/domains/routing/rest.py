"""Ways through the network for programs."""

import orjson
from django.http import HttpRequest, HttpResponse

from sen.domains.routing.data import Route
from sen.domains.routing.questions import leg_text, read_wanted
from sen.domains.routing.selectors import find_route
from sen.kernel.access.middleware import actor_of
from sen.kernel.rest.api import Audience, Field, Schema, router


class LegOut(Schema):
    road_id: int
    road: str
    from_m: float = Field(description="label in metres")
    to_m: float
    length_m: float
    turn: str = Field(description="start, left, right, straight")
    text: str


class AvoidedOut(Schema):
    asset_id: int
    name: str
    closed: bool
    limit_t: float | None
    clearance_m: float | None


class RouteOut(Schema):
    length_m: float
    access_m: list[float] = Field(description="from both places to the nearest road")
    legs: list[LegOut]
    avoided: list[AvoidedOut]
    geometry: dict[str, object] = Field(description="GeoJSON in WGS 84")


def _plain(route: Route) -> dict[str, object]:
    return {
        "length_m": round(route.length_m, 1),
        "access_m": [round(metres, 1) for metres in route.access_m],
        "legs": [
            {
                "road_id": leg.road_id,
                "road": leg.road,
                "from_m": round(leg.from_m, 1),
                "to_m": round(leg.to_m, 1),
                "length_m": round(leg.length_m, 1),
                "turn": leg.turn,
                "text": leg_text(leg),
            }
            for leg in route.legs
        ],
        "avoided": [
            {
                "asset_id": one.asset_id,
                "name": one.name,
                "closed": one.closed,
                "limit_t": one.limit_t,
                "clearance_m": one.clearance_m,
            }
            for one in route.avoided
        ],
        "geometry": route.geometry,
    }


_PARAMETERS = [
    {"name": name, "in": "query", "required": needed, "schema": {"type": "string"}}
    for name, needed in (
        ("from", True),
        ("to", True),
        ("vehicle", False),
        ("weight_t", False),
        ("height_m", False),
    )
]


def get_route(request: HttpRequest) -> HttpResponse:
    """The shortest way between two places: a chainage with its road, a name, or coordinates."""
    actor = actor_of(request)
    wanted = read_wanted(actor, request.GET)
    route = find_route(
        actor,
        start=(wanted.start.lon, wanted.start.lat),
        end=(wanted.end.lon, wanted.end.lat),
        vehicle=wanted.vehicle,
    )
    return HttpResponse(orjson.dumps(_plain(route)), content_type="application/json")


for _audience in (Audience.PUBLIC, Audience.PARTNER, Audience.INTERNAL):
    router(_audience, "routing").get(
        "/route",
        response={200: RouteOut},
        operation_id="find_route",
        openapi_extra={"parameters": _PARAMETERS},
    )(get_route)
