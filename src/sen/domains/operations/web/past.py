"""What instruments said at a minute of the past, and the map of that minute.

Who sees what is asked of today's viewer; values and events are those of the moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sen.domains.alarms.api import Alarm
from sen.domains.incidents.api import Incident
from sen.domains.operations.web import happenings
from sen.domains.operations.web.moments import BOARD, moment_of
from sen.domains.telemetry import api as telemetry
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import PermissionDeniedError
from sen.kernel.geo.config import layer_config, map_config
from sen.kernel.geo.layers import layers
from sen.kernel.numbers import number_text

SHOWN: Final = 12
#: Values that the name of a station on the map bears.
VALUES: Final = 4
#: More stations or events than these are no picture any more.
MOST: Final = 2_000
#: How a station stood → its colour; the words stand in the legend.
COLOURS: Final = {
    telemetry.Freshness.FRESH: "#0d9488",
    telemetry.Freshness.LATE: "#d97706",
    telemetry.Freshness.NONE: "#64748b",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One stream with the last that it said by the moment."""

    stream_id: int
    thing_id: int
    station: str
    name: str
    text: str
    at: datetime | None
    state: telemetry.Freshness

    @property
    def url(self) -> str:
        return f"/ql/telemetry/datastreams/{self.stream_id}/"


def told_at(actor: Actor, moment: datetime) -> list[Told]:
    """Every stream of the actor that was there at the moment, or already had values."""
    if not actor.may("telemetry.datastream.view"):
        return []
    rows = telemetry.Datastream.objects.visible_to(actor).values_list(
        "id", "thing_id", "thing__name", "name", "unit", "interval_s", "created_at"
    )
    streams: list[tuple[Any, ...]] = list(rows.order_by("thing__name", "code"))
    known = telemetry.latest_at(actor, [row[0] for row in streams], moment)
    found: list[Told] = []
    for stream_id, thing_id, station, name, unit, interval_s, created_at in streams:
        reading = known.get(stream_id)
        if reading is None and created_at > moment:
            continue
        text = "–"
        if reading is not None and reading.result is not None:
            text = f"{number_text(round(reading.result, 3))} {telemetry.unit_text(unit)}".strip()
        at = reading.at if reading else None
        state = telemetry.freshness(at, interval_s, moment)
        found.append(Told(stream_id, thing_id, station, name, text, at, state))
    return found


def health_at(told: Iterable[Told]) -> happenings.Health | None:
    """How many streams brought values as promised at the moment."""
    counted: Counter[str] = Counter()
    late: Counter[tuple[int, str]] = Counter()
    for one in told:
        counted[one.state] += 1
        if one.state is not telemetry.Freshness.FRESH:
            late[one.thing_id, one.station] += 1
    return happenings.health_of(counted, late) if counted else None


def worth_showing(actor: Actor, told: Iterable[Told], moment: datetime) -> list[Told]:
    """Streams with an alarm at the moment first, then those that spoke last."""
    alarmed = set(happenings.open_at(actor, moment).values_list("datastream_id", flat=True))
    spoken = [one for one in told if one.at is not None]
    spoken.sort(key=lambda one: (one.stream_id in alarmed, one.at), reverse=True)
    return spoken[:SHOWN]


@require_safe
def past_map(request: HttpRequest) -> HttpResponse:
    """What ``<sen-map>`` shows of a minute: stations with their values, alarms, incidents."""
    actor = actor_of(request)
    if not actor.may(BOARD):
        raise PermissionDeniedError(BOARD)
    moment = moment_of(request)
    if moment is None:
        raise Http404(_("Chưa nói rõ thời điểm."))
    config = map_config(actor, ["roads"], get_language() or "vi")
    config["layers"] += list(_layers(actor, moment))
    config["categories"] += [
        {"id": "telemetry", "title": _("Quan trắc")},
        {"id": "events", "title": _("Cảnh báo, sự cố")},
    ]
    return JsonResponse(config, headers={"Cache-Control": "private, no-store"})


def _layers(actor: Actor, moment: datetime) -> Iterator[dict[str, Any]]:
    if actor.may("telemetry.thing.view"):
        yield _layer("telemetry-things", actor, _stations(actor, moment)) | _look_of_stations()
    if actor.may("alarms.alarm.view"):
        raised = happenings.open_at(actor, moment).exclude(geom=None)[:MOST]
        yield _layer("alarms", actor, [_feature(row, severity=row.severity) for row in raised])
    if actor.may("incidents.incident.view"):
        known = happenings.incidents_at(actor, moment).exclude(geom=None)[:MOST]
        told = [_feature(row, state=happenings.incident_state_at(row, moment)) for row in known]
        yield _layer("incidents", actor, told)


def _layer(name: str, actor: Actor, features: list[dict[str, Any]]) -> dict[str, Any]:
    """A layer of the live map that bears its features instead of tiles."""
    config = layer_config(layers[name], actor)
    config.pop("edit", None)
    return config | {"features": {"type": "FeatureCollection", "features": features}}


def _look_of_stations() -> dict[str, Any]:
    words = {
        telemetry.Freshness.FRESH: _("Có số liệu đúng hẹn"),
        telemetry.Freshness.LATE: _("Số liệu trễ"),
        telemetry.Freshness.NONE: _("Chưa có số liệu"),
    }
    looks = {
        state.value: {"color": color, "label": words[state]} for state, color in COLOURS.items()
    }
    by = {"field": "state", "values": looks, "default": COLOURS[telemetry.Freshness.NONE]}
    style = {"color": COLOURS[telemetry.Freshness.FRESH], "radius": 6.0, "label_field": "name"}
    return {"style": style | {"by": by}, "legend": list(looks.values())}


def _stations(actor: Actor, moment: datetime) -> list[dict[str, Any]]:
    """Stations with what they said last; one is as late as its latest stream."""
    said: dict[int, list[Told]] = {}
    for one in told_at(actor, moment):
        said.setdefault(one.thing_id, []).append(one)
    rows = telemetry.Thing.objects.visible_to(actor).filter(pk__in_array=list(said))
    return [
        _feature(row, name=_said(said[row.pk]), state=_state(said[row.pk]))
        for row in rows.exclude(geom=None)[:MOST]
    ]


def _state(told: list[Told]) -> str:
    """The worst of its streams."""
    states = {one.state for one in told}
    return next(state.value for state in reversed(COLOURS) if state in states)


def _said(told: list[Told]) -> str:
    values = [f"{one.name}: {one.text}" for one in told if one.at is not None]
    return "\n".join([told[0].station, *values[:VALUES]])


def _feature(row: telemetry.Thing | Alarm | Incident, **properties: Any) -> dict[str, Any]:
    point = row.geom
    title = properties.pop("name", "") or getattr(row, "title", "")
    return {
        "type": "Feature",
        "id": row.pk,
        "geometry": point and {"type": "Point", "coordinates": [point.x, point.y]},
        "properties": {"name": title, **properties},
    }
