from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.network.models import Road
from sen.domains.network.services import create_road, delete_road, update_road
from sen.kernel.web.register.resource import (
    Column,
    Filter,
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
    title = _("Đường bộ")
    one = _("tuyến đường")
    icon = "road"
    menu_order = 10
    columns = (
        Column("order_key", shown=False, sort=True),
        Column("code", shown=False),
        Column("number", sort=True),
        Column("name", link=True, sort=True),
        Column("manager_class"),
        Column("technical_class"),
        Column("start_m", kind=Kind.KM),
        Column("end_m", kind=Kind.KM),
        Column("length_m", unit="m", sort=True),
        Column("owner_org", path="owner_org__name"),
        Column("area", path="area__name", shown=False),
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
        Column("lanes", shown=False),
        Column("width_m", unit="m", shown=False),
        Column("surface", shown=False),
        Column("opened_year", shown=False),
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
    )
    sections = (
        Section(
            _("Thông tin chung"),
            ("number", "name", "code", "manager_class", "status", "opened_year"),
        ),
        Section(_("Quản lý"), ("owner_org", "area", "data_class", "updated_at")),
        Section(_("Kỹ thuật"), ("technical_class", "carriageway", "lanes", "width_m", "surface")),
        Section(
            _("Lý trình"), ("start_m", "end_m", "length_m", "declared_start_m", "declared_end_m")
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
        FormField("declared_start_m", kind="km", help=_("Dùng cho tuyến không có cọc Km.")),
        FormField("declared_end_m", kind="km", help=_("Dùng cho tuyến không có cọc Km.")),
    )
    order = "order_key"
    layer = "roads"
    create = staticmethod(create_road)
    update = staticmethod(update_road)
    delete = staticmethod(delete_road)
