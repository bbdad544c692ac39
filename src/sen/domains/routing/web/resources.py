"""The register of connectivity faults."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.routing.models import Fault
from sen.domains.routing.services import judge_fault
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
