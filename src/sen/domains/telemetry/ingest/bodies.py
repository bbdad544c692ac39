"""Bodies of devices as rows: JSON, CBOR, SenML, OGC data arrays. No Django.

Source:
    RFC 8428 (SenML: base fields, 4.1; time, 4.5.3); RFC 8949 (CBOR); OGC 18-088, 12 (data arrays).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from sen.domains.telemetry.ingest.problems import RefusedError

MOST_ROWS: Final = 100_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
#: Below it a SenML time is meant from now on.
_RELATIVE_S: Final = 2**28
_LABELS: Final = {
    -1: "bver", -2: "bn", -3: "bt", -4: "bu", -5: "bv", -6: "bs",
    0: "n", 1: "u", 2: "v", 3: "vs", 4: "vb", 5: "s", 6: "t", 7: "ut", 8: "vd",
}  # fmt: skip
_UCUM: Final = {"%RH": "%", "/": "1", "m3/s": "m3/s", "%EL": "%", "count": "1"}
_OGC_FIELDS: Final = frozenset({"resultTime", "validTime", "parameters", "FeatureOfInterest/id"})


@dataclass(slots=True)
class Rows:
    """Observations as they came, by columns; times in µs, None where the sender gave none.

    ``broken`` are times that cannot be read, ``quality`` what the sender itself says against a
    value, both by row number.
    """

    streams: Sequence[int | str]
    times: list[int | None]
    values: Sequence[Any]
    units: dict[int, str] = field(default_factory=dict)
    extra: dict[int, dict[str, Any]] = field(default_factory=dict)
    broken: dict[int, Any] = field(default_factory=dict)
    quality: dict[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.streams)


class Item(msgspec.Struct, gc=False):
    """One observation of the house's own form."""

    stream: int | str
    value: Any
    time: datetime | float | None = None
    unit: str = ""
    parameters: dict[str, Any] | None = None


class Columns(msgspec.Struct, gc=False):
    """Many observations of the house's own form, by columns; times in µs since 1970."""

    streams: list[int | str]
    values: list[Any]
    times: list[int]


_json: Final = msgspec.json.Decoder()
_items: Final = msgspec.json.Decoder(list[Item])


def read_body(body: bytes, kind: str, *, now_us: int) -> Rows:
    """The rows of a body; ``kind`` is its media type, empty where it has to be seen from it.

    Raises:
        RefusedError: it cannot be read as a whole, or nothing is in it.
    """
    return _some(_read(body, kind, now_us))


def _some(rows: Rows) -> Rows:
    if not len(rows):
        raise RefusedError("not-readable", error="no observation")
    return rows


def _read(body: bytes, kind: str, now_us: int) -> Rows:
    if kind.endswith(("cbor", "octet-stream")) or (not kind and body[:1] not in b"[{"):
        return rows_of(_cbor(body), now_us=now_us)
    try:
        if kind != "application/senml+json":
            try:
                return _of_items(_items.decode(body))
            except msgspec.ValidationError:
                pass  # another form, or one of its rows is wrong: looked at one by one
        return rows_of(_json.decode(body), now_us=now_us)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError("not-readable", error=str(error)) from error


def _cbor(body: bytes) -> Any:
    import cbor2

    try:
        return cbor2.loads(body)
    except (cbor2.CBORDecodeError, ValueError, RecursionError, OverflowError, TypeError) as error:
        raise RefusedError("not-readable", error=str(error)) from error


def rows_of(document: Any, *, now_us: int) -> Rows:
    """The rows of a decoded document.

    Raises:
        RefusedError: it has none of the forms.
    """
    if isinstance(document, dict):
        if "streams" in document:
            return _of_columns(document)
        document = [document]
    if not isinstance(document, list):
        raise RefusedError("not-readable", error="expected an object or a list")
    if len(document) > MOST_ROWS:
        raise RefusedError("not-readable", error=f"more than {MOST_ROWS} rows")
    if not all(isinstance(item, dict) for item in document):
        raise RefusedError("not-readable", error="expected a list of objects")
    if any("dataArray" in item for item in document):
        return _of_arrays(document)
    if any("stream" in item for item in document):
        return _of_dicts(document)
    return _of_senml(document, now_us)


def _of_items(items: list[Item]) -> Rows:
    if len(items) > MOST_ROWS:
        raise RefusedError("not-readable", error=f"more than {MOST_ROWS} rows")
    rows = Rows([i.stream for i in items], [None] * len(items), [i.value for i in items])
    for number, item in enumerate(items):
        at = item.time
        if type(at) is datetime:
            rows.times[number] = (_aware(at) - _EPOCH) // _MICROSECOND
        elif at is not None:
            _put_time(rows, number, at)
        if item.unit:
            rows.units[number] = item.unit
        if item.parameters:
            rows.extra[number] = {"parameters": item.parameters}
    return rows


def _of_columns(document: dict[str, Any]) -> Rows:
    try:
        columns = msgspec.convert(document, Columns)
    except msgspec.ValidationError as error:
        raise RefusedError("not-readable", error=str(error)) from error
    count = len(columns.streams)
    if (len(columns.values), len(columns.times)) != (count, count):
        raise RefusedError("not-readable", error="columns of different lengths")
    if count > MOST_ROWS:
        raise RefusedError("not-readable", error=f"more than {MOST_ROWS} rows")
    times: list[int | None] = list(columns.times)
    return Rows(columns.streams, times, columns.values)


