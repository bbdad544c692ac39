"""Drawing corridors apart from the act that made it necessary."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.corridors.services import draw_corridors
from sen.kernel.access.context import as_system
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job


@job(name="corridors.draw", title=_("Vẽ lại hành lang an toàn"), retry=2)
def draw(
    context: JobContext,
    *,
    road_ids: list[int] | None = None,
    asset_ids: list[int] | None = None,
    fairway_ids: list[int] | None = None,
) -> dict[str, int]:
    """Corridors of some roads and works."""
    with as_system("vẽ lại hành lang an toàn") as house:
        done = draw_corridors(
            actor=house, road_ids=road_ids, asset_ids=asset_ids, fairway_ids=fairway_ids
        )
    return {"total": done.total, "changed": done.changed, "removed": done.removed}


@job(
    name="corridors.draw_all",
    title=_("Vẽ lại toàn bộ hành lang an toàn"),
    schedule="40 0 * * *",
    alone=True,
    retry=1,
)
def draw_all(context: JobContext) -> dict[str, int]:
    """Every corridor by the law of the day: rules come into force at midnight."""
    with as_system("vẽ lại hành lang an toàn") as house:
        done = draw_corridors(actor=house)
    return {"total": done.total, "changed": done.changed, "removed": done.removed}
