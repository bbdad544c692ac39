"""A register for each type of the catalogue, one over all assets, and the inspections."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Case, F, IntegerField, TextField, Value, When
from django.db.models.functions import Cast, Concat, Floor, LPad, Mod
from django.utils.translation import gettext_lazy as _

from sen.domains.assets.catalogue import asset_types
from sen.domains.assets.models import Asset, Inspection
from sen.domains.assets.services import delete_inspection, record_inspection, update_inspection
from sen.domains.assets.web.types import (
    CONDITION_TONES,
    KEEPING_COLUMNS,
    PLACE_COLUMNS,
    SHARED_FILTERS,
    STATE_COLUMNS,
    resource_of,
)
from sen.kernel.access.scope import Actor
from sen.kernel.web.register.resource import (
    Column,
    Filter,
    FormField,
    Kind,
    Resource,
    Section,
    register,
)

for kind in asset_types:
    register(resource_of(kind))

_METRES = Floor(F("chainage_m"))
#: "QL.30 · Km12+500": dozens of bridges are called after the same canal.
PLACE_IN_WORDS: Final = Case(
    When(
        road__isnull=False,
        chainage_m__isnull=False,
        then=Concat(
            F("road__number"),
            Value(" · Km"),
            Cast(Cast(Floor(_METRES / 1000), IntegerField()), TextField()),
            Value("+"),
            LPad(Cast(Cast(Mod(_METRES, 1000), IntegerField()), TextField()), 3, Value("0")),
            output_field=TextField(),
        ),
    ),
    default=Value(""),
    output_field=TextField(),
)


@register
class AllAssetsResource(Resource[Asset]):
    """Every asset whatever its type; its page is the one in the register of its type.

    The palette searches here, once, instead of once in each type.
    """

    model = Asset
    slug = "all"
    title = _("Tất cả tài sản")
    one = _("tài sản")
    icon = "layers"
    menu_order = 5
    kind_path = "type"
    palette_hint = PLACE_IN_WORDS
    columns = (
        Column("location_key", label=_("Thứ tự theo tuyến"), shown=False, sort=True),
        Column("type"),
        Column("code", shown=False, sort=True),
        Column("name", link=True, sort=True),
        *PLACE_COLUMNS,
        Column("area", path="area__name", label=_("Xã, phường")),
        *STATE_COLUMNS,
        Column("opened_year", kind=Kind.TEXT, shown=False, sort=True),
        *KEEPING_COLUMNS,
    )
    filters = (Filter("type"), *SHARED_FILTERS)
    sections = (
        Section(_("Thông tin chung"), ("type", "name", "code", "opened_year", "note")),
        Section(_("Vị trí"), ("road", "chainage_m", "area")),
        Section(_("Tình trạng"), ("status", "condition", "condition_at")),
        Section(_("Quản lý"), ("owner_org", "data_class", "updated_at")),
    )
    order = "location_key"


@register
class InspectionResource(Resource[Inspection]):
    model = Inspection
    slug = "inspections"
    title = _("Kiểm tra, kiểm định")
    one = _("lần kiểm tra")
    icon = "clipboard-check"
    menu_order = 900
    in_palette = False
    columns = (
        Column("code", shown=False, sort=True),
        Column("inspected_at", link=True, sort=True),
        Column("asset", path="asset__name", label=_("Tài sản")),
        Column("asset_type", path="asset__type", label=_("Loại tài sản")),
        Column("inspector"),
        Column("condition", badge=CONDITION_TONES),
        Column("finding"),
        Column("area", path="area__name", label=_("Xã, phường"), shown=False),
        Column("owner_org", path="owner_org__name", label=_("Đơn vị quản lý"), shown=False),
        Column("data_class", shown=False),
        Column("updated_at", shown=False),
    )
    filters = (
        Filter("condition"),
        Filter("inspected_at"),
        Filter("asset_type", path="asset__type", label=_("Loại tài sản")),
        Filter("area", subtree=True),
        Filter("owner_org", subtree=True),
    )
    sections = (
        Section(_("Lần kiểm tra"), ("code", "inspected_at", "inspector", "data_class")),
        Section(_("Tài sản"), ("asset", "asset_type", "area", "owner_org")),
        Section(_("Kết quả"), ("condition", "finding", "updated_at")),
    )
    form = (
        FormField("asset_code", label=_("Mã tài sản"), kind="text", required=True),
        "inspected_at",
        "inspector",
        "condition",
        "finding",
        "data_class",
    )
    order = "-inspected_at"
    label_path = "code"
    create = staticmethod(record_inspection)
    update = staticmethod(update_inspection)
    delete = staticmethod(delete_inspection)

    def form_fields_for(self, actor: Actor, row: Inspection | None) -> tuple[FormField, ...]:
        """The asset of an inspection is fixed once it is recorded."""
        found = super().form_fields_for(actor, row)
        return found if row is None else tuple(f for f in found if f.name != "asset_code")

    def initial_of(self, row: Inspection) -> dict[str, Any]:
        return super().initial_of(row) | {"asset_code": row.asset.code}
