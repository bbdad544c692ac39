"""Registers of alarms, rules and duty."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from sen.domains.alarms.choices import RuleStatus
from sen.domains.alarms.models import (
    Alarm,
    AlarmGroup,
    DutyRoster,
    DutyShift,
    EscalationStep,
    Rule,
    Shelving,
)
from sen.domains.alarms.services import (
    create_roster,
    create_rule,
    create_shelving,
    create_shift,
    create_step,
    delete_roster,
    delete_rule,
    delete_shelving,
    delete_shift,
    delete_step,
    update_roster,
    update_rule,
    update_shelving,
    update_shift,
    update_step,
)
from sen.domains.alarms.services.defining import to_form
from sen.kernel.access.scope import Actor
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
    "RAISED": "danger",
    "ESCALATED": "danger",
    "ACKNOWLEDGED": "info",
    "SHELVED": "",
    "CLEARED": "pond",
    "CLOSED": "ok",
}
RULE_TONES: Final = {"DRAFT": "", "IN_FORCE": "ok", "RETIRED": "warn"}


@register
class AlarmResource(Resource[Alarm]):
    model = Alarm
    slug = "alarms"
    title = _("Cảnh báo")
    one = _("cảnh báo")
    icon = "siren"
    menu_order = 10
    label_path = "title"
    columns = (
        Column("code", sort=True, shown=False),
        Column("title", link=True),
        Column("severity", badge=SEVERITY_TONES, sort=True),
        Column("state", badge=STATE_TONES, sort=True),
        Column("suspect"),
        Column("first_at", sort=True),
        Column("raised_at", sort=True, shown=False),
        Column("last_at", shown=False),
        Column("value"),
        Column("level"),
        Column("peak", shown=False),
        Column("unit", shown=False),
        Column("count"),
        Column("asset", path="asset__name", label=_("Công trình")),
        Column("road", path="road__number", label=_("Tuyến đường"), shown=False),
        Column("chainage_m", kind=Kind.KM, shown=False),
        Column("datastream", path="datastream__name", label=_("Kênh đo"), shown=False),
        Column("rule", path="rule__name", label=_("Quy tắc"), shown=False),
        Column("acknowledged_at", shown=False),
        Column(
            "acknowledged_by",
            path="acknowledged_by__full_name",
            label=_("Người tiếp nhận"),
            shown=False,
        ),
        Column("cleared_at", shown=False),
        Column("closed_at", shown=False),
        Column("owner_org", path="owner_org__name", label=_("Đơn vị quản lý"), shown=False),
        Column("area", path="area__name", label=_("Địa bàn"), shown=False),
    )
    filters = (
        Filter("state"),
        Filter("severity"),
        Filter("suspect"),
        Filter("rule", path="rule__code", label=_("Mã quy tắc"), kind=FilterKind.TEXT),
        Filter("asset", path="asset__code", label=_("Mã công trình"), kind=FilterKind.TEXT),
        Filter("group", path="group_id", label=_("Đợt"), kind=FilterKind.TEXT),
        Filter("raised_at"),
        Filter("area"),
        Filter("owner_org", subtree=True),
    )
    sections = (
        Section(
            _("Cảnh báo"),
            ("code", "severity", "state", "suspect", "value", "level", "peak", "unit", "count"),
        ),
        Section(
            _("Thời gian"),
            ("first_at", "raised_at", "last_at", "acknowledged_at", "cleared_at", "closed_at"),
        ),
        Section(
            _("Nơi"),
            ("asset", "road", "chainage_m", "datastream", "rule", "owner_org", "area"),
        ),
    )
    glance = ("severity", "state", "asset")
    order = "-raised_at"
    layer = "alarms"


@register
class GroupResource(Resource[AlarmGroup]):
    model = AlarmGroup
    slug = "groups"
    title = _("Đợt cảnh báo")
    one = _("đợt cảnh báo")
    icon = "layers"
    menu_order = 20
    label_path = code_path = "title"
    in_palette = False
    columns = (
        Column("title", link=True),
        Column("severity", badge=SEVERITY_TONES),
        Column("count"),
        Column("is_storm"),
        Column("started_at", sort=True),
        Column("last_at", sort=True),
        Column("asset", path="asset__code", label=_("Mã công trình"), shown=False),
    )
    filters = (Filter("severity"), Filter("is_storm"), Filter("started_at"))
    order = "-last_at"


_DIRECTIONS: Final = (
    ("ABOVE", _("Trên ngưỡng")),
    ("BELOW", _("Dưới ngưỡng")),
    ("BOTH", _("Cả hai phía")),
)
_LEVELS: Final = (
    (1, _("Mức chú ý: báo từ"), _("Mức chú ý: hết khi về dưới")),
    (2, _("Mức cảnh báo: báo từ"), _("Mức cảnh báo: hết khi về dưới")),
    (3, _("Mức nguy hiểm: báo từ"), _("Mức nguy hiểm: hết khi về dưới")),
    (4, _("Mức khẩn cấp: báo từ"), _("Mức khẩn cấp: hết khi về dưới")),
)


@register
class RuleResource(Resource[Rule]):
    model = Rule
    slug = "rules"
    title = _("Quy tắc cảnh báo")
    one = _("quy tắc")
    icon = "scale"
    menu_order = 30
    columns = (
        Column("code", sort=True),
        Column("name", link=True, sort=True),
        Column("kind"),
        Column("concern"),
        Column("status", badge=RULE_TONES, sort=True),
        Column("revision", shown=False),
        Column("asset_type", shown=False),
        Column("observed_property", path="observed_property__name", label=_("Đại lượng")),
        Column(
            "datastream",
            path="datastream__name",
            label=_("Riêng cho kênh đo"),
            shown=False,
        ),
        Column("replaces", shown=False),
        Column("is_verified"),
        Column("basis", shown=False),
        Column("cause", shown=False),
        Column("advice", shown=False),
        Column("playbook_code", shown=False),
        Column("in_force_at", shown=False),
        Column("retired_at", shown=False),
    )
    filters = (Filter("status"), Filter("kind"), Filter("concern"), Filter("is_verified"))
    sections = (
        Section(_("Quy tắc"), ("name", "code", "revision", "status", "kind", "concern")),
        Section(_("Áp dụng cho"), ("observed_property", "asset_type", "datastream", "replaces")),
        Section(_("Khi cảnh báo"), ("cause", "advice", "playbook_code", "basis", "is_verified")),
        Section(_("Hiệu lực"), ("in_force_at", "retired_at")),
    )
    form = (
        FormField("code", required=True),
        FormField("name", required=True),
        "kind",
        "concern",
        "observed_property",
        "asset_type",
        "datastream",
        "replaces",
        FormField(
            "definition__direction", label=_("Chiều so sánh"), kind="choice", choices=_DIRECTIONS
        ),
        *(
            FormField(f"definition__{part}_{number}", label=label, kind="number")
            for number, *labels in _LEVELS
            for part, label in zip(("raise", "clear"), labels, strict=True)
        ),
        FormField("definition__for_s", label=_("Kéo dài"), kind="integer", unit="s"),
        FormField("definition__clear_for_s", label=_("Hết hẳn sau"), kind="integer", unit="s"),
        FormField(
            "definition__gap_s",
            label=_("Đếm lại khi đứt quãng quá"),
            kind="integer",
            unit="s",
        ),
        FormField("definition__window_s", label=_("Cửa sổ tốc độ"), kind="integer", unit="s"),
        FormField("definition__per_s", label=_("Tốc độ tính trên"), kind="number", unit="s"),
        FormField(
            "definition__in_sigma", label=_("Ngưỡng tính bằng độ lệch chuẩn"), kind="boolean"
        ),
        FormField(
            "definition__explained_by",
            label=_("Mã đại lượng giải thích"),
            kind="text",
            help=_("Nhiệt độ, tải trọng trên cùng công trình; cách nhau bằng dấu phẩy."),
        ),
        FormField(
            "definition__members",
            label=_("Quy tắc thành phần"),
            kind="text",
            help=_("Mã các quy tắc, cách nhau bằng dấu phẩy."),
        ),
        FormField(
            "definition__operator",
            label=_("Kết hợp bằng"),
            kind="choice",
            choices=(("AND", _("Tất cả cùng thỏa mãn")), ("OR", _("Một trong các quy tắc"))),
        ),
        FormField("definition__epsilon", label=_("Coi là đứng yên trong"), kind="number"),
        FormField("definition__low", label=_("Dải đo từ"), kind="number"),
        FormField("definition__high", label=_("Dải đo đến"), kind="number"),
        "cause",
        "advice",
        "playbook_code",
        "basis",
        "is_verified",
        "owner_org",
        "area",
    )
    order = "code"
    create = staticmethod(create_rule)
    update = staticmethod(update_rule)
    delete = staticmethod(delete_rule)

    def takes(self, row: Rule, act: str) -> bool:
        return act not in ("change", "delete") or row.status == RuleStatus.DRAFT

    def initial_of(self, row: Rule) -> dict[str, Any]:
        values = super().initial_of(row)
        shown = to_form(row.definition)
        for name in values:
            head, _sep, rest = name.partition("__")
            if head == "definition":
                values[name] = shown.get(rest)
        return values

    def form_fields_for(self, actor: Actor, row: Rule | None) -> tuple[FormField, ...]:
        """The code of a revision is that of its rule."""
        found = super().form_fields_for(actor, row)
        return found if row is None else tuple(f for f in found if f.name != "code")


@register
class RosterResource(Resource[DutyRoster]):
    model = DutyRoster
    slug = "rosters"
    title = _("Lịch trực")
    one = _("lịch trực")
    icon = "calendar-clock"
    menu_order = 40
    columns = (
        Column("code", sort=True),
        Column("name", link=True, sort=True),
        Column("concern"),
        Column("min_severity"),
        Column("owner_org", path="owner_org__name", label=_("Đơn vị trực")),
        Column("area", path="area__name", label=_("Địa bàn")),
    )
    filters = (Filter("concern"), Filter("area"), Filter("owner_org", subtree=True))
    form = (
        FormField("code", required=True),
        FormField("name", required=True),
        "concern",
        "min_severity",
        FormField("owner_org", label=_("Đơn vị trực")),
        "area",
    )
    create = staticmethod(create_roster)
    update = staticmethod(update_roster)
    delete = staticmethod(delete_roster)


@register
class ShiftResource(Resource[DutyShift]):
    model = DutyShift
    slug = "shifts"
    title = _("Ca trực")
    one = _("ca trực")
    icon = "user-check"
    menu_order = 50
    in_palette = False
    search = False
    label_path = code_path = "roster__name"
    columns = (
        Column("roster", path="roster__name", label=_("Lịch trực"), link=True),
        Column("person", path="person__full_name", label=_("Người trực")),
        Column("begin_at", sort=True),
        Column("end_at"),
    )
    filters = (Filter("roster"), Filter("begin_at"))
    form = ("roster", "person", "begin_at", "end_at")
    order = "-begin_at"
    create = staticmethod(create_shift)
    update = staticmethod(update_shift)
    delete = staticmethod(delete_shift)


@register
class StepResource(Resource[EscalationStep]):
    model = EscalationStep
    slug = "steps"
    title = _("Bậc báo cấp trên")
    one = _("bậc báo cấp trên")
    icon = "arrow-up"
    menu_order = 60
    in_palette = False
    search = False
    label_path = code_path = "roster__name"
    columns = (
        Column("roster", path="roster__name", label=_("Lịch trực"), link=True),
        Column("number", sort=True),
        Column("after_s", unit="s"),
        Column("min_severity"),
        Column("person", path="person__full_name", label=_("Người được báo")),
    )
    filters = (Filter("roster"),)
    form = ("roster", "number", FormField("after_s", unit="s"), "min_severity", "person")
    order = "number"
    create = staticmethod(create_step)
    update = staticmethod(update_step)
    delete = staticmethod(delete_step)


@register
class ShelvingResource(Resource[Shelving]):
    model = Shelving
    slug = "shelvings"
    title = _("Khoảng tạm gác cảnh báo")
    one = _("khoảng tạm gác")
    icon = "pause"
    menu_order = 70
    in_palette = False
    search = False
    label_path = code_path = "reason"
    columns = (
        Column("reason", link=True),
        Column("asset", path="asset__name", label=_("Công trình")),
        Column("datastream", path="datastream__name", label=_("Kênh đo")),
        Column("begin_at"),
        Column("end_at", sort=True),
    )
    filters = (Filter("begin_at"), Filter("end_at"))
    form = (
        FormField("asset", resource="assets.asset"),
        FormField("datastream", resource="telemetry.datastreams"),
        "begin_at",
        "end_at",
        "reason",
    )
    order = "-end_at"
    create = staticmethod(create_shelving)
    update = staticmethod(update_shelving)
    delete = staticmethod(delete_shelving)
