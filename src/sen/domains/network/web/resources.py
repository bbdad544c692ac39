"""Registers of roads, of km-posts, and of what holds along roads, one for each kind besides."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib import import_module
from typing import Any, ClassVar

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sen.domains.network.choices import ALL_LANES, EVENT_KINDS, EventKind, ValueType
from sen.domains.network.models import KmPost, Road, RouteEvent
from sen.domains.network.services import (
    create_event,
    create_kmpost,
    create_road,
    delete_event,
    delete_kmpost,
    delete_road,
    update_event,
    update_kmpost,
    update_road,
)
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


@register
class RoadResource(Resource[Road]):
    model = Road
    slug = "roads"
    importer = "roads"
    title = _("Đường bộ")
    one = _("tuyến đường")
    icon = "road"
    menu_order = 10
    columns = (
        Column("code", shown=False),
        Column("number", sort=True),
        Column("name", link=True, sort=True),
        Column("manager_class"),
        Column("technical_class"),
        Column("start_m", kind=Kind.KM),
        Column("end_m", kind=Kind.KM),
        Column("length_m", unit="m", sort=True),
        Column("owner_org", path="owner_org__name", label=_("Đơn vị quản lý")),
        Column("area", path="area__name", label=_("Địa bàn"), shown=False),
        Column(
            "status",
            badge={
                "OPEN": "ok",
                "UNDER_CONSTRUCTION": "warn",
                "CLOSED": "danger",
                "PLANNED": "info",
            },
        ),
        Column("carriageway", shown=False),
        Column("part", shown=False),
        Column("main", path="main__code", label=_("Thuộc tuyến chính"), shown=False),
        Column("counted_m", unit="m", shown=False),
        Column("former_numbers", shown=False),
        Column("lanes", shown=False),
        Column("width_m", unit="m", shown=False),
        Column("surface", shown=False),
        Column("opened_year", kind=Kind.TEXT, shown=False),
        Column("declared_start_m", kind=Kind.KM, shown=False),
        Column("declared_end_m", kind=Kind.KM, shown=False),
        Column("data_class", shown=False),
        Column("updated_at", shown=False),
    )
    filters = (
        Filter("manager_class"),
        Filter("technical_class"),
        Filter("status"),
        Filter("surface"),
        Filter("owner_org", subtree=True),
        Filter("area", subtree=True),
        Filter("length_m", unit="m"),
        Filter("lanes"),
        Filter("opened_year"),
        Filter("part"),
    )
    sections = (
        Section(
            _("Thông tin chung"),
            ("number", "name", "code", "manager_class", "status", "opened_year"),
        ),
        Section(_("Quản lý"), ("owner_org", "area", "data_class", "updated_at")),
        Section(
            _("Kỹ thuật"),
            ("technical_class", "carriageway", "part", "main", "lanes", "width_m", "surface"),
        ),
        Section(
            _("Lý trình"),
            (
                "start_m",
                "end_m",
                "length_m",
                "counted_m",
                "declared_start_m",
                "declared_end_m",
                "former_numbers",
            ),
        ),
    )
    form = (
        "code",
        FormField("number", help=_("Ghi như QL.30, ĐT.848; để trống nếu đường không có số hiệu.")),
        "name",
        "manager_class",
        "technical_class",
        "carriageway",
        "owner_org",
        "area",
        "data_class",
        "lanes",
        FormField("width_m", unit="m"),
        "surface",
        "opened_year",
        "status",
        FormField(
            "part",
            help=_(
                "Phần đường trái, phải hoặc nhánh nối có tim và cọc riêng thì chọn tuyến chính."
            ),
        ),
        "main",
        FormField("declared_start_m", kind="km", help=_("Dùng cho tuyến không có cọc Km.")),
        FormField("declared_end_m", kind="km", help=_("Dùng cho tuyến không có cọc Km.")),
    )
    bulk = ("status", "technical_class", "surface")
    order = "order_key"
    layer = "roads"
    create = staticmethod(create_road)
    update = staticmethod(update_road)
    delete = staticmethod(delete_road)

    def map_acts(self, actor: Actor) -> Mapping[str, str]:
        """A road is reshaped by operations, which keep in order what lies along it."""
        if not self.may(actor, "reshape"):
            return {}
        base = f"/ql/{self.path}/{{id}}/thao-tac/"
        return {
            "change": f"{base}realign/",
            "split": f"{base}split/",
            "merge": f"{base}join/",
        }


@register
class KmPostResource(Resource[KmPost]):
    model = KmPost
    slug = "km-posts"
    importer = "km-posts"
    title = _("Cọc Km")
    one = _("cọc Km")
    icon = "km-post"
    palette_derived = True
    menu_order = 20
    columns = (
        Column("title", link=True, sort=True),
        Column("label", shown=False),
        Column("road", path="road__code", label=_("Mã tuyến")),
        Column("measure_m", kind=Kind.KM, sort=True),
        Column("old_measure_m", kind=Kind.KM),
        Column("position_m", unit="m"),
        Column("condition", badge={"GOOD": "ok", "POOR": "warn", "MISSING": "danger"}),
        Column("is_calibrating"),
        Column("nature", shown=False),
        Column("owner_org", path="owner_org__name", label=_("Đơn vị quản lý"), shown=False),
        Column("updated_at", shown=False),
    )
    filters = (
        Filter("condition"),
        Filter("road_code", path="road__code", label=_("Mã tuyến"), kind=FilterKind.TEXT),
        Filter("road", title="code"),
        Filter("is_calibrating"),
        Filter("nature"),
        Filter("owner_org", subtree=True),
    )
    sections = (
        Section(_("Cọc"), ("title", "road", "condition", "owner_org")),
        Section(
            _("Lý trình"),
            ("measure_m", "old_measure_m", "position_m", "is_calibrating", "nature", "updated_at"),
        ),
    )
    form: ClassVar[tuple[FormField | str, ...]] = (
        "road",
        FormField("measure_m", kind="km", required=True),
        FormField("old_measure_m", kind="km"),
        FormField("geom", label=_("Vị trí"), kind="point", required=True),
        "condition",
        "is_calibrating",
    )
    bulk = ("condition",)
    order = "title"
    label_path = "title"
    code_path = "label"
    layer = "km-posts"
    create = staticmethod(create_kmpost)
    update = staticmethod(update_kmpost)
    delete = staticmethod(delete_kmpost)

    def form_fields_for(self, actor: Actor, row: KmPost | None) -> tuple[FormField, ...]:
        """A post stays on its road."""
        fields = super().form_fields_for(actor, row)
        return fields if row is None else tuple(f for f in fields if f.name != "road")


class EventResource(Resource[RouteEvent]):
    """What all registers of records along roads share."""

    model = RouteEvent
    one = _("bản ghi theo lý trình")
    icon = "route"
    menu_order = 30
    columns: ClassVar[tuple[Column, ...]] = (
        Column("title", link=True, sort=True),
        Column("kind"),
        Column("road", path="road__code", label=_("Mã tuyến"), shown=False),
        Column("from_m", kind=Kind.KM, sort=True, shown=False),
        Column("to_m", kind=Kind.KM, shown=False),
        Column("side"),
        Column("lane", kind=Kind.CHOICE),
        Column("value_number", sort=True),
        Column("value_text", kind=Kind.CHOICE, label=_("Giá trị (chữ)")),
        Column("valid_from", sort=True),
        Column("valid_to"),
        Column("code", shown=False),
        Column("owner_org", path="owner_org__name", label=_("Đơn vị quản lý"), shown=False),
        Column("data_class", shown=False),
        Column("updated_at", shown=False),
    )
    filters: ClassVar[tuple[Filter, ...]] = (
        Filter("kind"),
        Filter("road_code", path="road__code", label=_("Mã tuyến"), kind=FilterKind.TEXT),
        Filter("road", title="code"),
        Filter("side"),
        Filter("value_number"),
        Filter("valid_from"),
        Filter("valid_to"),
        Filter("owner_org", subtree=True),
    )
    sections: ClassVar[tuple[Section, ...]] = (
        Section(
            _("Nội dung"), ("title", "kind", "value_number", "value_text", "valid_from", "valid_to")
        ),
        Section(_("Vị trí"), ("road", "from_m", "to_m", "side", "lane")),
        Section(_("Quản lý"), ("code", "owner_org", "data_class", "updated_at")),
    )
    form: ClassVar[tuple[FormField | str, ...]] = (
        "road",
        "kind",
        FormField("from_m", kind="km", required=True),
        FormField("to_m", kind="km", required=True),
        "side",
        FormField("lane", help=_("0 là tất cả các làn; làn 1 sát tim đường.")),
        FormField("value_number", kind="number"),
        FormField("value_text", kind="text", label=_("Giá trị (chữ)")),
        "valid_from",
        FormField("valid_to", help=_("Để trống nếu còn áp dụng.")),
        "data_class",
    )
    bulk = ("valid_to",)
    order = "title"
    label_path = "title"
    code_path = "kind"
    in_palette = False
    update = staticmethod(update_event)
    delete = staticmethod(delete_event)

    def choices_of(self, path: str) -> dict[Any, str]:
        """Codes of surfaces and the lane that means all are written in words."""
        if path == "value_text":
            return {
                code: gettext(name)
                for kind in EVENT_KINDS.values()
                for code, name in kind.choices.items()
            }
        if path == "lane":
            return {ALL_LANES: gettext("Tất cả")}
        return super().choices_of(path)

    def form_fields_for(self, actor: Actor, row: RouteEvent | None) -> tuple[FormField, ...]:
        """The value is asked for as its kind wants it; a record stays on its road."""
        fields = super().form_fields_for(actor, row)
        if row is None:
            return fields
        kind = EVENT_KINDS[row.kind]
        kept = [f for f in fields if f.name not in ("road", "kind", "value_number", "value_text")]
        return (*kept[:4], *value_fields(kind), *kept[4:])


def unit_of(kind: EventKind) -> str:
    """The unit as people read it."""
    return gettext(kind.unit) if kind.unit else ""


def value_fields(kind: EventKind) -> tuple[FormField, ...]:
    """The form fields in which a value of a kind is typed."""
    title = _(kind.title)
    if kind.value is ValueType.NUMBER:
        return (
            FormField(
                "value_number", kind="number", label=title, unit=unit_of(kind), required=True
            ),
        )
    if kind.value is ValueType.CHOICE:
        choices = tuple((code, _(name)) for code, name in kind.choices.items())
        return (
            FormField("value_text", kind="choice", label=title, choices=choices, required=True),
        )
    return (FormField("value_text", kind="longtext", label=title, required=True),)


@register
class AllEventsResource(EventResource):
    slug = "events"
    importer = "road-sections"
    title = _("Dữ liệu theo lý trình")
    create = staticmethod(create_event)


def _register_kind(kind: EventKind) -> None:
    """The register of one kind: its own value column, unit and form."""
    is_number = kind.value is ValueType.NUMBER
    value = (
        Column("value_number", label=_(kind.title), unit=unit_of(kind), sort=True)
        if is_number
        else Column("value_text", label=_(kind.title), kind=Kind.CHOICE)
    )

    class KindResource(EventResource):
        slug = kind.code.replace("_", "-")
        title = _(kind.title)
        where = Q(kind=kind.code)
        in_menu = False
        layer = slug if kind.code in ("surface", "iri", "speed_limit") else ""
        columns = tuple(
            value if column.name == value.name else column
            for column in EventResource.columns
            if column.name not in {"kind", "value_number", "value_text"} - {value.name}
        )
        filters = tuple(
            Filter("value_number", label=_(kind.title), unit=unit_of(kind))
            if item.name == "value_number"
            else item
            for item in EventResource.filters
            if item.name != "kind" and (is_number or item.name != "value_number")
        )
        sections = (
            Section(_("Nội dung"), ("title", value.name, "valid_from", "valid_to")),
            *EventResource.sections[1:],
        )
        form: ClassVar[tuple[FormField | str, ...]] = (
            *(EventResource.form[0], *EventResource.form[2:6]),
            *value_fields(kind),
            *EventResource.form[8:],
        )
        create = staticmethod(partial(create_event, kind=kind.code))

    register(KindResource)


for _kind in EVENT_KINDS.values():
    _register_kind(_kind)

# The registers of shared stretches, operations and decisions stand in a file of their own.
import_module("sen.domains.network.web.changes")
