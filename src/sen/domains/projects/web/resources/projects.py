"""Registers of projects, works, decisions and obstacles."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sen.domains.assets.api import AssetType, asset_types
from sen.domains.projects.labels import label, said
from sen.domains.projects.models import Decision, Project, Risk, Work
from sen.domains.projects.services import (
    chainages_after_cut,
    create_project,
    create_work,
    delete_decision,
    delete_project,
    delete_risk,
    delete_work,
    raise_risk,
    record_decision,
    update_decision,
    update_project,
    update_risk,
    update_work,
)
from sen.domains.projects.web.resources.parts import (
    KEEPING,
    LEVEL_TONES,
    PACE_TONES,
    PROJECT,
    PROJECT_CODE,
    PROJECT_FILTERS,
    STATUS_TONES,
    WORK_TONES,
    PartResource,
)
from sen.kernel.access.scope import Actor
from sen.kernel.numbers import number_text
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
from sen.kernel.web.register.shaping import Reshape
from sen.kernel.web.register.values import numbers_text

#: How the values of the catalogue of assets are typed in; lists of numbers as text.
_FORM_KINDS: Final = {
    "number": "number",
    "integer": "integer",
    "text": "text",
    "choice": "choice",
    "boolean": "boolean",
    "date": "date",
    "numbers": "text",
}


@register
class ProjectResource(Resource[Project]):
    model = Project
    slug = "projects"
    title = _("Dự án đầu tư")
    one = _("dự án")
    icon = "hard-hat"
    menu_order = 10
    columns = (
        Column("code", sort=True),
        Column("name", link=True, sort=True),
        Column("kind", shown=False),
        Column("group", shown=False),
        Column("field", shown=False),
        Column("investor", path="investor__name", label=_("Chủ đầu tư")),
        Column("manager", path="manager__name", label=_("Ban quản lý dự án"), shown=False),
        Column("manager_person", shown=False),
        Column("stage", shown=False),
        Column("step"),
        Column("step_since", shown=False),
        Column("status", badge=STATUS_TONES, shown=False),
        Column("pace", badge=PACE_TONES, sort=True),
        Column("actual_pct", unit="%", sort=True),
        Column("total_vnd", kind=Kind.MONEY, unit="đ", sort=True),
        Column("contracted_vnd", kind=Kind.MONEY, unit="đ", shown=False),
        Column("allocated_vnd", kind=Kind.MONEY, unit="đ", shown=False),
        Column("disbursed_vnd", kind=Kind.MONEY, unit="đ", sort=True),
        Column("proposed_vnd", kind=Kind.MONEY, unit="đ", shown=False),
        Column("starts_at", shown=False),
        Column("due_at", sort=True),
        Column("road", path="road__number", label=_("Tuyến"), shown=False),
        Column("objective", shown=False),
        Column("scale", shown=False),
        Column("national_id", shown=False),
        Column("national_sync", shown=False),
        Column("national_at", shown=False),
        *KEEPING,
    )
    filters = (
        Filter("pace"),
        Filter("stage"),
        Filter("field"),
        Filter("step"),
        Filter("status"),
        Filter("kind"),
        Filter("group"),
        Filter("investor", path="investor__name", label=_("Chủ đầu tư"), kind=FilterKind.TEXT),
        Filter("road", path="road__number", label=_("Số hiệu đường"), kind=FilterKind.TEXT),
        Filter("total_vnd", unit="đ"),
        Filter("actual_pct", unit="%"),
        Filter("due_at"),
        Filter("area", subtree=True),
        Filter("owner_org", subtree=True),
    )
    sections = (
        Section(
            _("Thông tin chung"),
            ("code", "name", "kind", "group", "field", "objective", "scale"),
        ),
        Section(_("Các bên"), ("investor", "manager", "manager_person", "owner_org")),
        Section(
            _("Thời gian và vốn"),
            ("starts_at", "due_at", "proposed_vnd", "total_vnd", "contracted_vnd"),
        ),
        Section(_("Vị trí"), ("road", "area")),
        Section(
            _("Mã số quốc gia"),
            ("national_id", "national_sync", "national_at", "data_class", "updated_at"),
        ),
    )
    form = (
        "code",
        FormField("name"),
        "kind",
        "group",
        "field",
        "objective",
        "scale",
        "investor",
        "manager",
        "manager_person",
        "road",
        "starts_at",
        FormField(
            "due_at", help=_("Quyết định phê duyệt, điều chỉnh hoặc gia hạn sẽ thay ngày này.")
        ),
        FormField("proposed_vnd", unit="đ"),
        "owner_org",
        "area",
        "data_class",
    )
    order = "code"
    create = staticmethod(create_project)
    update = staticmethod(update_project)
    delete = staticmethod(delete_project)


@register
class WorkResource(PartResource[Work]):
    model = Work
    slug = "works"
    title = _("Công trình, hạng mục")
    one = _("công trình")
    icon = "construction"
    menu_order = 20
    in_palette = True
    layer = "works"
    more_layers = ("works-lines", "works-areas")
    reshape = Reshape(shared=("value_vnd",), placed=chainages_after_cut)
    columns = (
        Column("code", sort=True),
        Column("name", link=True, sort=True),
        PROJECT,
        PROJECT_CODE,
        Column("parent", path="parent__name", label=_("Thuộc công trình"), shown=False),
        Column("action"),
        Column("work_class", shown=False),
        Column("asset_type", kind=Kind.CHOICE, shown=False),
        Column("asset", path="asset__name", label=_("Tài sản"), shown=False),
        Column("road", path="road__number", label=_("Tuyến")),
        Column("chainage_m", kind=Kind.KM),
        Column("to_chainage_m", kind=Kind.KM),
        Column("side", shown=False),
        Column("status", badge=WORK_TONES),
        Column("value_vnd", kind=Kind.MONEY, unit="đ", shown=False),
        Column("finished_at", shown=False),
        Column("handed_over_at", shown=False),
        Column("note", shown=False),
        Column("national_id", shown=False),
        Column("national_sync", shown=False),
        *KEEPING,
    )
    filters = (
        Filter("status"),
        Filter("action"),
        Filter("shape"),
        Filter("road", path="road__number", label=_("Số hiệu đường"), kind=FilterKind.TEXT),
        Filter("area", subtree=True),
        *PROJECT_FILTERS,
    )
    sections = (
        Section(
            _("Thông tin chung"),
            ("code", "name", "project", "parent", "action", "work_class", "status"),
        ),
        Section(_("Vị trí"), ("road", "chainage_m", "to_chainage_m", "side", "area")),
        Section(
            _("Giá trị và bàn giao"),
            ("value_vnd", "finished_at", "handed_over_at", "asset_type", "asset", "note"),
        ),
        Section(_("Mã số quốc gia"), ("national_id", "national_sync", "owner_org", "data_class")),
    )
    form = (
        "project",
        "code",
        "name",
        FormField("parent", help=_("Để trống nếu là công trình; chọn nếu là hạng mục.")),
        "action",
        "work_class",
        FormField(
            "asset_type",
            kind="choice",
            help=_("Loại tài sản hình thành khi bàn giao; để trống nếu không thành tài sản."),
            choices=tuple((kind.code, label(kind.name)) for kind in asset_types),
        ),
        FormField("asset_code", label=_("Mã tài sản được sửa chữa, nâng cấp"), kind="text"),
        "road",
        FormField("chainage_m", kind="km"),
        FormField("to_chainage_m", kind="km"),
        "side",
        FormField(
            "geom",
            kind="shape",
            help=_("Vẽ điểm, đường hoặc vùng, hay dán WKT; để trống nếu đã ghi lý trình."),
        ),
        "status",
        FormField("value_vnd", unit="đ"),
        "note",
    )
    order = "code"
    create = staticmethod(create_work)
    update = staticmethod(update_work)
    delete = staticmethod(delete_work)

    def choices_of(self, path: str) -> dict[Any, str]:
        if path == "asset_type":
            return {kind.code: said(kind.name) for kind in asset_types}
        return super().choices_of(path)

    def form_fields_for(self, actor: Actor, row: Work | None) -> tuple[FormField, ...]:
        """Once its type is known, a work is asked for the attributes that go to the asset."""
        found = super().form_fields_for(actor, row)
        kind = asset_types.get(row.asset_type) if row is not None else None
        return (*found, *attribute_fields(kind)) if kind is not None else found

    def initial_of(self, row: Work) -> dict[str, Any]:
        kind = asset_types.get(row.asset_type)
        own = {f"attributes__{name}": value for name, value in row.attributes.items()}
        code = row.asset.code if row.asset is not None else ""
        initial = super().initial_of(row) | {"asset_code": code}
        return initial | own if kind is not None else initial


def attribute_fields(kind: AssetType) -> tuple[FormField, ...]:
    """The attributes of a type of assets as fields of the form of a work."""
    return tuple(
        FormField(
            f"attributes__{item.name}",
            label=label(item.label),
            kind=_FORM_KINDS[item.kind.value],
            required=False,
            unit=item.unit,
            choices=tuple((code, label(text)) for code, text in item.choices.items()),
        )
        for item in kind.attributes
    )


def attribute_label(kind: AssetType, name: str) -> str:
    """What an attribute of a type is called."""
    item = kind.by_name.get(name)
    return said(item.label) if item is not None else name


def attribute_text(kind: AssetType, name: str, value: Any) -> str:
    """A stored attribute as a person reads it."""
    item = kind.by_name.get(name)
    if item is None or value is None:
        return "" if value is None else str(value)
    if isinstance(value, bool):
        return gettext("Có") if value else gettext("Không")
    if isinstance(value, str) and value in item.choices:
        return said(item.choices[value])
    if isinstance(value, list):
        value = numbers_text(value)
    shown = number_text(value) if isinstance(value, int | float) else str(value)
    return f"{shown} {item.unit}".strip()


@register
class DecisionResource(PartResource[Decision]):
    model = Decision
    slug = "decisions"
    title = _("Quyết định của dự án")
    one = _("quyết định")
    icon = "stamp"
    menu_order = 30
    columns = (
        Column("number", link=True, sort=True),
        Column("kind"),
        Column("issued_at", sort=True),
        Column("issuer"),
        Column("summary", shown=False),
        Column("total_vnd", kind=Kind.MONEY, unit="đ"),
        Column("due_at", shown=False),
        PROJECT,
        PROJECT_CODE,
        *KEEPING,
    )
    filters = (Filter("kind"), Filter("issued_at"), *PROJECT_FILTERS)
    sections = (
        Section(_("Quyết định"), ("number", "kind", "issued_at", "issuer", "summary")),
        Section(_("Nội dung phê duyệt"), ("total_vnd", "due_at", "project", "owner_org")),
    )
    form = (
        "project",
        "kind",
        "number",
        "issued_at",
        "issuer",
        "summary",
        FormField("total_vnd", unit="đ"),
        "due_at",
    )
    order = "-issued_at"
    label_path = code_path = "number"
    create = staticmethod(record_decision)
    update = staticmethod(update_decision)
    delete = staticmethod(delete_decision)


@register
class RiskResource(PartResource[Risk]):
    model = Risk
    slug = "risks"
    title = _("Vướng mắc")
    one = _("vướng mắc")
    icon = "triangle-alert"
    menu_order = 100
    columns = (
        Column("description", link=True),
        Column("kind"),
        Column("level", badge=LEVEL_TONES),
        Column("raised_at", sort=True),
        Column("due_at", sort=True),
        Column("resolved_at"),
        Column("responsible"),
        Column("solution", shown=False),
        PROJECT,
        PROJECT_CODE,
        *KEEPING,
    )
    filters = (Filter("level"), Filter("kind"), Filter("due_at"), *PROJECT_FILTERS)
    sections = (
        Section(_("Vướng mắc"), ("description", "kind", "level", "project")),
        Section(_("Xử lý"), ("responsible", "solution", "raised_at", "due_at", "resolved_at")),
    )
    form = (
        "project",
        "kind",
        "level",
        "description",
        "responsible",
        "solution",
        "raised_at",
        "due_at",
        "resolved_at",
    )
    order = "-raised_at"
    label_path: ClassVar[str] = "description"
    code_path: ClassVar[str] = "description"
    create = staticmethod(raise_risk)
    update = staticmethod(update_risk)
    delete = staticmethod(delete_risk)
