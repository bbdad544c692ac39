"""Where those are who read the stream of observations beside the writer."""

from __future__ import annotations

from datetime import datetime

from django.db import connection


class PlaceTakenError(RuntimeError):
    """Another process reads the stream in the name of this reader."""


def place_of(reader: str) -> tuple[int, datetime | None]:
    """Up to which message a reader of the stream is done, and when it said so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, moved_at FROM telemetry_offset WHERE consumer = %s", [reader])
        row = cursor.fetchone()
    return (0, None) if row is None else (int(row[0]), row[1])


def move_place(reader: str, before: int, after: int) -> None:
    """Note, in the caller's transaction, up to where a reader is done.

    Raises:
        PlaceTakenError: it was not at ``before``.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO telemetry_offset AS o (consumer, seq, moved_at)"
            " VALUES (%s, %s, clock_timestamp())"
            " ON CONFLICT (consumer) DO UPDATE SET seq = EXCLUDED.seq,"
            " moved_at = clock_timestamp() WHERE o.seq = %s",
            [reader, after, before],
        )
        if cursor.rowcount != 1:
            raise PlaceTakenError(reader)
