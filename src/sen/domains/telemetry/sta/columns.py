"""A page of plain observations of one stream: read as columns, written as text here.

Such pages are what clients read most, and what the database is slowest at writing: each row is ten
times as long as what is known of it. So the database gives columns and the text is made of them.
Rows that hold more than a number are left to the general statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from sen.domains.telemetry.sta.odata.nodes import Path
from sen.domains.telemetry.sta.odata.options import Options
from sen.domains.telemetry.sta.schema import ENTITIES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from psycopg.pq.abc import PGresult

#: Units: microseconds from 1970 to 2000, where PostgreSQL counts from.
_EPOCH_US: Final = 946_684_800_000_000
#: Dimensions, whether there are NULLs, type, length, first index.
_ARRAY_HEAD: Final = 20
_TIME: Final = Path(("phenomenonTime",))


def is_plain(options: Options) -> bool:
    """Whether whole observations in order of time are asked for, and nothing about them."""
    if options.select or options.expand or options.result_format:
        return False
    return not options.orderby or (len(options.orderby) == 1 and options.orderby[0].by == _TIME)


def columns_sql(rows: str) -> str:
    """The columns of ``rows``, which are given in order; whether they hold more than that."""
    return (
        "SELECT array_agg(o.at), array_agg(coalesce(o.result, 'NaN')), array_agg(o.quality), "  # noqa: S608
        f"coalesce(bool_or(o.extra IS NOT NULL), FALSE) FROM ({rows}) o"
    )


def rows_of(found: PGresult, stream: int, base: str, top: int) -> list[tuple[Any, ...]] | None:
    """A row as the general statement gives it; None where that has to be asked."""
    if found.get_value(0, 3) != b"\0":
        return None
    raw = [found.get_value(0, column) for column in range(3)]
    if raw[0] is None:
        return []
    at, values, quality = (
        _column(bytes(each or b""), kind)
        for each, kind in zip(raw, (">i8", ">f8", ">i2"), strict=True)
    )
    times = (at.astype("i8") + _EPOCH_US).astype("datetime64[us]").astype("U26").tolist()
    last = [f"{times[top - 1]}Z"] if 0 < top < len(times) else [None]
    shown = slice(0, top)
    text = _text(stream, base, at[shown], times[shown], values[shown], quality[shown])
    return [(0, text, len(times[shown]), len(times), last)]


def _column(raw: bytes, kind: str) -> NDArray[Any]:
    """The values of a binary array without NULLs."""
    import numpy as np

    cells = np.frombuffer(raw, np.dtype([("size", ">i4"), ("value", kind)]), offset=_ARRAY_HEAD)
    found: NDArray[Any] = cells["value"]
    return found


def _text(
    stream: int,
    base: str,
    at: NDArray[np.int64],
    times: list[str],
    values: NDArray[np.float64],
    quality: NDArray[np.int16],
) -> str:
    entity = ENTITIES["Observations"]
    address = f"{base}Observations('{stream}-"
    head = ('{"@iot.selfLink":"' + address, f'\')","@iot.id":"{stream}-')
    links = [f'"{name}@iot.navigationLink":"{address}' for name in entity.navigation]
    ends = [f"')/{name}\"" for name in entity.navigation]
    tail = [f"{end},{link}" for end, link in zip(ends, links[1:], strict=False)]
    first, end = "," + links[0], ends[-1] + "}"
    keys = (at.astype("i8") + _EPOCH_US).tolist()
    said = _quality(quality) if quality.any() else [""] * len(keys)
    return ",".join(
        [
            str(key).join(
                (
                    *head,
                    f'","phenomenonTime":"{time}Z","result":{value},"resultTime":null{how}{first}',
                    *tail,
                    end,
                )
            )
            for key, time, value, how in zip(keys, times, _numbers(values), said, strict=True)
        ]
    )


def _numbers(values: NDArray[np.float64]) -> list[str]:
    """Numbers as JSON, whole ones without a point; what is none as null."""
    listed = msgspec.json.encode(values.tolist())[1:-1] + b","
    return listed.replace(b".0,", b",").decode().split(",")[:-1]


def _quality(quality: NDArray[np.int16]) -> list[str]:
    return [f',"resultQuality":{{"code":{code}}}' if code else "" for code in quality.tolist()]
