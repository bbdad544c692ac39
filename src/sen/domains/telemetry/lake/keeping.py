"""Days go to the lake, are verified, leave the hot store, come back, and are erased by law.

The order of a day: written to the lake and read back; entered in PostgreSQL; and only when the
file was verified again and the hot store still holds exactly what was written, the hot copy of
the streams whose time is over goes. Late data of such a day land in the hot store as always and
are merged into the file by the next round.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.telemetry.choices import RETENTIONS
from sen.domains.telemetry.lake import parquet
from sen.domains.telemetry.lake.hot import write_hot
from sen.domains.telemetry.lake.places import Place, file_sum, place, work_folder
from sen.domains.telemetry.models import Datastream, LakeErasure, LakeFile
from sen.kernel.access.context import as_system
from sen.kernel.errors import InvalidInputError

logger = logging.getLogger(__name__)

#: Days after which a day counts as finished; what comes later is merged.
FINISHED_DAYS: Final = 2
_DAY: Final = (
    "at >= %s::date::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh'"
    " AND at < (%s::date + 1)::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh'"
)
_SUM: Final = (
    "SELECT count(*), coalesce(sum(hashtextextended(o::text, 0)), 0)"
    f" FROM telemetry_observation o WHERE {_DAY}"
)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """A file that is not as it should be."""

    day: date
    path: str
    what: str


def hot_days() -> list[date]:
    """The days of which the hot store has a partition."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT telemetry_days()")
        return [row[0] for row in cursor.fetchall()]


def due_days(today: date) -> list[date]:
    """Finished days whose hot rows are not, or not all, in the lake."""
    return [
        day
        for day in hot_days()
        if day <= today - timedelta(days=FINISHED_DAYS) and not _is_kept(day)
    ]


def _is_kept(day: date) -> bool:
    known = LakeFile.objects.filter(day=day).first()
    with as_system("compare a day with the lake"):
        rows, content = _content(day)
    if known is None:
        return rows == 0
    return (known.hot_rows, known.content_sum) == (rows, content)


def compact_day(day: date) -> LakeFile | None:
    """Write one day to the lake, together with what the lake alone holds of it.

    Returns None when there is nothing of that day.

    Raises:
        DifferentError: the file does not read back as it was written; nothing changed.
    """
    with as_system("bring a finished day into the lake"), _work() as work:
        known = LakeFile.objects.filter(day=day).first()
        rows, hot_rows, content = _exported(day, work)
        if hot_rows == 0 and known is None:
            return None
        written = _rewritten(work, rows, known)
        return _entered(day, work, known, written, hot_rows, content)


def _exported(day: date, work: Path) -> tuple[Path, int, Decimal]:
    """The hot rows of a day as CSV, their number and the sum over them, of one snapshot."""
    rows = work / "rows.csv"
    write_hot(rows, _DAY, (day, day), summed=True)
    return rows, *parquet.content(work, rows)


def _rewritten(
    work: Path, rows: Path, known: LakeFile | None, without: Collection[int] = ()
) -> parquet.Written:
    older = place().fetch(known.path, known.sha256) if known and known.removed else None
    return parquet.write(
        work,
        rows,
        work / "day.parquet",
        older=older,
        keep=known.removed if known else (),
        without=without,
    )


def _entered(
    day: date,
    work: Path,
    known: LakeFile | None,
    written: parquet.Written,
    hot_rows: int,
    content: Decimal,
) -> LakeFile:
    made = work / "day.parquet"
    sha256 = file_sum(made)
    path = f"observations/day={day:%Y-%m-%d}/{sha256[:16]}.parquet"
    home = place()
    home.put(path, made)
    with as_system("bring a finished day into the lake"):
        entry, _created = LakeFile.objects.update_or_create(
            day=day,
            defaults={
                "path": path,
                "sha256": sha256,
                "size": made.stat().st_size,
                "rows": written.rows,
                "streams": written.streams,
                "hot_rows": hot_rows,
                "content_sum": content,
                "written_at": timezone.now(),
                "verified_at": None,
            },
        )
    if known is not None and known.path != path:
        home.remove(known.path)
    return entry


