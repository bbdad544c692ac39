"""An incident's page, and incidents on the pages of alarms, works and roads."""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.domains.alarms.api import Alarm
from sen.domains.incidents.choices import OPEN, TRANSITIONS, Act, State
from sen.domains.incidents.models import Incident, IncidentTask, Playbook
from sen.domains.incidents.selectors import (
    entries_of,
    incident_of_alarm,
    incidents_of_asset,
    incidents_of_road,
    playbook_of,
    tasks_of,
)
from sen.domains.incidents.web.resources import SEVERITY_TONES, STATE_TONES
from sen.kernel.web.register.links import WORK, base_of
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel

SHOWN: Final = 20
_STEPS: Final = (_("Ghi nhận"), _("Xử lý"), _("Khống chế"), _("Kết thúc"))
_AT: Final = {
    State.REPORTED: 1,
    State.HANDLING: 2,
    State.CONTAINED: 3,
    State.CLOSED: 5,
    State.CANCELLED: 1,
}
_RIGHTS: Final = {
    Act.START: "change",
    Act.CONTAIN: "change",
    Act.REOPEN: "change",
    Act.CLOSE: "close",
    Act.CANCEL: "close",
}


@panel("incidents.incidents", title=_("Xử lý"), order=-20, wide=True)
def handling(page: PanelContext) -> PanelBody | None:
    """Where the incident stands, and what this person may do next."""
    row = page.row
    if not isinstance(row, Incident):
        return None
    works = base_of(page.request) == WORK
    state = State(row.state)
    may = {
        act.value.lower(): works
        and (state, act) in TRANSITIONS
        and page.actor.scope(Incident.access, right).allows(row)
        for act, right in _RIGHTS.items()
    }
    can_write = works and page.actor.scope(Incident.access, "change").allows(row)
    context = {
        "row": row,
        "steps": _STEPS,
        "step": _AT[state],
        "may": may,
        "may_note": can_write,
        "may_affect": can_write and row.state in OPEN,
        "assets": list(row.affected_assets.visible_to(page.actor)[:SHOWN]),
        "roads": list(row.affected_roads.visible_to(page.actor)[:SHOWN]),
        "url": f"/ql/incidents/su-co/{row.pk}/",
        "tone": SEVERITY_TONES[row.severity],
        "state_tone": STATE_TONES[row.state],
        "base": base_of(page.request),
    }
    return PanelBody("incidents/handling.html", context)


@panel("incidents.incidents", title=_("Việc phải làm"), order=-15, wide=True)
def tasks(page: PanelContext) -> PanelBody | None:
    """The steps of the playbook and what was added, with who and until when."""
    row = page.row
    if not isinstance(row, Incident):
        return None
    is_open = base_of(page.request) == WORK and row.state in OPEN
    context = {
        "rows": list(tasks_of(page.actor, row)),
        "now": timezone.now(),
        "url": f"/ql/incidents/su-co/{row.pk}/",
        "done_url": "/ql/incidents/viec/",
        "may_finish": is_open and page.actor.scope(IncidentTask.access, "change").allows(row),
        "may_add": is_open and page.actor.may("incidents.task.add"),
        "base": base_of(page.request),
    }
    return PanelBody("incidents/tasks.html", context)


@panel("incidents.incidents", title=_("Nhật ký"), order=10)
def log(page: PanelContext) -> PanelBody | None:
    """What happened, step by step."""
    if not isinstance(page.row, Incident):
        return None
    return PanelBody("incidents/log.html", {"rows": list(entries_of(page.row)[:200])})


@panel("incidents.playbooks", title=_("Các bước"), order=-10, wide=True)
def steps(page: PanelContext) -> PanelBody | None:
    """What to do, who, within how long."""
    if not isinstance(page.row, Playbook):
        return None
    return PanelBody("incidents/steps.html", {"steps": page.row.steps})


@panel("alarms.alarms", title=_("Sự cố và kịch bản"), order=-18)
def of_alarm(page: PanelContext) -> PanelBody | None:
    """The incident of an alarm, or the button that opens one, with the playbook."""
    alarm = page.row
    if not isinstance(alarm, Alarm):
        return None
    found = incident_of_alarm(page.actor, alarm.pk)
    code = alarm.rule.playbook_code
    playbook = playbook_of(page.actor, code) if code else None
    may_open = (
        found is None and base_of(page.request) == WORK and page.actor.may("incidents.incident.add")
    )
    if found is None and playbook is None and not may_open:
        return None
    context = {
        "found": found,
        "playbook": playbook,
        "steps": playbook.steps if playbook else (),
        "may_open": may_open,
        "url": f"/ql/incidents/tu-canh-bao/{alarm.pk}/",
        "state_tone": STATE_TONES[found.state] if found else "",
        "base": base_of(page.request),
    }
    return PanelBody("incidents/of_alarm.html", context)


def _of_asset(page: PanelContext) -> QuerySet[Incident]:
    return incidents_of_asset(page.actor, page.row.pk)


def _of_road(page: PanelContext) -> QuerySet[Incident]:
    return incidents_of_road(page.actor, page.row.pk)


@panel("assets.asset", title=_("Sự cố đang xử lý"), order=-9, asks={"incidents": _of_asset})
def of_asset(page: PanelContext) -> PanelBody | None:
    """Open incidents at a work."""
    return _listed(page, _of_asset(page)) if page.has("incidents") else None


@panel("network.roads", title=_("Sự cố đang xử lý"), order=-5, asks={"incidents": _of_road})
def of_road(page: PanelContext) -> PanelBody | None:
    """Open incidents on a road."""
    return _listed(page, _of_road(page)) if page.has("incidents") else None


def _listed(page: PanelContext, rows: QuerySet[Incident]) -> PanelBody:
    context = {
        "rows": [
            {"row": row, "tone": SEVERITY_TONES[row.severity], "state": STATE_TONES[row.state]}
            for row in rows.defer("geom", "search")[:SHOWN]
        ],
        "base": base_of(page.request),
    }
    return PanelBody("incidents/open.html", context)
