"""Parquet files of observations, written and compared by DuckDB. No Django.

Rows are sorted by stream and time: runs of one stream compress to a few bytes a row, and a
reader of one stream touches few row groups. When a row was received is kept as its delay.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

import duckdb

#: Rows of a row group; a reader of one stream reads whole ones.
ROW_GROUP: Final = 100_000
_HOT: Final = (
    "'datastream_id': 'INTEGER', 'at_us': 'BIGINT', 'result': 'DOUBLE', 'quality': 'TINYINT',"
    " 'received_us': 'BIGINT', 'extra': 'VARCHAR'"
)
_FROM_CSV: Final = (
    "SELECT datastream_id, make_timestamp(at_us) AS observed_at, result, quality,"
    " ((received_us - at_us) // 1000)::BIGINT AS delay_ms, extra FROM {rows}"
)
_MOMENT: Final = "%Y-%m-%d %H:%M:%S.%f+00"
_FILE: Final = (
    "SELECT datastream_id, observed_at, result, quality, delay_ms, extra FROM read_parquet({path})"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A Parquet file as it was read back."""

    rows: int
    streams: int


class DifferentError(RuntimeError):
    """A file does not hold what was written into it."""


@contextmanager
def engine(work: Path, *, memory: str = "512MB") -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB that spills to ``work`` instead of taking the memory of the machine."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "temp_directory": str(work / "spill"),
        "threads": 2,
    }
    opened = duckdb.connect(":memory:", config=config)
    try:
        opened.execute("SET TimeZone = 'UTC'")
        yield opened
    finally:
        opened.close()


def hot_rows(path: Path, *, summed: bool = False) -> str:
    """SQL of a table over rows that PostgreSQL wrote as CSV; ``summed``: with their hashes."""
    columns = _HOT + (", 'content': 'BIGINT'" if summed else "")
    return (
        f"read_csv({_text(path)}, auto_detect = false, header = false, delim = ',', quote = '\"',"
        f" escape = '\"', nullstr = '', columns = {{{columns}}})"
    )


def write(
    work: Path,
    rows: Path,
    target: Path,
    *,
    older: Path | None = None,
    keep: Collection[int] = (),
    without: Collection[int] = (),
) -> Written:
    """Write ``rows`` (CSV of PostgreSQL) as a file, and read it back.

    From ``older``, the streams of ``keep`` are taken over; where both have a key, ``rows`` wins.
    Streams of ``without`` are left out.

    Raises:
        DifferentError: what was read back differs.
    """
    with engine(work) as db:
        source = _FROM_CSV.format(rows=hot_rows(rows, summed=True))
        if older is not None and keep:
            source = (
                f"WITH fresh AS ({source}) SELECT * FROM fresh UNION ALL"
                f" SELECT o.* FROM ({_FILE.format(path=_text(older))}) o"
                f" WHERE o.datastream_id IN {_ids(keep)} AND NOT EXISTS (FROM fresh f"
                " WHERE f.datastream_id = o.datastream_id AND f.observed_at = o.observed_at)"
            )
        if without:
            source = f"SELECT * FROM ({source}) WHERE datastream_id NOT IN {_ids(without)}"
        db.execute(f"CREATE TEMP VIEW wanted AS {source}")
        db.execute(
            f"COPY (SELECT * FROM wanted ORDER BY datastream_id, observed_at) TO {_text(target)}"
            f" (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 6, ROW_GROUP_SIZE {ROW_GROUP})"
        )
        expected = _summary(db, "wanted")
        found = _summary(db, f"read_parquet({_text(target)})")
        if expected != found:
            raise DifferentError(f"{target.name}: {found[0]} rows read back of {expected[0]}")
    return Written(rows=found[0], streams=found[1])


def content(work: Path, rows: Path) -> tuple[int, Decimal]:
    """How many rows a CSV of PostgreSQL has, and the sum of their last column."""
    with engine(work) as db:
        source = hot_rows(rows, summed=True)
        row = db.execute(
            f"SELECT count(*), coalesce(sum(content), 0)::VARCHAR FROM {source}"
        ).fetchone()
    return (int(row[0]), Decimal(row[1])) if row else (0, Decimal(0))


def _summary(db: duckdb.DuckDBPyConnection, source: str) -> tuple[int, int, int]:
    row = db.execute(
        "SELECT count(*), count(DISTINCT datastream_id), coalesce(bit_xor(hash(datastream_id,"
        f" observed_at, result, quality, delay_ms, extra)), 0) FROM {source}"
    ).fetchone()
    if row is None:
        raise DifferentError("no answer")
    return int(row[0]), int(row[1]), int(row[2])


def count(work: Path, source: Path, streams: Collection[int]) -> int:
    """How many rows of some streams a file has."""
    if not streams:
        return 0
    with engine(work) as db:
        row = db.execute(
            f"SELECT count(*) FROM read_parquet({_text(source)})"
            f" WHERE datastream_id IN {_ids(streams)}"
        ).fetchone()
    return int(row[0]) if row else 0


def rows_for_postgres(work: Path, source: Path, target: Path, *, streams: Collection[int]) -> int:
    """Write the rows of some streams (all: none named) as CSV in the order of the table's columns.

    Returns their number.
    """
    where = f"WHERE datastream_id IN {_ids(streams)}" if streams else ""
    with engine(work) as db:
        db.execute(
            f"COPY (SELECT datastream_id, strftime(observed_at, '{_MOMENT}'), result, quality,"
            f" strftime(observed_at + to_milliseconds(delay_ms), '{_MOMENT}'), extra"
            f" FROM read_parquet({_text(source)}) {where}) TO {_text(target)}"
            " (FORMAT csv, HEADER false)"
        )
        row = db.execute(f"SELECT count(*) FROM read_parquet({_text(source)}) {where}").fetchone()
    return int(row[0]) if row else 0


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _ids(ids: Collection[int]) -> str:
    return "(" + ", ".join(str(int(item)) for item in sorted(ids)) + ")"
