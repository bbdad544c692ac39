"""Reactions of projects to what happens to roads."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.network.events import RouteRecalibrated
from sen.domains.network.ports import road_followers
from sen.domains.norms.ports import RuleUse, UseKind, rests_on
from sen.domains.projects.choices import GROUP_NORM, MONTHS_NORM
from sen.domains.projects.services import WorkFollower, follow_calibration
from sen.kernel.access.context import current_actor
from sen.kernel.events import Origin, on

#: What is done to a road as a whole is followed at once, in the same transaction.
road_followers.add("projects.work", WorkFollower())

rests_on(
    RuleUse(
        name="projects.group",
        norms=(GROUP_NORM,),
        title=_("Nhóm dự án theo tổng mức đầu tư"),
        kind=UseKind.PAGE,
        url="/ql/projects/projects/",
    )
)
rests_on(
    RuleUse(
        name="projects.warranties",
        norms=(MONTHS_NORM,),
        title=_("Thời hạn bảo hành công trình"),
        kind=UseKind.DEADLINE,
        url="/ql/projects/warranties/",
    )
)


@on(RouteRecalibrated, name="projects.follow_calibration")
def place_again(event: RouteRecalibrated, origin: Origin) -> None:
    """The same chainage lies elsewhere now."""
    follow_calibration(actor=current_actor(), road_id=event.road_id)
