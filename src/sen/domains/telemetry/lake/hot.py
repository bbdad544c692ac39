"""Rows of the hot store as CSV, in the columns that ``parquet.hot_rows`` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from django.db import connection

_COLUMNS: Final = (
    "datastream_id, (extract(epoch FROM at) * 1000000)::bigint, result, quality,"
    " (extract(epoch FROM received_at) * 1000000)::bigint, extra"
)


def write_hot(target: Path, where: str, given: tuple[Any, ...], *, summed: bool = False) -> None:
    """Write the observations for which ``where`` holds; ``summed``: each with the hash of its row.

    Whose they are was decided before: the caller acts for the house.
    """
    columns = f"{_COLUMNS}, hashtextextended(o::text, 0)" if summed else _COLUMNS
    query = (
        f"COPY (SELECT {columns} FROM telemetry_observation o WHERE {where}) TO STDOUT (FORMAT csv)"
    )
    with (
        connection.cursor() as cursor,
        target.open("wb") as file,
        cursor.copy(query, given) as copy,
    ):
        for block in copy:
            file.write(block)
