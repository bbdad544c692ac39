"""The map's night work."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.kernel.geo.prewarm import prewarm, tidy, tileset_names
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job


@job(
    name="kernel.prewarm_tiles",
    title=_("Vẽ trước ô bản đồ"),
    schedule="20 3 * * *",
    atomic=False,
    alone=True,
)
def prewarm_tiles(context: JobContext) -> dict[str, int]:
    """Draw the public tiles of small zooms and keep the cache within its size."""
    names = tileset_names()
    drawn = 0
    for number, name in enumerate(names):
        context.progress(number, len(names), name)
        drawn += sum(item.filled for item in prewarm(names=[name]))
    return {"tiles": drawn, "removed": tidy()}
