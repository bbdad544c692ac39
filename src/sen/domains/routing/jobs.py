"""The graph is computed beside the pages: soon after a change, and as a whole every night."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.routing.services import changed_roads, rebuild
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job


@job(name="routing.rebuild_graph", title=_("Tính lại đồ thị đường"), retry=2, alone=True)
def rebuild_graph(context: JobContext) -> dict[str, int]:
    """The roads that changed, with all that they meet."""
    changed = changed_roads()
    return rebuild(actor=context.actor, road_ids=changed) if changed != [] else {"roads": 0}


@job(
    name="routing.rebuild_whole_graph",
    title=_("Tính lại toàn bộ đồ thị đường"),
    schedule="40 2 * * *",
    alone=True,
)
def rebuild_whole_graph(context: JobContext) -> dict[str, int]:
    """All roads: what an import or a restore left out is found again."""
    return rebuild(actor=context.actor)
