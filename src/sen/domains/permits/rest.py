"""Whether a permit is genuine, and whether a vehicle may drive a route, for programs."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.permits.choices import Status
from sen.domains.permits.data import Vehicle
from sen.domains.permits.models import Permit
from sen.domains.permits.rules import is_in_force
from sen.domains.permits.selectors import check_route, legs_from
from sen.domains.permits.web.texts import failing_text, leg_text
from sen.kernel.access.context import as_system
from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import NotFoundError
from sen.kernel.rest.api import Audience, Field, Query, Schema, router


class GenuineOut(Schema):
    number: str
    kind: str
    status: str
    issued_at: date | None
    valid_from: date | None
    valid_to: date | None
    authority: str
    in_force: bool = Field(description="holds today")


class RouteQuestion(Schema):
    route: str = Field(description="QL.30 Km0+000 - Km20+500; ĐT.844", max_length=4000)
    gross_t: float | None = Field(None, ge=0.5, le=1000)
    axle_t: float | None = Field(None, ge=0.5, le=60)
    height_m: float | None = Field(None, ge=0.5, le=12)
    width_m: float | None = Field(None, ge=0.5, le=15)
    combination: str = Field("", description="rigid, semi, trailer, tracked")


class FailingOut(Schema):
    text: str
    limit: float | None
    needs: float | None
    unit: str


class ObstacleOut(Schema):
    title: str
    place: str
    lon: float | None
    lat: float | None
    failings: list[FailingOut]


class RouteOut(Schema):
    legs: list[str]
    length_m: float
    checked: int = Field(description="structures that were compared")
    unknown: int = Field(description="bridges without a known load")
    clear: bool
    obstacles: list[ObstacleOut]


def genuine(request: HttpRequest, check_code: str) -> Any:
    """The permit behind the code on its paper, without personal data."""
    with as_system("whoever holds the paper may ask whether it is genuine"):
        rows = Permit.objects.select_related("owner_org").filter(check_code=check_code)
        row = rows.exclude(status=Status.RECEIVED.value).first()
    if row is None:
        raise NotFoundError(_("giấy phép"), check_code)
    today = timezone.localdate()
    return {
        "number": row.number,
        "kind": row.kind,
        "status": row.status,
        "issued_at": row.issued_at,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "authority": row.owner_org.name,
        "in_force": is_in_force(row.status, row.valid_from, row.valid_to, today),
    }


def check(request: HttpRequest, asked: Query[RouteQuestion]) -> Any:
    """Every structure and posted stretch on a route that a vehicle may not pass."""
    legs = legs_from(actor_of(request), asked.route)
    vehicle = Vehicle(asked.gross_t, asked.axle_t, asked.height_m, asked.width_m, asked.combination)
    found = check_route(legs=legs, vehicle=vehicle, on=timezone.localdate())
    return {
        "legs": [leg_text(leg) for leg in legs],
        "length_m": round(found.length_m, 1),
        "checked": found.checked,
        "unknown": found.unknown,
        "clear": found.is_clear,
        "obstacles": [
            {
                "title": item.title,
                "place": item.place,
                "lon": item.lon,
                "lat": item.lat,
                "failings": [
                    {
                        "text": failing_text(one),
                        "limit": one.limit,
                        "needs": one.needs,
                        "unit": one.unit,
                    }
                    for one in item.failings
                ],
            }
            for item in found.obstacles
        ],
    }


for audience in (Audience.PUBLIC, Audience.PARTNER, Audience.INTERNAL):
    made = router(audience, "permits")
    made.get("/genuine/{check_code}", response=GenuineOut)(genuine)
    made.get("/route-check", response=RouteOut)(check)
