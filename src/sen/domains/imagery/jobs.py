"""Converting rasters, looking after overlays, and keeping caches small."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sen.domains.imagery.choices import RasterState
from sen.domains.imagery.models import Overlay, Raster
from sen.domains.imagery.services import note_health, publish_raster
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, SenError
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job
from sen.kernel.jobs.models import JobRun
from sen.kernel.jobs.services import enqueue

#: Drawn tiles of rasters and tiles of others that may be kept.
MOST_CACHE_BYTES: Final = 4 * 1024**3
STALE: Final = timedelta(days=3)


@job(name="imagery.convert", title=_("Đưa ảnh lên bản đồ"), atomic=False, retry=1)
def convert_raster(context: JobContext, *, raster_id: int) -> dict[str, int]:
    """One raster, with the rights of whoever asked."""
    with acting_as(context.actor):
        row = Raster.objects.visible_to(context.actor).filter(pk=raster_id).first()
        if row is None:
            return {"pixels": 0}
        context.progress(1, 3)
        try:
            done = publish_raster(actor=context.actor, row=row)
        except InvalidInputError as error:
            _note_failure(row, error)
            raise
        context.progress(3, 3)
        return {"pixels": (done.width_px or 0) * (done.height_px or 0)}


def queue_conversion(actor: Actor, row: Raster) -> JobRun:
    """Have a raster converted that was placed."""
    title = gettext("Đưa ảnh lên bản đồ: %(name)s") % {"name": row.name}
    return enqueue(convert_raster, actor=actor, title=title, once_key=str(row.pk), raster_id=row.pk)


def _note_failure(row: Raster, error: SenError) -> None:
    with as_system("ghi lỗi xử lý ảnh"):
        failed = Raster.objects.unscoped("the row that failed").get(pk=row.pk)
        failed.state = RasterState.FAILED
        failed.error = " ".join(str(error).split())[:500]
        failed.save()


@job(
    name="imagery.check_overlays",
    title=_("Kiểm tra lớp bản đồ ngoài"),
    schedule="*/30 * * * *",
    alone=True,
)
def check_overlays(context: JobContext) -> dict[str, int]:
    """Ask every service of others for one tile."""
    from sen.domains.imagery.adapters.relaying import fetch_tile, metres
    from sen.kernel.geo.config import home

    failed = 0
    with as_system("kiểm tra lớp bản đồ ngoài"):
        rows = list(Overlay.objects.unscoped("every service is looked after"))
    for number, overlay in enumerate(rows, 1):
        zoom = max(overlay.minzoom, min(10, overlay.maxzoom))
        side = 2 * 20_037_508.342789244 / 2**zoom
        x, y = metres(*home().center)
        column, row = int((x + 20_037_508.34) // side), int((20_037_508.34 - y) // side)
        try:
            fetch_tile(overlay, zoom, column, row)
            note_health(overlay)
        except InvalidInputError as error:
            failed += 1
            note_health(overlay, error.message)
        context.progress(number, len(rows))
    return {"checked": len(rows), "failed": failed}


@job(name="imagery.tidy_tiles", title=_("Dọn ô ảnh đã lưu tạm"), schedule="20 2 * * *", alone=True)
def tidy_tiles(context: JobContext) -> dict[str, int]:
    """Keep what was drawn and fetched below its limit, the oldest first."""
    from sen.domains.imagery.adapters import painting, relaying

    removed = _tidy(relaying.tiles_folder(), older=STALE)
    removed += _tidy(painting.tiles_folder(), older=None)
    return {"removed": removed}


def _tidy(folder: Path, *, older: timedelta | None) -> int:
    """Remove files that are too old, then the oldest until the rest is small enough."""
    files = [(path.stat(), path) for path in folder.rglob("*") if path.is_file()]
    files.sort(key=lambda pair: pair[0].st_mtime)
    size, removed = sum(stat.st_size for stat, _path in files), 0
    until = timezone.now().timestamp() - older.total_seconds() if older else 0.0
    for stat, path in files:
        if size <= MOST_CACHE_BYTES and stat.st_mtime >= until:
            break
        path.unlink(missing_ok=True)
        size -= stat.st_size
        removed += 1
    _drop_empty(folder)
    return removed


def _drop_empty(folder: Path) -> None:
    for child in folder.glob("*"):
        if child.is_dir() and not any(path.is_file() for path in child.rglob("*")):
            shutil.rmtree(child, ignore_errors=True)
