"""Projects on the pages of roads, assets, communes and parties."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from sen.domains.projects.models import Project, Work
from sen.domains.projects.selectors import (
    projects_in,
    projects_of_party,
    works_of_asset,
    works_on_road,
)
from sen.domains.projects.web.panels.tables import (
    SHOWN,
    TableCell,
    badge,
    day,
    money,
    table,
    text,
    url_of,
)
from sen.domains.projects.web.resources.parts import PACE_TONES, WORK_TONES
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel
from sen.lib.chainage import format_chainage


@panel(
    "network.roads",
    title=_("Dự án, công trình trên tuyến"),
    order=30,
    wide=True,
    asks={"works": lambda page: works_on_road(page.actor, road_id=page.row.pk)},
)
def on_road(page: PanelContext) -> PanelBody | None:
    """Planned and running works of the road, in the order in which one drives past them."""
    if not page.has("works"):
        return None
    rows = [
        [
            text("–".join(format_chainage(float(at)) for at in _ends(work))),
            text(work.name, url_of(page, "works", work.pk)),
            text(work.project, url_of(page, "projects", work.project_id)),
            badge(work.get_status_display(), WORK_TONES[work.status]),
            day(work.project.due_at),
        ]
        for work in works_on_road(page.actor, road_id=page.row.pk)[: SHOWN + 1]
    ]
    heads = [_("Lý trình"), _("Công trình"), _("Dự án"), _("Tình trạng"), _("Hoàn thành")]
    return table(heads, rows)


def _ends(work: Work) -> Iterable[float]:
    return [float(at) for at in (work.chainage_m, work.to_chainage_m) if at is not None]


@panel(
    "assets.asset",
    title=_("Dự án xây dựng, sửa chữa"),
    order=30,
    asks={"works": lambda page: works_of_asset(page.actor, asset_id=page.row.pk)},
)
def of_asset(page: PanelContext) -> PanelBody | None:
    """Where the asset comes from, and what changes it."""
    if not page.has("works"):
        return None
    rows = [
        [
            text(work.project, url_of(page, "projects", work.project_id)),
            text(work.get_action_display(), url_of(page, "works", work.pk)),
            badge(work.get_status_display(), WORK_TONES[work.status]),
            day(work.handed_over_at),
        ]
        for work in works_of_asset(page.actor, asset_id=page.row.pk)[: SHOWN + 1]
    ]
    return table([_("Dự án"), _("Hình thức"), _("Tình trạng"), _("Bàn giao")], rows)


@panel("places.units", title=_("Dự án trên địa bàn"), order=45)
def in_commune(page: PanelContext) -> PanelBody | None:
    """Projects that are not over."""
    found = projects_in(page.actor, area_id=page.row.area_id)
    return table(*_projects(page, found[: SHOWN + 1]))


@panel("parties.parties", title=_("Dự án tham gia"), order=30)
def of_party(page: PanelContext) -> PanelBody | None:
    """As investor, as project management board, or under a contract."""
    found = projects_of_party(page.actor, party_id=page.row.pk)
    return table(*_projects(page, found[: SHOWN + 1]))


def _projects(
    page: PanelContext, found: Iterable[Project]
) -> tuple[list[object], list[list[TableCell]]]:
    rows = [
        [
            text(row.name, url_of(page, "projects", row.pk)),
            text(row.get_step_display()),
            badge(row.get_pace_display(), PACE_TONES[row.pace]),
            money(row.total_vnd or row.proposed_vnd),
        ]
        for row in found
    ]
    return [_("Dự án"), _("Bước"), _("Tiến độ"), _("Tổng mức")], rows
