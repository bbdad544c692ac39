"""One door over hot and cold: observations of a span as a table, wherever they lie.

Days in the lake are read from Parquet; rows of the hot store are added, and win where both have
one (late data of a day that was released). The caller says which streams; who may see them was
decided before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from sen.domains.telemetry.lake.analyses import ANALYSES
from sen.domains.telemetry.lake.hot import write_hot
from sen.domains.telemetry.lake.places import place, work_folder
from sen.domains.telemetry.models import Datastream, LakeFile
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError

HOUSE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
_SPAN: Final = "datastream_id = ANY(%s) AND at >= %s AND at < %s"


@dataclass(frozen=True, slots=True)
class Sources:
    """What a span is made of: Parquet files, and a CSV of the hot rows beside them."""

    files: tuple[Path, ...]
    hot: Path
    streams: tuple[int, ...]
    begin: datetime
    end: datetime


@contextmanager
def sources(streams: Collection[int], begin: datetime, end: datetime) -> Iterator[Sources]:
    """Gather what holds the observations of ``streams`` from ``begin`` to before ``end``."""
    home = place()
    span = (begin.astimezone(HOUSE).date(), end.astimezone(HOUSE).date())
    entries = LakeFile.objects.filter(day__range=span, removed__overlap=list(streams))
    with TemporaryDirectory(dir=work_folder()) as folder:
        hot = Path(folder) / "hot.csv"
        files = tuple(home.fetch(entry.path, entry.sha256) for entry in entries.order_by("day"))
        with as_system("the door decided which streams"):
            write_hot(hot, _SPAN, (sorted(streams), begin, end))
        yield Sources(files, hot, tuple(sorted(streams)), begin, end)


def allowed(codes: Collection[str], actor: Actor) -> dict[int, str]:
    """Streams by code that ``actor`` may see: id → code.

    Raises:
        InvalidInputError: a code is unknown, or not for this actor.
    """
    rows = Datastream.objects.visible_to(actor).filter(code__in=codes)
    found = {row.pk: row.code for row in rows.only("pk", "code")}
    missing = sorted(set(codes) - set(found.values()))
    if missing:
        raise InvalidInputError(
            {"streams": _("Không có kênh đo: %(codes)s.") % {"codes": ", ".join(missing)}}
        )
    return found


def analyse(
    *,
    actor: Actor,
    code: str,
    streams: Collection[str],
    begin: datetime,
    end: datetime,
    parameters: dict[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """The rows of one shipped analysis over hot and cold, with the codes of the streams.

    Raises:
        InvalidInputError: unknown analysis, stream or parameter, or an empty span.
    """
    from sen.domains.telemetry.lake.engines import compute

    with acting_as(actor, reading=True):
        known = allowed(streams, actor)
    if code not in ANALYSES or end <= begin:
        raise InvalidInputError(
            {"analysis": _("Không có phép phân tích này, hoặc khoảng thời gian trống.")}
        )
    with sources(known, begin, end) as found:
        try:
            rows = compute(code, found, parameters or {})
        except ValueError as error:
            raise InvalidInputError(
                {"parameters": _("Thiếu hoặc thừa tham số: %(names)s.") % {"names": error}}
            ) from error
    return [{"stream": known.get(row.get("datastream_id", 0), ""), **row} for row in rows]
