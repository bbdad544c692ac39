"""Registers of corridors, red lines and fairways."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.corridors.models import Corridor, Fairway, RedLine
from sen.domains.corridors.services import (
    create_fairway,
    create_red_line,
    update_fairway,
    update_red_line,
)
from sen.kernel.access.scope import Actor
from sen.kernel.web.register.resource import (
    Column,
    Filter,
    FilterKind,
    FormField,
    Resource,
    Section,
    register,
)


@register
class CorridorResource(Resource[Corridor]):
    model = Corridor
    slug = "corridors"
    title = _("Hành lang an toàn")
    one = _("hành lang")
    icon = "shield-check"
    palette_derived = True
    menu_order = 1
    columns = (
        Column("name", link=True, sort=True),
        Column("along", sort=True),
        Column("corridor_m", unit="m", sort=True),
        Column("strip_m", unit="m", shown=False),
        Column("edge_m", unit="m", shown=False),
        Column("reach_m", unit="m"),
        Column("legal_ref"),
        Column("document"),
        Column("computed_on"),
        Column("remark", shown=False),
        Column("area", "area__name", label=_("Địa bàn"), shown=False),
        Column("owner_org", "owner_org__name", label=_("Đơn vị quản lý"), shown=False),
        Column("code", shown=False),
    )
    filters = (
        Filter("along"),
        Filter("corridor_m", kind=FilterKind.RANGE, unit="m"),
        Filter("area", subtree=True),
        Filter("owner_org", subtree=True),
    )
    sections = (
        Section(_("Phạm vi"), ("along", "corridor_m", "strip_m", "edge_m", "reach_m", "remark")),
        Section(_("Căn cứ"), ("legal_ref", "document", "computed_on")),
        Section(_("Quản lý"), ("area", "owner_org")),
    )
    order = "name"
    layer = "corridors"


@register
class RedLineResource(Resource[RedLine]):
    model = RedLine
    slug = "red-lines"
    title = _("Chỉ giới đường đỏ")
    one = _("chỉ giới")
    icon = "ruler"
    menu_order = 2
    in_palette = False
    columns = (
        Column("road", "road__name", label=_("Tuyến đường"), link=True),
        Column("distance_m", unit="m"),
        Column("decision"),
        Column("valid_from", sort=True),
        Column("valid_to"),
    )
    filters = (Filter("valid_from"),)
    form = (
        "road",
        FormField(
            "geom",
            kind="line",
            label=_("Đường chỉ giới"),
            help=_("Vẽ một hoặc hai bên đường; để trống thì vẽ theo khoảng cách."),
        ),
        FormField(
            "distance_m",
            unit="m",
            required=False,
            help=_("Để trống thì tính từ đường đã vẽ, chỗ xa tim đường nhất."),
        ),
        "decision",
        "valid_from",
        "valid_to",
    )
    layer = "red-lines"
    order = "-valid_from"
    search = False
    label_path = "road__name"
    code_path = "decision"
    create = staticmethod(create_red_line)
    update = staticmethod(update_red_line)

    def form_fields_for(self, actor: Actor, row: RedLine | None) -> tuple[FormField, ...]:
        """The road of a red line stays."""
        fields = super().form_fields_for(actor, row)
        return tuple(item for item in fields if row is None or item.name != "road")


@register
class FairwayResource(Resource[Fairway]):
    model = Fairway
    slug = "fairways"
    title = _("Luồng đường thủy")
    one = _("luồng")
    icon = "waves"
    palette_derived = True
    menu_order = 3
    columns = (
        Column("name", link=True, sort=True),
        Column("grade"),
        Column("width_m", unit="m"),
        Column("area", "area__name", label=_("Địa bàn")),
        Column("code", shown=False),
    )
    filters = (Filter("grade"), Filter("area", subtree=True))
    form = (
        "code",
        "name",
        "grade",
        FormField("width_m", unit="m"),
        FormField("geom", kind="line", required=True, help=_("Vẽ tim luồng trên bản đồ.")),
        "owner_org",
        "area",
    )
    order = "name"
    layer = "fairways"
    create = staticmethod(create_fairway)
    update = staticmethod(update_fairway)

    def form_fields_for(self, actor: Actor, row: Fairway | None) -> tuple[FormField, ...]:
        """Code, owner and place of a fairway stay."""
        fields = super().form_fields_for(actor, row)
        fixed = ("code", "owner_org", "area")
        return tuple(item for item in fields if row is None or item.name not in fixed)