def verify(entries: Collection[LakeFile] | None = None) -> Iterator[Finding | LakeFile]:
    """Read every file again; yields it, or what is wrong with it."""
    home = place()
    for entry in LakeFile.objects.order_by("day") if entries is None else entries:
        finding = _fault(home, entry)
        if finding is not None:
            yield finding
            continue
        entry.verified_at = timezone.now()
        entry.save(update_fields=["verified_at"])
        yield entry


def _fault(home: Place, entry: LakeFile) -> Finding | None:
    try:
        found = home.fetch(entry.path, entry.sha256)
    except FileNotFoundError:
        return Finding(entry.day, entry.path, _("tệp không còn trong kho lạnh"))
    if file_sum(found) != entry.sha256:
        return Finding(entry.day, entry.path, _("nội dung tệp đã bị thay đổi (sai mã băm)"))
    return None


def release_day(day: date, today: date) -> int:
    """Take the hot copy of the streams away whose time in the hot store is over.

    Only rows that stand in a file of the lake go, and the file is verified in the same breath.
    Returns the number of rows that went.
    """
    entry = LakeFile.objects.filter(day=day).first()
    over = _over(day, today)
    if entry is None or not over or isinstance(next(iter(verify([entry]))), Finding):
        return 0
    with as_system("the hot copy of a day leaves after its time"), transaction.atomic():
        _lock_day(day)
        if not _is_kept(day):
            return 0
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM telemetry_observation WHERE {_DAY} AND datastream_id = ANY(%s)",
                (day, day, list(over)),
            )
            gone = cursor.rowcount
            left, content = _content(day)
            if left == 0:
                cursor.execute("SELECT telemetry_drop_day(%s)", (day,))
        entry.removed = sorted({*entry.removed, *over})
        entry.hot_rows, entry.content_sum = left, content
        entry.save(update_fields=["removed", "hot_rows", "content_sum"])
    return int(gone)


def _over(day: date, today: date) -> set[int]:
    """Streams that no longer keep this day in the hot store."""
    codes = [
        item.code for item in RETENTIONS.values() if day < today - timedelta(days=item.raw_days)
    ]
    with as_system("which streams keep their days how long"):
        rows = Datastream.objects.unscoped("retention is no matter of who sees a stream")
        return set(rows.filter(retention__in=codes).values_list("pk", flat=True))


def keep_lake(today: date, *, say: Callable[[int, int, str], None]) -> dict[str, int]:
    """Finished days into the lake, and out of the hot store whose time there is over.

    ``say`` is told how many of how many days are done, and which one is next.
    """
    days = due_days(today)
    kept = 0
    for number, day in enumerate(days):
        say(number, len(days), f"{day:%d/%m/%Y}")
        kept += compact_day(day) is not None
    return {"days": kept, "released": sum(release_day(day, today) for day in hot_days())}


def restore_day(day: date, *, streams: Collection[int] = ()) -> int:
    """Bring a day (or some streams of it) back into the hot store; what is there stays.

    Returns the number of rows that came back.

    Raises:
        InvalidInputError: the lake has no such day.
    """
    entry = LakeFile.objects.filter(day=day).first()
    if entry is None:
        raise InvalidInputError(
            {"day": _("Kho lạnh không có ngày %(day)s.") % {"day": f"{day:%d/%m/%Y}"}}
        )
    with as_system("a day comes back from the lake"), _work() as work:
        rows = work / "rows.csv"
        source = place().fetch(entry.path, entry.sha256)
        parquet.rows_for_postgres(work, source, rows, streams=streams)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT telemetry_make_day(%s)", (day,))
            _lock_day(day)
            came = _copied_in(cursor, rows)
            entry.removed = sorted(set(entry.removed) - set(streams)) if streams else []
            entry.hot_rows, entry.content_sum = _content(day)
            entry.save(update_fields=["removed", "hot_rows", "content_sum"])
    return came


