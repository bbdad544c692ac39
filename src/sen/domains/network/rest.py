"""Segmentations for programs."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from sen.domains.network.rest_chainage import add_chainage_operations
from sen.domains.network.selectors.segment_question import read_question
from sen.domains.network.selectors.segment_rows import column_names, file_cells, found_lines
from sen.domains.network.selectors.segments import segment_roads
from sen.kernel.access.middleware import actor_of
from sen.kernel.rest.api import Audience, Field, Schema, router


class SegmentsOut(Schema):
    on: str = Field(description="the day whose records hold")
    columns: list[str] = Field(description="names of the values in each row")
    rows: list[list[Any]] = Field(
        description="road code, from and to as labels in metres, length, side, lane (0: all), "
        "then of each layer the value and the part of the segment about which it is known"
    )
    count: int


_PARAMETERS = [
    {
        "name": name,
        "in": "query",
        "required": name == "layer",
        "description": text,
        "schema": {"type": "array", "items": {"type": "string"}}
        if name in ("road", "layer")
        else {"type": "string"},
    }
    for name, text in (
        ("road", "codes or numbers of roads, several separated by commas"),
        ("class", "all roads of a class instead; * for all"),
        ("layer", "track with its rule, such as network.iri:mean; repeat for more"),
        ("step", "metres of a segment, or change"),
        ("across", "road, side or lane"),
        ("on", "day, 2026-12-31"),
        ("from", "first chainage, Km1+000"),
        ("to", "last chainage"),
    )
]


def get_segments(request: HttpRequest) -> HttpResponse:
    """Segments of roads by any layers, each with the values and how much of it is known."""
    actor = actor_of(request)
    asked = read_question(actor, request.GET)
    found = list(segment_roads(actor, roads=asked.roads, question=asked.question))
    lines = found_lines(found)
    body = {
        "on": asked.question.on.isoformat(),
        "columns": column_names(asked.question),
        "rows": [file_cells(asked.question, line) for line in lines],
        "count": len(lines),
    }
    return HttpResponse(orjson.dumps(body), content_type="application/json")


for _audience in (Audience.PUBLIC, Audience.PARTNER, Audience.INTERNAL):
    _api = router(_audience, "network")
    add_chainage_operations(_api)
    _api.get(
        "/segments",
        response={200: SegmentsOut},
        operation_id="get_segments",
        openapi_extra={"parameters": _PARAMETERS},
    )(get_segments)
