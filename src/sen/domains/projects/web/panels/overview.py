"""What a leader wants to know of a project: where it stands, how it goes, what stops it."""

from __future__ import annotations

from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from sen.domains.norms import api as norms
from sen.domains.projects.choices import GROUP_NORM, Pace, Status
from sen.domains.projects.course import COURSE
from sen.domains.projects.data import Money
from sen.domains.projects.labels import said
from sen.domains.projects.models import Funding, Payment, Project, Risk, Task
from sen.domains.projects.selectors import (
    capital_of,
    curve_of,
    next_milestone,
    open_moves,
    open_risks,
    standing_of,
    works_of,
)
from sen.domains.projects.services.course import need_text
from sen.domains.projects.web.panels.tables import add_url, list_url, may_see, url_of
from sen.domains.projects.web.resources.parts import LEVEL_TONES, PACE_TONES, STATUS_TONES
from sen.kernel.errors import NotFoundError, RuleNotInForceError
from sen.kernel.web.register.links import WORK, base_of
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel
from sen.kernel.web.register.place import zoom_for
from sen.lib.money import format_vnd
from sen.lib.units import format_number

SHOWN_RISKS: Final = 3
BILLION: Final = 10**9
KPI_TONES: Final = {Pace.LATE.value: "danger", Pace.SLOW.value: "warn", Pace.ON_TIME.value: "ok"}


@panel("projects.projects", title=_("Tổng quan"), order=-10, wide=True)
def overview(page: PanelContext) -> PanelBody | None:
    """Stage, progress, money, next milestone, obstacles, on one screen."""
    row = page.row
    if not isinstance(row, Project):
        return None
    may_change = base_of(page.request) == WORK and page.actor.scope(
        Project.access, "change"
    ).allows(row)
    stages = [said(stage.name) for stage in COURSE.stages]
    codes = [stage.code for stage in COURSE.stages]
    context: dict[str, Any] = {
        "row": row,
        "stages": stages,
        "stage": codes.index(row.stage) + 1,
        "step": said(row.at.name),
        "pace_tone": PACE_TONES[row.pace],
        "status_tone": STATUS_TONES[row.status],
        "is_active": row.status == Status.ACTIVE,
        "figures": [*_progress(page, row), *_money(page, row), *_milestone(page, row)],
        "risks": _risks(page, row),
        "advice": _group_advice(row),
        "may_change": may_change,
        "url": f"{WORK}projects/projects/{row.pk}/",
        "moves": _moves(row) if may_change else [],
        "add_risk": add_url(page, Risk, "risks", project=row.pk),
    }
    return PanelBody("projects/overview.html", context)


def _progress(page: PanelContext, row: Project) -> list[dict[str, Any]]:
    if not may_see(page, Task):
        return []
    standing = standing_of(page.actor, row, timezone.localdate())
    if standing.actual is None:
        return [{"label": gettext("Khối lượng"), "value": "—", "icon": "trending-up"}]
    note = gettext("kế hoạch %(pct)s %%") % {"pct": format_number(standing.planned or 0)}
    return [
        {
            "label": gettext("Khối lượng"),
            "value": format_number(standing.actual),
            "unit": "%",
            "note": note,
            "icon": "trending-up",
            "tone": KPI_TONES.get(row.pace, ""),
        }
    ]


def _money(page: PanelContext, row: Project) -> list[dict[str, Any]]:
    found = [
        {
            "label": gettext("Tổng mức đầu tư"),
            "value": billions(row.total_vnd or row.proposed_vnd or 0),
            "unit": gettext("tỷ đồng"),
            "note": "" if row.total_vnd else gettext("dự kiến"),
            "icon": "landmark",
        }
    ]
    if not may_see(page, Funding):
        return found
    year = timezone.localdate().year
    money = capital_of(page.actor, row).by_year.get(year, Money())
    share = money.share_pct
    found.append(
        {
            "label": gettext("Giải ngân năm %(year)s") % {"year": year},
            "value": "—" if share is None else format_number(share),
            "unit": "" if share is None else "%",
            "note": gettext("%(paid)s / %(given)s tỷ đồng")
            % {"paid": billions(money.disbursed_vnd), "given": billions(money.available_vnd)},
            "icon": "banknote",
        }
    )
    found.append(
        {
            "label": gettext("Giải ngân lũy kế"),
            "value": billions(row.disbursed_vnd),
            "unit": gettext("tỷ đồng"),
            "note": gettext("đã giao %(given)s tỷ đồng") % {"given": billions(row.allocated_vnd)},
            "icon": "wallet",
        }
    )
    return found