def _copied_in(cursor: CursorWrapper, rows: Path) -> int:
    cursor.execute("CREATE TEMP TABLE telemetry_back (LIKE telemetry_observation) ON COMMIT DROP")
    with (
        rows.open("rb") as source,
        cursor.copy("COPY telemetry_back FROM STDIN (FORMAT csv)") as copy,
    ):
        while block := source.read(1 << 20):
            copy.write(block)
    cursor.execute(
        "INSERT INTO telemetry_observation SELECT * FROM telemetry_back ON CONFLICT DO NOTHING"
    )
    return int(cursor.rowcount)


def erase(
    *, streams: Collection[Datastream], begin: date, end: date, reason: str, by: str, say: Say
) -> int:
    """Erase the observations of streams over whole days from both stores, because of a law.

    Files are written anew without them, the older file goes, and the act is kept.

    Raises:
        InvalidInputError: no reason, no stream, or the days are the wrong way round.
    """
    if not reason.strip() or not streams or end < begin:
        raise InvalidInputError(
            {"reason": _("Hãy nêu căn cứ pháp lý, ít nhất một kênh đo và khoảng ngày hợp lệ.")}
        )
    ids = {row.pk for row in streams}
    before = _erased_hot(ids, begin, end)
    for entry in LakeFile.objects.filter(day__range=(begin, end)).order_by("day"):
        before += _erased_cold(entry, ids)
        say(f"{entry.day:%d/%m/%Y}")
    with as_system("observations erased by law"):
        LakeErasure.objects.create(
            streams=sorted(row.code for row in streams),
            begin=begin,
            end=end,
            rows=before,
            reason=reason.strip(),
            actor=by,
        )
    return before


def erase_by_code(
    *, codes: Collection[str], begin: date, end: date, reason: str, by: str, say: Say
) -> int:
    """As :func:`erase`, for streams by their codes.

    Raises:
        InvalidInputError: a code is unknown.
    """
    with as_system("observations erased by law", reading=True):
        streams = list(Datastream.objects.unscoped("the house erases").filter(code__in=codes))
    missing = sorted(set(codes) - {row.code for row in streams})
    if missing:
        raise InvalidInputError(
            {"streams": _("Không có kênh đo: %(codes)s.") % {"codes": ", ".join(missing)}}
        )
    return erase(streams=streams, begin=begin, end=end, reason=reason, by=by, say=say)


def _erased_hot(ids: Collection[int], begin: date, end: date) -> int:
    with as_system("observations erased by law"), connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM telemetry_observation WHERE {_DAY} AND datastream_id = ANY(%s)",
            (begin, end, list(ids)),
        )
        gone = int(cursor.rowcount)
        for table in ("telemetry_rollup", "telemetry_latest"):
            cursor.execute(
                f"DELETE FROM {table} WHERE {_DAY} AND datastream_id = ANY(%s)",
                (begin, end, list(ids)),
            )
    return gone


def _erased_cold(entry: LakeFile, ids: Collection[int]) -> int:
    """Write a file anew without some streams; how many rows went that only the file had."""
    with as_system("observations erased by law"), _work() as work:
        older = place().fetch(entry.path, entry.sha256)
        alone = parquet.count(work, older, set(entry.removed) & set(ids))
        rows, hot_rows, content = _exported(entry.day, work)
        written = _rewritten(work, rows, entry, without=ids)
        _entered(entry.day, work, entry, written, hot_rows, content)
    return alone


def _content(day: date) -> tuple[int, Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(_SUM, (day, day))
        rows, content = cursor.fetchone()
    return int(rows), Decimal(content)


def _lock_day(day: date) -> None:
    """Nothing is written into this day until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT telemetry_lock_day(%s)", (day,))


@contextmanager
def _work() -> Iterator[Path]:
    with TemporaryDirectory(dir=work_folder()) as folder:
        yield Path(folder)