def _of_dicts(items: list[dict[str, Any]]) -> Rows:
    rows = Rows([_name(i.get("stream")) for i in items], [None] * len(items),
                [i.get("value") for i in items])  # fmt: skip
    for number, item in enumerate(items):
        _put_time(rows, number, item.get("time"))
        if isinstance(item.get("unit"), str):
            rows.units[number] = item["unit"]
        if isinstance(item.get("parameters"), dict):
            rows.extra[number] = {"parameters": item["parameters"]}
    return rows


def _of_arrays(groups: list[dict[str, Any]]) -> Rows:
    """Data arrays as SensorThings has them: one group for each datastream."""
    streams: list[int | str] = []
    times: list[Any] = []
    values: list[Any] = []
    extra: dict[int, dict[str, Any]] = {}
    for group in groups:
        link = group.get("Datastream") or group.get("MultiDatastream") or {}
        stream = _name(link.get("@iot.id") if isinstance(link, dict) else None)
        names, table = group.get("components"), group.get("dataArray")
        if (
            not isinstance(names, list)
            or not isinstance(table, list)
            or "result" not in names
            or not all(isinstance(name, str) for name in names)
        ):
            raise RefusedError("not-readable", error="components and dataArray with result wanted")
        result = names.index("result")
        at = names.index("phenomenonTime") if "phenomenonTime" in names else None
        more = [(place, name) for place, name in enumerate(names) if name in _OGC_FIELDS]
        for row in table:
            if not isinstance(row, list) or len(row) != len(names):
                raise RefusedError("not-readable", error="a row that does not fit its components")
            if more:
                extra[len(streams)] = {
                    "featureOfInterest" if name.startswith("F") else name: row[place]
                    for place, name in more
                    if row[place] is not None
                }
            streams.append(stream)
            values.append(row[result])
            times.append(None if at is None else row[at])
    rows = Rows(streams, [None] * len(streams), values, extra=extra)
    for number, moment in enumerate(times):
        _put_time(rows, number, moment)
    return rows


def _of_senml(records: list[dict[Any, Any]], now_us: int) -> Rows:
    base: dict[str, Any] = {"bn": "", "bt": 0, "bu": "", "bv": 0}
    streams: list[int | str] = []
    times: list[int | None] = []
    values: list[Any] = []
    units: dict[int, str] = {}
    for given in records:
        record = {_LABELS.get(key, key): value for key, value in given.items()}
        unknown = [key for key in record if str(key).endswith("_")]
        if unknown:
            # A field that must be understood, RFC 8428 4.4.
            raise RefusedError("not-readable", error=f"SenML field {unknown[0]}")
        base.update({key: record[key] for key in base if key in record})
        found = [key for key in ("v", "vs", "vb", "vd") if key in record]
        if not found:
            continue
        try:
            second = float(base["bt"]) + float(record.get("t", 0))
            value = record[found[0]]
            if found[0] == "v" and base["bv"]:
                value += base["bv"]
        except (TypeError, ValueError, OverflowError) as error:
            raise RefusedError("not-readable", error=f"SenML: {error}") from error
        name = f"{base['bn']}{record.get('n', '')}"
        if not name:
            raise RefusedError("not-readable", error="SenML record without a name")
        moment = round(second * 1_000_000) if abs(second) < 1e12 else None
        if moment is not None and abs(second) < _RELATIVE_S:
            moment += now_us
        unit = str(record.get("u") or base["bu"])
        if unit:
            units[len(streams)] = _UCUM.get(unit, unit)
        streams.append(name)
        times.append(moment)
        values.append(value)
    return Rows(streams, times, values, units)


def _put_time(rows: Rows, number: int, given: Any) -> None:
    try:
        rows.times[number] = time_us(given)
    except (ValueError, OverflowError, TypeError):
        rows.broken[number] = given


def time_us(given: Any) -> int | None:
    """Microseconds since 1970 of ISO 8601 text or of seconds; None stays None.

    An interval stands for its beginning. Text without a zone is UTC.

    Raises:
        ValueError: it is neither.
    """
    if given is None:
        return None
    if isinstance(given, datetime):
        return (_aware(given) - _EPOCH) // _MICROSECOND
    if isinstance(given, bool):
        raise ValueError(given)
    if isinstance(given, int | float):
        return round(given * 1_000_000)
    moment = datetime.fromisoformat(str(given).partition("/")[0])
    return (_aware(moment) - _EPOCH) // _MICROSECOND


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _name(given: Any) -> int | str:
    return given if isinstance(given, int | str) and not isinstance(given, bool) else str(given)


def single(stream: str, body: bytes, *, now_us: int) -> Rows:
    """A body that is one value of a known stream: a number, text, or an object with ``value``.

    Raises:
        RefusedError: it is none.
    """
    try:
        document = _json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        try:
            document = body.decode()
        except UnicodeDecodeError:
            document = _cbor(body)
    items: Iterable[Any] = document if isinstance(document, list) else [document]
    named = [
        {**item, "stream": stream} if isinstance(item, dict) else {"stream": stream, "value": item}
        for item in items
    ]
    return _some(rows_of(named, now_us=now_us))
