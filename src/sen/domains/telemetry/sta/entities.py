"""Creating, changing and deleting entities, through the services of telemetry.

Everything here runs in a thread with Django's connection, in one transaction of the actor.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry
from django.utils.translation import gettext as _

from sen.domains.telemetry import models
from sen.domains.telemetry.choices import OBSERVATION_TYPES, ResultKind
from sen.domains.telemetry.services import catalogue, streams, things
from sen.domains.telemetry.sta.answers import RefusedError, not_found
from sen.domains.telemetry.sta.odata.lexer import instant
from sen.domains.telemetry.sta.schema import ENTITIES
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError
from sen.lib.errors import gettext_noop

Body = Mapping[str, Any]
#: Written in the audit log where a service wants a reason.
REASON: Final = "SensorThings API"
_GEOMETRIES: Final = frozenset(
    {
        "Point",
        "LineString",
        "Polygon",
        "MultiPoint",
        "MultiLineString",
        "MultiPolygon",
        "GeometryCollection",
    }
)
_KIND_OF: Final = {uri: kind for kind, uri in OBSERVATION_TYPES.items()}


@dataclass(slots=True)
class Work:
    """One request of writing; observations that came along are stored after its commit."""

    actor: Actor
    observations: list[tuple[int, Body]] = field(default_factory=list)

    # --- links ---------------------------------------------------------------------------------

    def row(self, set_name: str, given: Any) -> Any:
        """The entity that is named, or made on the spot."""
        if not isinstance(given, Mapping):
            raise InvalidInputError({set_name: _("Hãy ghi một đối tượng JSON: {…}.")})
        key = given.get("@iot.id", given.get("id"))
        if key is not None:
            return self.stored(set_name, key)
        return CREATE[set_name](self, given)

    def stored(self, set_name: str, key: Any) -> Any:
        """The entity with an id, if the actor sees it.

        Raises:
            RefusedError: there is none to see.
        """
        model = ENTITIES[set_name].model
        if model is None or not str(key).isdigit() or len(str(key)) > 18:
            raise not_found(f"{set_name}({key})")
        found = model.objects.visible_to(self.actor).filter(pk=int(key)).first()
        if found is None:
            raise not_found(f"{set_name}({key})")
        return found

    def one(self, body: Body, name: str, set_name: str) -> Any:
        return self.row(set_name, body[name]) if body.get(name) is not None else None

    def many(self, body: Body, name: str, set_name: str | None = None) -> list[Any]:
        given = body.get(name) or []
        if not isinstance(given, list):
            raise InvalidInputError({name: _("Hãy ghi một danh sách JSON: […].")})
        return [self.row(set_name or name, item) for item in given]


# --- values ----------------------------------------------------------------------------------


def _plain(body: Body, names: Mapping[str, str]) -> dict[str, Any]:
    """Members that are fields under another name."""
    found = {}
    for member, name in names.items():
        if member in body:
            value = body[member]
            if value is not None and not isinstance(value, str):
                raise InvalidInputError({member: _("Hãy ghi một chuỗi ký tự.")})
            found[name] = value
    return found


def _free(body: Body, *kept: str) -> dict[str, Any]:
    """``properties``, less what the house keeps in columns."""
    if "properties" not in body:
        return {}
    given = body["properties"] or {}
    if not isinstance(given, Mapping):
        raise InvalidInputError({"properties": _("Hãy ghi một đối tượng JSON: {…}.")})
    found: dict[str, Any] = {name: given[name] for name in kept if given.get(name) is not None}
    return {**found, "properties": {k: v for k, v in given.items() if k not in kept}}


_DESCRIBED: Final = {"name": "name", "description": "description"}


def _place(body: Body, member: str, kept: str) -> dict[str, Any]:
    """GeoJSON as a geometry of the map; anything else as it was sent."""
    if member not in body:
        return {}
    given = body[member]
    shape = given.get("geometry") if isinstance(given, Mapping) and "geometry" in given else given
    if not isinstance(shape, Mapping) or shape.get("type") not in _GEOMETRIES:
        return {"geom": None, kept: given}
    try:
        geometry = GEOSGeometry(json.dumps(shape), srid=4326)
    except (GEOSException, GDALException, ValueError, TypeError) as error:
        raise InvalidInputError({member: _("GeoJSON không hợp lệ.")}) from error
    return {"geom": geometry, kept: None if shape is given else given}


def _thing(body: Body) -> dict[str, Any]:
    return _plain(body, _DESCRIBED) | _free(body, "code", "status", "position")


def _location(body: Body) -> dict[str, Any]:
    names = {**_DESCRIBED, "encodingType": "encoding_type"}
    return _plain(body, names) | _place(body, "location", "location") | _free(body)


def _sensor(body: Body) -> dict[str, Any]:
    found = _plain(body, {**_DESCRIBED, "encodingType": "encoding_type"})
    if "metadata" in body:
        found["metadata"] = body["metadata"]
    return found | _free(body, "code", "maker", "model", "serial", "accuracy")


def _property(body: Body) -> dict[str, Any]:
    return _plain(body, {**_DESCRIBED, "definition": "definition"}) | _free(body, "code", "unit")


def _feature(body: Body) -> dict[str, Any]:
    names = {**_DESCRIBED, "encodingType": "encoding_type"}
    return _plain(body, names) | _place(body, "feature", "feature") | _free(body)


def _stream(body: Body) -> dict[str, Any]:
    found = _plain(body, _DESCRIBED)
    found |= _free(body, "code", "interval_s", "valid_min", "valid_max", "result_schema")
    if "observationType" in body:
        uri = str(body["observationType"] or "")
        kind = _KIND_OF.get(uri)
        found["result_kind"] = (kind or ResultKind.ANY).value
        found["observation_type"] = "" if kind else uri
    if "unitOfMeasurement" in body:
        found |= _unit(body["unitOfMeasurement"])
    return found


def _unit(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise InvalidInputError({"unitOfMeasurement": _("Hãy ghi một đối tượng JSON: {…}.")})
    return {
        "unit": str(given.get("symbol") or ""),
        "unit_name": str(given.get("name") or ""),
        "unit_definition": str(given.get("definition") or ""),
    }


def _multi(body: Body) -> dict[str, Any]:
    found = _plain(body, _DESCRIBED)
    found |= _free(body, "code", "interval_s", "valid_min", "valid_max")
    units, types = body.get("unitOfMeasurements"), body.get("multiObservationDataTypes")
    if units is None and types is None:
        return found
    if not (isinstance(units, list) and isinstance(types, list) and len(units) == len(types) > 0):
        raise InvalidInputError(
            {"unitOfMeasurements": _("Cần cùng số đơn vị và số kiểu kết quả, ít nhất một.")}
        )
    found["components"] = [
        {**_unit(unit), "observationType": str(kind)}
        for unit, kind in zip(units, types, strict=True)
    ]
    found["result_kind"] = ResultKind.COMPLEX.value
    return found


# --- creating --------------------------------------------------------------------------------


def _create_thing(work: Work, body: Body) -> models.Thing:
    places = work.many(body, "Locations")
    row = things.create_thing(actor=work.actor, locations=places or None, **_thing(body))
    for name in ("Datastreams", "MultiDatastreams"):
        for item in body.get(name) or []:
            CREATE[name](work, {**item, "Thing": {"@iot.id": row.pk}})
    return row


def _create_location(work: Work, body: Body) -> models.Location:
    row = things.create_location(actor=work.actor, **_location(body))
    for thing in work.many(body, "Things"):
        things.set_locations(actor=work.actor, row=thing, locations=[row])
    return row


def _create_sensor(work: Work, body: Body) -> models.Sensor:
    row = catalogue.create_sensor(actor=work.actor, **_sensor(body))
    _create_below(work, body, {"Sensor": {"@iot.id": row.pk}})
    return row


def _create_property(work: Work, body: Body) -> models.ObservedProperty:
    row = catalogue.create_observed_property(actor=work.actor, **_property(body))
    _create_below(work, body, {"ObservedProperty": {"@iot.id": row.pk}})
    return row


def _create_below(work: Work, body: Body, link: dict[str, Any]) -> None:
    for item in body.get("Datastreams") or []:
        _create_stream(work, {**item, **link})


def _create_feature(work: Work, body: Body) -> models.FeatureOfInterest:
    return catalogue.create_feature(actor=work.actor, **_feature(body))


def _create_stream(work: Work, body: Body) -> models.Datastream:
    links = {
        "thing": work.one(body, "Thing", "Things"),
        "sensor": work.one(body, "Sensor", "Sensors"),
        "observed_property": work.one(body, "ObservedProperty", "ObservedProperties"),
    }
    _need(body, "Thing", "Sensor", "ObservedProperty")
    row = streams.create_datastream(actor=work.actor, **_stream(body), **links)
    work.observations += [(row.pk, item) for item in body.get("Observations") or []]
    return row


def _create_multi(work: Work, body: Body) -> models.Datastream:
    _need(body, "Thing", "Sensor", "ObservedProperties", "unitOfMeasurements")
    properties = work.many(body, "ObservedProperties")
    values = _multi(body)
    if len(properties) != len(values["components"]):
        raise InvalidInputError(
            {"ObservedProperties": _("Mỗi thành phần cần một đại lượng, theo đúng thứ tự.")}
        )
    values["components"] = [
        {**part, "name": found.name, "observed_property": found.pk}
        for part, found in zip(values["components"], properties, strict=True)
    ]
    row = streams.create_datastream(
        actor=work.actor,
        thing=work.one(body, "Thing", "Things"),
        sensor=work.one(body, "Sensor", "Sensors"),
        observed_properties=properties,
        **values,
    )
    work.observations += [(row.pk, item) for item in body.get("Observations") or []]
    return row


def _create_history(work: Work, body: Body) -> models.HistoricalLocation:
    """Where a thing was from a time on, as somebody tells later."""
    _need(body, "Thing", "Locations", "time")
    thing = work.one(body, "Thing", "Things")
    things.set_locations(
        actor=work.actor,
        row=thing,
        locations=work.many(body, "Locations"),
        at=_moment(body["time"], "time"),
    )
    kept = models.HistoricalLocation.objects.visible_to(work.actor).filter(thing=thing)
    return kept.latest("id")


def _need(body: Body, *names: str) -> None:
    missing = {name: _("Thiếu thành phần này.") for name in names if body.get(name) is None}
    if missing:
        raise InvalidInputError(missing)


def _moment(value: Any, name: str) -> datetime:
    try:
        return instant(str(value))
    except (ValueError, OverflowError) as error:
        raise InvalidInputError({name: _("Thời điểm không đúng dạng ISO 8601.")}) from error


CREATE: Final[dict[str, Callable[[Work, Body], ScopedModel]]] = {
    "Things": _create_thing,
    "Locations": _create_location,
    "HistoricalLocations": _create_history,
    "Sensors": _create_sensor,
    "ObservedProperties": _create_property,
    "FeaturesOfInterest": _create_feature,
    "Datastreams": _create_stream,
    "MultiDatastreams": _create_multi,
}


def create(work: Work, set_name: str, body: Body) -> int:
    """Make an entity with all that came inside it; returns its id.

    Raises:
        RefusedError: nothing can be made there.
    """
    make = CREATE.get(set_name)
    if make is None:
        raise RefusedError(
            405,
            "method",
            gettext_noop("Không tạo được đối tượng ở “%(name)s”."),
            {"name": set_name},
        )
    return int(make(work, body).pk)


# --- changing --------------------------------------------------------------------------------


def _change_thing(work: Work, row: models.Thing, body: Body) -> None:
    things.update_thing(actor=work.actor, row=row, version=None, reason=REASON, **_thing(body))
    if body.get("Locations"):
        things.set_locations(actor=work.actor, row=row, locations=work.many(body, "Locations"))


def _change_location(work: Work, row: models.Location, body: Body) -> None:
    things.update_location(
        actor=work.actor, row=row, version=None, reason=REASON, **_location(body)
    )


def _change_sensor(work: Work, row: models.Sensor, body: Body) -> None:
    catalogue.update_sensor(actor=work.actor, row=row, version=None, reason=REASON, **_sensor(body))


def _change_property(work: Work, row: models.ObservedProperty, body: Body) -> None:
    catalogue.update_observed_property(
        actor=work.actor, row=row, version=None, reason=REASON, **_property(body)
    )


def _change_feature(work: Work, row: models.FeatureOfInterest, body: Body) -> None:
    catalogue.update_feature(
        actor=work.actor, row=row, version=None, reason=REASON, **_feature(body)
    )


_LINKS: Final = {
    "Thing": ("Things", "thing"),
    "Sensor": ("Sensors", "sensor"),
    "ObservedProperty": ("ObservedProperties", "observed_property"),
}


def _change_stream(work: Work, row: models.Datastream, body: Body) -> None:
    values = _multi(body) if row.is_multi else _stream(body)
    for member, (set_name, name) in _LINKS.items():
        if body.get(member) is not None:
            values[name] = work.row(set_name, body[member])
    streams.update_datastream(actor=work.actor, row=row, version=None, reason=REASON, **values)


def _change_history(work: Work, row: models.HistoricalLocation, body: Body) -> None:
    things.correct_whereabouts(
        actor=work.actor,
        row=work.stored("Things", row.thing_id),
        entry=row,
        at=_moment(body["time"], "time") if "time" in body else None,
        locations=work.many(body, "Locations") if "Locations" in body else None,
    )


CHANGE: Final[dict[str, Callable[[Work, Any, Body], None]]] = {
    "Things": _change_thing,
    "Locations": _change_location,
    "HistoricalLocations": _change_history,
    "Sensors": _change_sensor,
    "ObservedProperties": _change_property,
    "FeaturesOfInterest": _change_feature,
    "Datastreams": _change_stream,
    "MultiDatastreams": _change_stream,
}
#: What a PUT without them empties.
OPTIONAL: Final[dict[str, dict[str, Any]]] = {
    "Things": {"properties": {}},
    "Locations": {"properties": {}},
    "HistoricalLocations": {},
    "Sensors": {"properties": {}},
    "ObservedProperties": {"properties": {}},
    "FeaturesOfInterest": {"properties": {}},
    "Datastreams": {"properties": {}},
    "MultiDatastreams": {"properties": {}},
}


def change(work: Work, set_name: str, key: str, body: Body, *, whole: bool) -> None:
    """Change an entity: what is named, or with ``whole`` everything.

    Raises:
        RefusedError: it is not there, or is not changed by anybody.
    """
    act = CHANGE.get(set_name)
    if act is None:
        raise RefusedError(
            405,
            "method",
            gettext_noop("Không sửa được đối tượng ở “%(name)s”."),
            {"name": set_name},
        )
    given = {**OPTIONAL[set_name], **body} if whole else body
    act(work, work.stored(set_name, key), given)


# --- deleting --------------------------------------------------------------------------------


def delete(work: Work, set_name: str, key: str) -> None:
    """Delete an entity; a thing goes with its streams, as SensorThings wants it.

    Raises:
        RefusedError: it is not there, or is not deleted by anybody.
    """
    act = _DELETE.get(set_name)
    if act is None:
        raise RefusedError(
            405,
            "method",
            gettext_noop("Không xóa được đối tượng ở “%(name)s”."),
            {"name": set_name},
        )
    row = work.stored(set_name, key)
    more = {"with_streams": True} if set_name == "Things" else {}
    act(actor=work.actor, row=row, version=None, reason=REASON, **more)


def _delete_history(*, actor: Actor, row: Any, version: int | None, reason: str) -> None:
    thing = Work(actor).stored("Things", row.thing_id)
    things.forget_whereabouts(actor=actor, row=thing, entry=row)


_DELETE: Final[dict[str, Callable[..., None]]] = {
    "Things": things.delete_thing,
    "Locations": things.delete_location,
    "HistoricalLocations": _delete_history,
    "Sensors": catalogue.delete_sensor,
    "ObservedProperties": catalogue.delete_observed_property,
    "FeaturesOfInterest": catalogue.delete_feature,
    "Datastreams": streams.delete_datastream,
    "MultiDatastreams": streams.delete_datastream,
}