def _milestone(page: PanelContext, row: Project) -> list[dict[str, Any]]:
    task = next_milestone(page.actor, row) if may_see(page, Task) else None
    if task is None:
        return []
    days = (task.ends_at - timezone.localdate()).days
    if days >= 0:
        note = ngettext("%(name)s, còn %(days)s ngày", "%(name)s, còn %(days)s ngày", days)
    else:
        note = ngettext("%(name)s, trễ %(days)s ngày", "%(name)s, trễ %(days)s ngày", -days)
    return [
        {
            "label": gettext("Mốc tiếp theo"),
            "value": f"{task.ends_at:%d/%m/%Y}",
            "note": note % {"name": task.name, "days": abs(days)},
            "icon": "flag",
            "tone": "danger" if days < 0 else "",
            "url": url_of(page, "tasks", task.pk),
        }
    ]


def _risks(page: PanelContext, row: Project) -> list[dict[str, Any]]:
    if not may_see(page, Risk):
        return []
    return [
        {"row": risk, "tone": LEVEL_TONES[risk.level], "url": url_of(page, "risks", risk.pk)}
        for risk in open_risks(page.actor, row)[:SHOWN_RISKS]
    ]


def _moves(row: Project) -> list[dict[str, Any]]:
    return [
        {
            "code": item.move.to_step,
            "name": said(COURSE.by_step[item.move.to_step].name),
            "missing": [need_text(need) for need in item.missing],
            "is_back": item.is_back,
            "article": item.move.article,
            "law": item.move.law,
            "is_verified": item.move.is_verified,
        }
        for item in open_moves(row)
    ]


def _group_advice(row: Project) -> str:
    """A word where the sum does not fit the group; the rule may still need checking."""
    amount = row.total_vnd or row.proposed_vnd
    if not amount or row.group == Project.Group.NATIONAL:
        return ""
    try:
        ruling = norms.ruling(
            GROUP_NORM, on=row.starts_at or timezone.localdate(), total_vnd=amount
        )
    except (NotFoundError, RuleNotInForceError):
        return ""
    if ruling.value == row.group:
        return ""
    text = gettext("Theo tổng mức đầu tư, dự án thuộc nhóm %(group)s (%(law)s, %(document)s).") % {
        "group": ruling.value,
        "law": ruling.legal_ref,
        "document": ruling.document,
    }
    return f"{text} {gettext('Quy định này cần xác minh.')}" if ruling.needs_verification else text


def billions(amount_vnd: int) -> str:
    """``1234500000`` → ``1,23``: tỷ đồng with as many decimals as tell something."""
    value = amount_vnd / BILLION
    return format_number(round(value, 0 if value >= 1000 else 1 if value >= 100 else 2))


@panel("projects.projects", title=_("Đường cong tiến độ (S)"), order=-5, wide=True)
def s_curve(page: PanelContext) -> PanelBody | None:
    """Planned, actual and disbursed in percent of the whole, by month."""
    if not isinstance(page.row, Project) or not may_see(page, Task):
        return None
    points = curve_of(page.actor, page.row, timezone.localdate())
    if not points:
        return None
    shows_money = may_see(page, Payment) and any(point.disbursed for point in points)
    return PanelBody("projects/curve.html", {"points": points, "shows_money": shows_money})


@panel("projects.projects", title=_("Vốn theo năm và nguồn"), order=10, wide=True)
def capital(page: PanelContext) -> PanelBody | None:
    """The capital plan with what was disbursed of it."""
    row = page.row
    if not isinstance(row, Project) or not may_see(page, Funding):
        return None
    sums = capital_of(page.actor, row)
    add = add_url(page, Funding, "fundings", project=row.pk)
    if not sums.cells and not add:
        return None
    years = [
        {
            "year": year,
            "money": money,
            "lines": [
                {"source": source, "money": cell}
                for (of_year, source), cell in sums.cells.items()
                if of_year == year
            ],
        }
        for year, money in sums.by_year.items()
    ]
    context = {
        "years": years,
        "whole": sums.whole,
        "by_source": sums.by_source,
        "add": add,
        "pay": add_url(page, Payment, "payments", project=row.pk),
        "list": list_url(page, "fundings", row.code),
        "total": format_vnd(row.total_vnd),
    }
    return PanelBody("projects/capital.html", context)


@panel("projects.projects", title=_("Trên bản đồ"), order=6)
def place(page: PanelContext) -> PanelBody | None:
    """Where the works of the project lie."""
    if not isinstance(page.row, Project):
        return None
    rows = works_of(page.actor, page.row)
    shapes = [work.geom for work in rows if work.geom is not None]
    if not shapes:
        return None
    whole = shapes[0].envelope
    for shape in shapes[1:]:
        whole = whole.union(shape.envelope).envelope
    middle = whole.centroid
    position = f"{middle.y:.5f}, {middle.x:.5f}"
    context = {
        "focus": f"{middle.x:.6f},{middle.y:.6f},{zoom_for(whole):.1f}",
        "layers": "communes,roads,works,works-lines,works-areas",
        "name": str(page.row),
        "position": position,
    }
    return PanelBody("sen/register/place.html", context)
