"""The registers of connectivity faults and of turn rules."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.routing.choices import VEHICLE_NAMES
from sen.domains.routing.models import Fault, TurnRule
from sen.domains.routing.services import create_turn, delete_turn, judge_fault, update_turn
from sen.domains.routing.web.words import vehicles_text
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
class FaultResource(Resource[Fault]):
    model = Fault
    slug = "faults"
    title = _("Lỗi kết nối")
    one = _("lỗi kết nối")
    icon = "unplug"
    menu_order = 20
    columns = (
        Column("title", link=True, sort=True),
        Column("kind"),
        Column("distance_m", unit="m", sort=True),
        Column("repair"),
        Column("status", badge={"OPEN": "warn", "ACCEPTED": "ok"}),
        Column("road", path="road__code", label=_("Mã tuyến"), shown=False),
        Column("other", path="other__code", label=_("Mã tuyến kia"), shown=False),
        Column("chainage_m", kind=Kind.KM, shown=False),
        Column("note", shown=False),
        Column("owner_org", path="owner_org__name", label=_("Đơn vị quản lý"), shown=False),
        Column("updated_at", shown=False),
    )
    filters = (
        Filter("kind"),
        Filter("status"),
        Filter("road_code", path="road__code", label=_("Mã tuyến"), kind=FilterKind.TEXT),
        Filter("distance_m", unit="m"),
        Filter("owner_org", subtree=True),
        Filter("area", subtree=True),
    )
    sections = (
        Section(_("Lỗi"), ("kind", "title", "distance_m", "repair")),
        Section(_("Vị trí"), ("road", "other", "chainage_m")),
        Section(_("Xử lý"), ("status", "note", "owner_org", "updated_at")),
    )
    form = (
        "status",
        FormField("note", help=_("Căn cứ xác nhận, ví dụ hai đường khác mức, đường nội bộ.")),
    )
    order = "title"
    label_path = "title"
    code_path = "kind"
    in_palette = False
    layer = "routing-faults"
    update = staticmethod(judge_fault)


@register
class TurnResource(Resource[TurnRule]):
    model = TurnRule
    slug = "turns"
    title = _("Cấm rẽ")
    one = _("cấm rẽ")
    icon = "corner-up-left"
    menu_order = 30
    columns = (
        Column("title", link=True, sort=True),
        Column("kind"),
        Column("from_road", path="from_road__code", label=_("Từ tuyến")),
        Column("at_m", kind=Kind.KM),
        Column("heading", shown=False),
        Column("to_road", path="to_road__code", label=_("Vào tuyến")),
        Column("vehicles", write=vehicles_text),
        Column("above_t", unit="t", shown=False),
        Column("valid_from", sort=True),
        Column("valid_to"),
        Column("basis", shown=False),
        Column("owner_org", path="owner_org__name", label=_("Đơn vị quản lý"), shown=False),
        Column("updated_at", shown=False),
    )
    filters = (
        Filter("kind"),
        Filter("from_road", title="code"),
        Filter("to_road", title="code"),
        Filter("valid_from"),
        Filter("valid_to"),
        Filter("owner_org", subtree=True),
        Filter("area", subtree=True),
    )
    sections = (
        Section(_("Nội dung"), ("kind", "vehicles", "above_t")),
        Section(_("Nút giao"), ("from_road", "at_m", "heading", "to_road", "to_m", "to_heading")),
        Section(
            _("Hiệu lực"),
            ("valid_from", "valid_to", "basis", "owner_org", "data_class", "updated_at"),
        ),
    )
    form = (
        "kind",
        FormField("from_road", help=_("Tuyến mà xe đang đi khi đến nút giao.")),
        FormField("at_m", kind="km", required=True, help=_("Trên tuyến mà xe đến.")),
        "heading",
        FormField("to_road", help=_("Quay đầu: chọn lại chính tuyến đó.")),
        FormField(
            "vehicles",
            kind="multichoice",
            label=_("Loại xe"),
            choices=tuple((code, _(name)) for code, name in VEHICLE_NAMES.items()),
            help=_("Không chọn là mọi loại xe."),
        ),
        FormField("above_t", unit="t", help=_("Để trống nếu không phân biệt tải trọng.")),
        "valid_from",
        FormField("valid_to", help=_("Để trống nếu còn áp dụng.")),
        FormField("basis", help=_("Số, ngày của quyết định, hoặc biển báo tại nút.")),
        "data_class",
    )
    order = "title"
    label_path = "title"
    code_path = "kind"
    in_palette = False
    layer = "turn-rules"
    importer = "turn-rules"
    create = staticmethod(create_turn)
    update = staticmethod(update_turn)
    delete = staticmethod(delete_turn)
