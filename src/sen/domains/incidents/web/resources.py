"""Registers of incidents, their tasks, and playbooks."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sen.domains.incidents.choices import OPEN
from sen.domains.incidents.models import Incident, IncidentTask, Playbook
from sen.domains.incidents.rules import write_steps
from sen.domains.incidents.services import (
    create_playbook,
    report_incident,
    update_incident,
    update_playbook,
    update_task,
)
from sen.kernel.web.register.resource import (
    Column,
    Filter,
    FilterKind,
    FormField,
    Kind,
    Resource,
    Section,
    register,
)

_TONES: Final = {1: "info", 2: "warn", 3: "danger", 4: "danger"}
#: By number and, as lists ask, by its text.
SEVERITY_TONES: Final[dict[Any, str]] = {**_TONES, **{str(n): t for n, t in _TONES.items()}}
STATE_TONES: Final = {
    "REPORTED": "danger",
    "HANDLING": "warn",
    "CONTAINED": "pond",
    "CLOSED": "ok",
    "CANCELLED": "",
}


@register
class IncidentResource(Resource[Incident]):
    model = Incident
    slug = "incidents"
    title = _("Sự cố")
    one = _("sự cố")
    icon = "flame"
    menu_order = 10
    label_path = "title"
    columns = (
        Column("code", sort=True, shown=False),
        Column("title", link=True),
        Column("kind"),
        Column("severity", badge=SEVERITY_TONES, sort=True),
        Column("state", badge=STATE_TONES, sort=True),
        Column("source", shown=False),
        Column("road", path="road__number", label=_("Tuyến đường")),
        Column("chainage_m", kind=Kind.KM),
        Column("asset", path="asset__name", label=_("Công trình")),
        Column("started_at", sort=True),
        Column("contained_at", shown=False),
        Column("closed_at", shown=False),
        Column("lead", path="lead__full_name", label=_("Người chỉ huy"), shown=False),
        Column("playbook", path="playbook__name", label=_("Kịch bản"), shown=False),
        Column("description", shown=False),
        Column("cause", shown=False),
        Column("damage", shown=False),
        Column("result", shown=False),
        Column("owner_org", path="owner_org__name", label=_("Đơn vị xử lý"), shown=False),
        Column("area", path="area__name", label=_("Địa bàn"), shown=False),
    )
    filters = (
        Filter("state"),
        Filter("kind"),
        Filter("severity"),
        Filter("source"),
        Filter("started_at"),
        Filter("area"),
        Filter("owner_org", subtree=True),
    )
    sections = (
        Section(_("Sự cố"), ("code", "kind", "severity", "state", "source", "description")),
        Section(_("Nơi"), ("road", "chainage_m", "asset", "area")),
        Section(_("Xử lý"), ("lead", "owner_org", "playbook")),
        Section(_("Thời gian"), ("started_at", "contained_at", "closed_at")),
        Section(_("Kết thúc"), ("cause", "damage", "result")),
    )
    form = (
        FormField("title", required=True),
        "kind",
        "severity",
        "source",
        FormField("started_at", help=_("Ngày/tháng/năm giờ:phút, theo giờ Việt Nam.")),
        FormField("road", resource="network.roads"),
        FormField("chainage_m", kind="km"),
        FormField("asset", resource="assets.asset"),
        FormField("geom", kind="point", label=_("Vị trí")),
        "playbook",
        "lead",
        "description",
        FormField("owner_org", label=_("Đơn vị xử lý")),
        "area",
    )
    glance = ("severity", "state", "road")
    order = "-started_at"
    layer = "incidents"
    create = staticmethod(report_incident)
    update = staticmethod(update_incident)

    def takes(self, row: Incident, act: str) -> bool:
        return act != "change" or row.state in OPEN


@register
class TaskResource(Resource[IncidentTask]):
    model = IncidentTask
    slug = "tasks"
    title = _("Việc xử lý sự cố")
    one = _("việc")
    icon = "list-checks"
    menu_order = 20
    in_palette = False
    label_path = code_path = "title"
    where = Q(incident__state__in=[state.value for state in OPEN])
    columns = (
        Column("title", link=True),
        Column("incident", path="incident__title", label=_("Sự cố")),
        Column("role"),
        Column("assignee", path="assignee__full_name", label=_("Người thực hiện")),
        Column("due_at", sort=True),
        Column("done_at"),
        Column("is_dropped", shown=False),
        Column("note", shown=False),
    )
    filters = (
        Filter("due_at"),
        Filter("is_dropped"),
        Filter("incident", path="incident__code", label=_("Mã sự cố"), kind=FilterKind.TEXT),
    )
    form = ("assignee", "due_at", "is_dropped", "note")
    order = "due_at"
    update = staticmethod(update_task)


@register
class PlaybookResource(Resource[Playbook]):
    model = Playbook
    slug = "playbooks"
    title = _("Kịch bản ứng phó")
    one = _("kịch bản")
    icon = "book-open"
    menu_order = 30
    columns = (
        Column("code", sort=True),
        Column("name", link=True, sort=True),
        Column("kind"),
        Column("revision"),
        Column("is_current"),
        Column("basis", shown=False),
    )
    filters = (Filter("kind"), Filter("is_current"))
    form = (
        FormField("code", required=True),
        FormField("name", required=True),
        "kind",
        FormField(
            "steps",
            kind="longtext",
            label=_("Các bước"),
            help=_("Mỗi dòng một bước: việc | bộ phận | số phút."),
        ),
        "basis",
        "owner_org",
        "area",
    )
    order = "code"
    create = staticmethod(create_playbook)
    update = staticmethod(update_playbook)

    def takes(self, row: Playbook, act: str) -> bool:
        return act != "change" or row.is_current

    def initial_of(self, row: Playbook) -> dict[str, Any]:
        return super().initial_of(row) | {"steps": write_steps(row.steps)}

    def form_fields_for(self, actor: Any, row: Playbook | None) -> tuple[FormField, ...]:
        """The code of a revision is that of its playbook."""
        found = super().form_fields_for(actor, row)
        return found if row is None else tuple(f for f in found if f.name != "code")
