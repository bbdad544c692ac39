"""Publications follow what is posted, and say on which rules they rest."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.assets.events import AssetClosed, LoadLimitChanged
from sen.domains.loadnotices.choices import ALONG, SUBJECTS
from sen.domains.loadnotices.services import note_changes
from sen.domains.network.events import RouteEventsChanged
from sen.domains.norms.ports import RuleUse, UseKind, rests_on
from sen.kernel.access.context import current_actor
from sen.kernel.events import Origin, on

rests_on(
    RuleUse(
        name="loadnotices.calendar",
        norms=(
            "loads.publication-day",
            "loads.owner-report-day",
            "loads.change-days",
            "loads.publication-classes",
        ),
        title=_("Công bố tải trọng, khổ giới hạn và thông báo thay đổi"),
        kind=UseKind.REPORT,
        url="/ql/loadnotices/notices/",
    )
)


@on(LoadLimitChanged, name="loadnotices.follow_limit")
def follow_limit(event: LoadLimitChanged, origin: Origin) -> None:
    if event.asset_type in SUBJECTS:
        note_changes(actor=current_actor(), asset_ids=[event.asset_id])


@on(AssetClosed, name="loadnotices.follow_closing")
def follow_closing(event: AssetClosed, origin: Origin) -> None:
    if event.asset_type in SUBJECTS:
        note_changes(actor=current_actor(), asset_ids=[event.asset_id])


@on(RouteEventsChanged, name="loadnotices.follow_posted")
def follow_posted(event: RouteEventsChanged, origin: Origin) -> None:
    if ALONG.keys() & set(event.kinds):
        note_changes(actor=current_actor(), road_ids=[event.road_id])
