"""The functions of expressions with the SQL of each.

Source:
    OGC 18-088, 9.3.3.5.2 (table 30: string, date, arithmetic, geospatial and spatial relationship
    functions); functions on intervals as FROST names them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sen.domains.telemetry.sta.odata.nodes import Kind


@dataclass(frozen=True, slots=True)
class Function:
    """What a function takes and gives; ``sql`` by the number of arguments."""

    takes: tuple[Kind, ...]
    gives: Kind
    sql: dict[int, str] = field(default_factory=dict)

    @property
    def counts(self) -> tuple[int, ...]:
        return tuple(sorted(self.sql)) or (len(self.takes),)


def _of(takes: str, gives: Kind, *sql: str) -> Function:
    """A function from letters: t text, n number, i instant, r interval, g geometry."""
    letters = {
        "t": Kind.TEXT,
        "n": Kind.NUMBER,
        "i": Kind.INSTANT,
        "r": Kind.INTERVAL,
        "g": Kind.GEOMETRY,
    }
    kinds = tuple(letters[letter] for letter in takes)
    first = len(kinds) - len(sql) + 1
    return Function(kinds, gives, {first + n: text for n, text in enumerate(sql)})


def _part(name: str) -> Function:
    return _of("i", Kind.NUMBER, f"extract({name} FROM {{0}} AT TIME ZONE 'UTC')::int")


def _spatial(name: str) -> Function:
    return _of("gg", Kind.BOOL, f"{name}({{0}}, {{1}})")


#: Functions of two intervals; the compiler writes them over the four ends, so that an index on a
#: moment serves them.
INTERVAL_FUNCTIONS: Final = (
    "before",
    "after",
    "meets",
    "during",
    "overlaps",
    "starts",
    "finishes",
)

FUNCTIONS: Final[dict[str, Function]] = {
    # texts
    "substringof": _of("tt", Kind.BOOL, "(position({0} in {1}) > 0)"),
    "contains": _of("tt", Kind.BOOL, "(position({1} in {0}) > 0)"),
    "startswith": _of("tt", Kind.BOOL, "starts_with({0}, {1})"),
    "endswith": _of("tt", Kind.BOOL, "(right({0}, length({1})) = {1})"),
    "length": _of("t", Kind.NUMBER, "length({0})"),
    "indexof": _of("tt", Kind.NUMBER, "(position({1} in {0}) - 1)"),
    "substring": _of(
        "tnn",
        Kind.TEXT,
        "substr({0}, greatest(({1})::int, 0) + 1)",
        "substr({0}, greatest(({1})::int, 0) + 1, greatest(({2})::int, 0))",
    ),
    "tolower": _of("t", Kind.TEXT, "lower({0})"),
    "toupper": _of("t", Kind.TEXT, "upper({0})"),
    "trim": _of("t", Kind.TEXT, "btrim({0}, E' \\t\\n\\r')"),
    "concat": _of("tt", Kind.TEXT, "({0} || {1})"),
    # times
    "year": _part("year"),
    "month": _part("month"),
    "day": _part("day"),
    "hour": _part("hour"),
    "minute": _part("minute"),
    "second": _of("i", Kind.NUMBER, "floor(extract(second FROM {0} AT TIME ZONE 'UTC'))::int"),
    "fractionalseconds": _of(
        "i",
        Kind.NUMBER,
        "(extract(second FROM {0} AT TIME ZONE 'UTC') - "
        "floor(extract(second FROM {0} AT TIME ZONE 'UTC')))",
    ),
    "date": _of("i", Kind.DATE, "({0} AT TIME ZONE 'UTC')::date"),
    "time": _of("i", Kind.TIME, "({0} AT TIME ZONE 'UTC')::time"),
    "totaloffsetminutes": _of("i", Kind.NUMBER, "({0} IS NULL)::int * 0"),
    "now": _of("", Kind.INSTANT, "now()"),
    "mindatetime": _of("", Kind.INSTANT, "'0001-01-01T00:00:00Z'::timestamptz"),
    "maxdatetime": _of("", Kind.INSTANT, "'9999-12-31T23:59:59.999999Z'::timestamptz"),
    # numbers
    "round": _of("n", Kind.NUMBER, "round(({0})::numeric)"),
    "floor": _of("n", Kind.NUMBER, "floor({0})"),
    "ceiling": _of("n", Kind.NUMBER, "ceil({0})"),
    # places; lengths and distances in degrees as the standard's own examples have them
    "geo.distance": _of("gg", Kind.NUMBER, "ST_Distance({0}, {1})"),
    "geo.length": _of("g", Kind.NUMBER, "ST_Length({0})"),
    "geo.intersects": _spatial("ST_Intersects"),
    "st_equals": _spatial("ST_Equals"),
    "st_disjoint": _spatial("ST_Disjoint"),
    "st_touches": _spatial("ST_Touches"),
    "st_within": _spatial("ST_Within"),
    "st_overlaps": _spatial("ST_Overlaps"),
    "st_crosses": _spatial("ST_Crosses"),
    "st_intersects": _spatial("ST_Intersects"),
    "st_contains": _spatial("ST_Contains"),
    "st_relate": _of("ggt", Kind.BOOL, "ST_Relate({0}, {1}, {2})"),
    **{name: Function((Kind.INTERVAL, Kind.INTERVAL), Kind.BOOL) for name in INTERVAL_FUNCTIONS},
}
