"""The entities of SensorThings over the tables of telemetry.

SQL here has ``{a}`` for the alias of the row and ``{p}`` for that of the row it is reached from.

Source:
    OGC 18-088 (SensorThings 1.1), 8.2; ownership after OGC 22-022r1 (STAplus), 7.2.
"""
# ruff: noqa: S608  tables and columns are of the house; no value stands in this SQL

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sen.domains.telemetry import models
from sen.domains.telemetry.choices import OBSERVATION_TYPES
from sen.domains.telemetry.sta.odata.nodes import Kind
from sen.kernel.access.models import Organisation, ScopedModel
from sen.kernel.access.scope import AccessRule

#: The store through views without its policy: each statement here ties what it reads of them to a
#: datastream that the actor sees, and the policy of the datastreams holds in the same statement.
OBSERVATION: Final = "telemetry_observation_tied"
LATEST: Final = "telemetry_latest_tied"


@dataclass(frozen=True, slots=True)
class Field:
    """A property: its SQL as a value, and as JSON text (never NULL)."""

    kind: Kind
    sql: str
    json: str
    #: The second end of an interval.
    end: str = ""
    #: How a value of several kinds is read as each of them.
    variants: dict[Kind, str] = field(default_factory=dict)
    #: JSON text, or NULL where it is left out of an answer that does not ask for it.
    optional: str = ""


@dataclass(frozen=True, slots=True)
class Navigation:
    """A way from one entity to others.

    ``column`` is the column of the target that holds the id of the source, where there is one:
    then the id is written into the condition and an index on the column serves it.
    """

    target: str
    many: bool
    join: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of entity."""

    set: str
    name: str
    table: str
    model: type[ScopedModel] | None
    fields: dict[str, Field]
    navigation: dict[str, Navigation]
    id: Field
    where: str = ""
    order: tuple[tuple[str, Kind, bool], ...] = (("{a}.id", Kind.NUMBER, False),)
    creates: bool = True

    @property
    def rule(self) -> AccessRule | None:
        return self.model.access if self.model is not None else None

    @property
    def textual(self) -> bool:
        """Whether ids are texts."""
        return self.id.kind is Kind.TEXT


def _table(model: type) -> str:
    return str(model._meta.db_table)  # type: ignore[attr-defined]


def _text(column: str) -> Field:
    return Field(Kind.TEXT, f"{{a}}.{column}", f"to_json({{a}}.{column})")


def _json(expression: str) -> Field:
    return Field(Kind.JSON, expression, f"coalesce({expression}::text, 'null')")


def _place(column: str, kept: str) -> Field:
    """A geometry, or whatever else was sent in its stead."""
    return Field(
        Kind.GEOMETRY,
        f"{{a}}.{column}",
        f"coalesce({{a}}.{kept}::text, ST_AsGeoJSON({{a}}.{column}, 9), 'null')",
    )


def _house(*pairs: str) -> Field:
    """Free properties with those that the house keeps in columns."""
    listed = ", ".join(f"'{name}', {{a}}.{name}" for name in pairs)
    return _json(f"({{a}}.properties || jsonb_build_object({listed}))")


_ID: Final = Field(Kind.NUMBER, "{a}.id", "{a}.id")
_THING: Final = _table(models.Thing)
_LOCATION: Final = _table(models.Location)
STREAM: Final = _table(models.Datastream)
_PLACED: Final = _table(models.Location.things.through)
_HISTORY: Final = _table(models.HistoricalLocation)
_WERE: Final = _table(models.HistoricalLocation.locations.through)
_PARTS: Final = _table(models.Datastream.observed_properties.through)
_PARTY: Final = Navigation("Parties", many=False, join="{a}.id = {p}.owner_org_id")
#: The types of the standard by the kinds of the house; a stream may name its own.
_TYPE: Final = (
    "coalesce(nullif({a}.observation_type, ''), CASE {a}.result_kind "
    + " ".join(f"WHEN '{kind}' THEN '{uri}'" for kind, uri in OBSERVATION_TYPES.items())
    + " END)"
)
_COMPLEX: Final = OBSERVATION_TYPES[list(OBSERVATION_TYPES)[-1]]


def _iso(moment: str) -> str:
    """JSON text of a moment that is known, without quotes."""
    return f"to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


_FIRST: Final = (
    f"(SELECT f.at FROM {OBSERVATION} f WHERE f.datastream_id = {{a}}.id ORDER BY f.at LIMIT 1)"
)
#: When a stream was heard last, as it is kept.
LAST: Final = f"(SELECT l.at FROM {LATEST} l WHERE l.datastream_id = {{a}}.id)"


def _stream_fields(*, multi: bool) -> dict[str, Field]:
    fields = {
        "name": _text("name"),
        "description": _text("description"),
        "observationType": Field(Kind.TEXT, _TYPE, f"to_json({_TYPE})")
        if not multi
        else Field(Kind.TEXT, f"'{_COMPLEX}'::text", f"'\"{_COMPLEX}\"'"),
    }
    if multi:
        fields["multiObservationDataTypes"] = _json(
            "(SELECT jsonb_agg(coalesce(c ->> 'observationType', "
            f"'{next(iter(OBSERVATION_TYPES.values()))}')) "
            "FROM jsonb_array_elements({a}.components) c)"
        )
        fields["unitOfMeasurements"] = _json(
            "(SELECT jsonb_agg(jsonb_build_object('name', c ->> 'unit_name', 'symbol', "
            "c ->> 'unit', 'definition', c ->> 'unit_definition')) "
            "FROM jsonb_array_elements({a}.components) c)"
        )
    else:
        fields["unitOfMeasurement"] = Field(
            Kind.JSON,
            "jsonb_build_object('name', nullif({a}.unit_name, ''), 'symbol', "
            "nullif({a}.unit, ''), 'definition', nullif({a}.unit_definition, ''))",
            "concat('{{\"name\":', coalesce(to_json(nullif({a}.unit_name, ''))::text, 'null'), "
            "',\"symbol\":', coalesce(to_json(nullif({a}.unit, ''))::text, 'null'), "
            "',\"definition\":', coalesce(to_json(nullif({a}.unit_definition, ''))::text, "
            "'null'), '}}')",
        )
    fields["observedArea"] = Field(
        Kind.GEOMETRY,
        "{a}.observed_area",
        "coalesce(ST_AsGeoJSON({a}.observed_area, 9), 'null')",
    )
    fields["phenomenonTime"] = Field(
        Kind.INTERVAL,
        _FIRST,
        f"coalesce('\"' || {_iso(_FIRST)} || '/' || {_iso(LAST)} || '\"', 'null')",
        end=LAST,
    )
    fields["properties"] = _house("code", "interval_s", "valid_min", "valid_max", "result_schema")
    return fields


def _streams(*, multi: bool) -> Entity:
    properties = (
        Navigation(
            "ObservedProperties",
            many=True,
            join=f"{{a}}.id IN (SELECT m.observedproperty_id FROM {_PARTS} m "
            "WHERE m.datastream_id = {p}.id)",
        )
        if multi
        else Navigation("ObservedProperties", many=False, join="{a}.id = {p}.observed_property_id")
    )
    return Entity(
        "MultiDatastreams" if multi else "Datastreams",
        "MultiDatastream" if multi else "Datastream",
        STREAM,
        models.Datastream,
        _stream_fields(multi=multi),
        {
            "Thing": Navigation("Things", many=False, join="{a}.id = {p}.thing_id"),
            "Sensor": Navigation("Sensors", many=False, join="{a}.id = {p}.sensor_id"),
            "ObservedProperties" if multi else "ObservedProperty": properties,
            "Observations": Navigation(
                "Observations",
                many=True,
                join="{a}.datastream_id = {p}.id",
                column="datastream_id",
            ),
            "Party": _PARTY,
        },
        _ID,
        where="{a}.components <> '[]'" if multi else "{a}.components = '[]'",
    )


def _to_streams(column: str) -> dict[str, Navigation]:
    return {
        name: Navigation(name, many=True, join=f"{{a}}.{column} = {{p}}.id", column=column)
        for name in ("Datastreams", "MultiDatastreams")
    }


_THINGS: Final = Entity(
    "Things",
    "Thing",
    _THING,
    models.Thing,
    {
        "name": _text("name"),
        "description": _text("description"),
        "properties": _house("code", "status", "position"),
    },
    {
        "Locations": Navigation(
            "Locations",
            many=True,
            join=f"{{a}}.id IN (SELECT m.location_id FROM {_PLACED} m WHERE m.thing_id = {{p}}.id)",
        ),
        "HistoricalLocations": Navigation(
            "HistoricalLocations", many=True, join="{a}.thing_id = {p}.id", column="thing_id"
        ),
        **_to_streams("thing_id"),
        "Party": _PARTY,
    },
    _ID,
)
_LOCATIONS: Final = Entity(
    "Locations",
    "Location",
    _LOCATION,
    models.Location,
    {
        "name": _text("name"),
        "description": _text("description"),
        "encodingType": _text("encoding_type"),
        "location": _place("geom", "location"),
        "properties": _json("{a}.properties"),
    },
    {
        "Things": Navigation(
            "Things",
            many=True,
            join=f"{{a}}.id IN (SELECT m.thing_id FROM {_PLACED} m WHERE m.location_id = {{p}}.id)",
        ),
        "HistoricalLocations": Navigation(
            "HistoricalLocations",
            many=True,
            join=f"{{a}}.id IN (SELECT m.historicallocation_id FROM {_WERE} m "
            "WHERE m.location_id = {p}.id)",
        ),
    },
    _ID,
)
_HISTORICAL: Final = Entity(
    "HistoricalLocations",
    "HistoricalLocation",
    _table(models.HistoricalLocation),
    models.HistoricalLocation,
    {"time": Field(Kind.INSTANT, "{a}.time", f"concat('\"', {_iso('{a}.time')}, '\"')")},
    {
        "Thing": Navigation("Things", many=False, join="{a}.id = {p}.thing_id"),
        "Locations": Navigation(
            "Locations",
            many=True,
            join=f"{{a}}.id IN (SELECT m.location_id FROM {_WERE} m "
            "WHERE m.historicallocation_id = {p}.id)",
        ),
    },
    _ID,
)
_SENSORS: Final = Entity(
    "Sensors",
    "Sensor",
    _table(models.Sensor),
    models.Sensor,
    {
        "name": _text("name"),
        "description": _text("description"),
        "encodingType": _text("encoding_type"),
        "metadata": _json("{a}.metadata"),
        "properties": _house("code", "maker", "model", "serial", "accuracy"),
    },
    _to_streams("sensor_id"),
    _ID,
)
_PROPERTIES: Final = Entity(
    "ObservedProperties",
    "ObservedProperty",
    _table(models.ObservedProperty),
    models.ObservedProperty,
    {
        "name": _text("name"),
        "definition": _text("definition"),
        "description": _text("description"),
        "properties": _house("code", "unit"),
    },
    {
        "Datastreams": Navigation(
            "Datastreams",
            many=True,
            join="{a}.observed_property_id = {p}.id",
            column="observed_property_id",
        ),
        "MultiDatastreams": Navigation(
            "MultiDatastreams",
            many=True,
            join=f"{{a}}.id IN (SELECT m.datastream_id FROM {_PARTS} m "
            "WHERE m.observedproperty_id = {p}.id)",
        ),
    },
    _ID,
)
#: A feature of interest that nobody named is the place where the thing stood at the time: each
#: location is one, under its id with a minus. It costs nothing at the writing of an observation.
_WAS: Final = (
    f"-(SELECT m.location_id FROM {_HISTORY} h JOIN {_WERE} m ON m.historicallocation_id = h.id "
    f"JOIN {STREAM} d ON d.thing_id = h.thing_id WHERE d.id = {{o}}.datastream_id "
)
_FEATURE: Final = (
    "coalesce(({o}.extra ->> 'featureOfInterest')::bigint, "
    f"{_WAS}AND h.time <= {{o}}.at ORDER BY h.time DESC, h.id DESC, m.location_id LIMIT 1), "
    f"{_WAS}ORDER BY h.time, h.id, m.location_id LIMIT 1), "
    f"-(SELECT min(m.location_id) FROM {_PLACED} m JOIN {STREAM} d ON d.thing_id = m.thing_id "
    "WHERE d.id = {o}.datastream_id))"
)
_FEATURE_COLUMNS: Final = (
    "name, description, encoding_type, geom, properties, data_class, owner_org_id, area_id"
)
_FEATURE_TABLE: Final = (
    f"(SELECT id, feature, {_FEATURE_COLUMNS} FROM {_table(models.FeatureOfInterest)} "
    f"UNION ALL SELECT -id, location, {_FEATURE_COLUMNS} FROM {_LOCATION})"
)
_FEATURES: Final = Entity(
    "FeaturesOfInterest",
    "FeatureOfInterest",
    _FEATURE_TABLE,
    models.FeatureOfInterest,
    {
        "name": _text("name"),
        "description": _text("description"),
        "encodingType": _text("encoding_type"),
        "feature": _place("geom", "feature"),
        "properties": _json("{a}.properties"),
    },
    {
        "Observations": Navigation(
            "Observations", many=True, join=f"{_FEATURE.format(o='{a}')} = {{p}}.id"
        )
    },
    _ID,
)


def _kept_moment(key: str) -> Field:
    text = f"{{a}}.extra ->> '{key}'"
    return Field(
        Kind.INSTANT,
        f"({text})::timestamptz",
        f"coalesce(({{a}}.extra -> '{key}')::text, 'null')",
    )


_RESULT: Final = Field(
    Kind.JSON,
    "coalesce({a}.extra -> 'result', to_jsonb({a}.result))",
    "coalesce(({a}.extra -> 'result')::text, {a}.result::text, 'null')",
    variants={
        Kind.NUMBER: "{a}.result",
        Kind.TEXT: "coalesce({a}.extra ->> 'result', {a}.result::text)",
        Kind.BOOL: "CASE WHEN jsonb_typeof({a}.extra -> 'result') = 'boolean' "
        "THEN ({a}.extra ->> 'result')::boolean END",
        Kind.NULL: "coalesce({a}.extra ->> 'result', {a}.result::text)",
    },
)
_OBSERVATIONS: Final = Entity(
    "Observations",
    "Observation",
    OBSERVATION,
    None,
    {
        "phenomenonTime": Field(
            Kind.INSTANT,
            "{a}.at",
            f"concat('\"', {_iso('{a}.at')}, '/' || ({{a}}.extra ->> 'phenomenonEnd'), '\"')",
            end="({a}.extra ->> 'phenomenonEnd')::timestamptz",
        ),
        "result": _RESULT,
        "resultTime": _kept_moment("resultTime"),
        "resultQuality": Field(
            Kind.NUMBER,
            "{a}.quality",
            "concat('{{\"code\":', {a}.quality, '}}')",
            optional="('{{\"code\":' || nullif({a}.quality, 0) || '}}')",
        ),
        "validTime": Field(
            Kind.INTERVAL,
            "split_part({a}.extra ->> 'validTime', '/', 1)::timestamptz",
            "coalesce(({a}.extra -> 'validTime')::text, 'null')",
            end="nullif(split_part({a}.extra ->> 'validTime', '/', 2), '')::timestamptz",
            optional="({a}.extra -> 'validTime')::text",
        ),
        "parameters": Field(
            Kind.JSON,
            "{a}.extra -> 'parameters'",
            "coalesce(({a}.extra -> 'parameters')::text, 'null')",
            optional="({a}.extra -> 'parameters')::text",
        ),
    },
    {
        "Datastream": Navigation("Datastreams", many=False, join="{a}.id = {p}.datastream_id"),
        "MultiDatastream": Navigation(
            "MultiDatastreams", many=False, join="{a}.id = {p}.datastream_id"
        ),
        "FeatureOfInterest": Navigation(
            "FeaturesOfInterest",
            many=False,
            join=f"{{a}}.id = {_FEATURE.format(o='{p}')}",
        ),
    },
    Field(
        Kind.TEXT,
        "({a}.datastream_id || '-' || (date_part('epoch', {a}.at) * 1000000)::bigint)",
        "concat('\"', {a}.datastream_id, '-', "
        "(date_part('epoch', {a}.at) * 1000000)::bigint, '\"')",
    ),
    order=(("{a}.datastream_id", Kind.NUMBER, True), ("{a}.at", Kind.INSTANT, True)),
)
_PARTIES: Final = Entity(
    "Parties",
    "Party",
    _table(Organisation),
    None,
    {
        "displayName": Field(Kind.TEXT, "{a}.name", "to_json({a}.name)"),
        "description": Field(Kind.TEXT, "{a}.name", "to_json({a}.name)"),
        "role": Field(Kind.TEXT, "'institutional'::text", "'\"institutional\"'"),
        "authId": Field(Kind.TEXT, "{a}.code", "to_json({a}.code)"),
    },
    {
        name: Navigation(name, many=True, join="{a}.owner_org_id = {p}.id", column="owner_org_id")
        for name in ("Things", "Datastreams", "MultiDatastreams")
    },
    _ID,
    creates=False,
)

ENTITIES: Final = {
    entity.set: entity
    for entity in (
        _THINGS,
        _LOCATIONS,
        _HISTORICAL,
        _streams(multi=False),
        _streams(multi=True),
        _SENSORS,
        _PROPERTIES,
        _OBSERVATIONS,
        _FEATURES,
        _PARTIES,
    )
}
BY_NAME: Final = {entity.name: entity for entity in ENTITIES.values()}
