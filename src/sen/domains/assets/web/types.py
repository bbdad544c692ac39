"""What follows from a type of the catalogue: its register and its map layer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Final

from django.db.models import Q
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from sen.domains.assets.catalogue import AssetType, Shape
from sen.domains.assets.choices import Status
from sen.domains.assets.labels import label
from sen.domains.assets.models import Asset
from sen.domains.assets.services import create_asset, delete_asset, update_asset
from sen.kernel.attributes.catalogue import Text
from sen.kernel.geo.layers import GeometryKind, Layer, Style, categories
from sen.kernel.web.register.attributes import (
    choices_at,
    column_of,
    filters_of,
    form_field_of,
    typed_values,
)
from sen.kernel.web.register.resource import (
    Column,
    Filter,
    FilterKind,
    FormField,
    Kind,
    Label,
    Resource,
    Section,
)

STATUS_TONES: Final = {"UNDER_CONSTRUCTION": "info", "IN_USE": "ok", "CLOSED": "danger"}
CONDITION_TONES: Final = {"GOOD": "ok", "FAIR": "info", "POOR": "warn", "BAD": "danger"}
MAX_TILE_ATTRIBUTES: Final = 2

PLACE_COLUMNS: Final = (
    Column("road", path="road__number", label=_("Tuyến")),
    Column("chainage_m", kind=Kind.KM),
)
STATE_COLUMNS: Final = (
    Column("condition", badge=CONDITION_TONES),
    Column("condition_at", shown=False),
    Column("status", badge=STATUS_TONES, shown=False),
)
KEEPING_COLUMNS: Final = (
    Column("owner_org", path="owner_org__name", label=_("Đơn vị quản lý"), shown=False),
    Column("data_class", shown=False),
    Column("note", shown=False),
    Column("updated_at", shown=False),
)
SHARED_FILTERS: Final = (
    Filter("condition"),
    Filter("status"),
    Filter("area", subtree=True),
    Filter("road", path="road__number", label=_("Số hiệu đường"), kind=FilterKind.TEXT),
    Filter("opened_year"),
    Filter("owner_org", subtree=True),
)


class TypeResource(Resource[Asset]):
    """The register of one type; everything below is filled in by :func:`resource_of`."""

    model = Asset
    kind: ClassVar[AssetType]
    order = "location_key"
    in_palette = False
    bulk = ("status", "condition", "condition_at", "data_class", "owner_org")
    delete = staticmethod(delete_asset)

    def choices_of(self, path: str) -> dict[Any, str]:
        found = choices_at(self.kind.by_name, path)
        return super().choices_of(path) if found is None else found

    def initial_of(self, row: Asset) -> dict[str, Any]:
        return typed_values(self.kind.attributes, super().initial_of(row))


def resource_of(kind: AssetType) -> type[TypeResource]:
    """The register of a type: list, filters, form and files from its attributes."""
    name = "".join(part.capitalize() for part in kind.code.split("_")) + "Resource"
    members: dict[str, Any] = {
        "__module__": __name__,
        "kind": kind,
        "slug": kind.slug,
        "title": label(kind.plural),
        "one": label(kind.name),
        "icon": kind.icon,
        "where": Q(type=kind.code),
        "menu_order": kind.order,
        "menu_group": _category_title(kind.map.category),
        "columns": _columns(kind),
        "filters": (*filters_of(kind.attributes), *SHARED_FILTERS),
        "sections": _sections(kind),
        "form": _form(kind),
        "glance": ("road", "chainage_m", "area", "status", "condition"),
        "layer": kind.slug,
        "importer": kind.slug,
        "create": staticmethod(partial(create_asset, type=kind.code)),
        "update": staticmethod(update_asset),
    }
    return type(name, (TypeResource,), members)


def _title_of(category: str) -> str:
    found = categories.get(category)
    return str(found.title) if found else ""


#: Categories are registered with the layers, after the registers.
_category_title: Final = lazy(_title_of, str)


def _columns(kind: AssetType) -> tuple[Column, ...]:
    place = PLACE_COLUMNS if kind.along_road else ()
    rest = () if kind.along_road else tuple(_hidden(column) for column in PLACE_COLUMNS)
    reach = (Column("to_chainage_m", kind=Kind.KM),) if kind.geometry is Shape.LINE else ()
    return (
        Column("location_key", label=_("Thứ tự theo tuyến"), shown=False, sort=True),
        Column("code", shown=False, sort=True),
        Column("name", link=True, sort=True),
        *place,
        *reach,
        *(column_of(item) for item in kind.attributes),
        Column("area", path="area__name", label=_("Xã, phường")),
        *STATE_COLUMNS,
        Column("opened_year", label=_opened(kind), kind=Kind.TEXT, shown=False, sort=True),
        *rest,
        Column("side", shown=False),
        Column("located_by", shown=False),
        *KEEPING_COLUMNS,
    )


def _hidden(column: Column) -> Column:
    return Column(column.name, path=column.path, label=column.label, kind=column.kind, shown=False)


def _opened(kind: AssetType) -> Label:
    return label(kind.opened_label) if kind.opened_label else ""


_MAIN: Final = Text("Thông số", "Data")


def _sections(kind: AssetType) -> tuple[Section, ...]:
    reach = ("to_chainage_m",) if kind.geometry is Shape.LINE else ()
    groups: Mapping[str, Text] = {"": _MAIN, **kind.sections}
    own = [
        Section(label(title), names)
        for key, title in groups.items()
        if (names := tuple(item.path for item in kind.attributes if item.section == key))
    ]
    return (
        Section(_("Thông tin chung"), ("name", "code", "status", "opened_year")),
        Section(_("Vị trí"), ("road", "chainage_m", *reach, "side", "geom", "area", "located_by")),
        *own,
        Section(_("Tình trạng kỹ thuật"), ("condition", "condition_at")),
        Section(_("Quản lý"), ("owner_org", "data_class", "note", "updated_at")),
    )


def _form(kind: AssetType) -> tuple[FormField | str, ...]:
    reach = (FormField("to_chainage_m", kind="km"),) if kind.geometry is Shape.LINE else ()
    return (
        "code",
        "name",
        "owner_org",
        "data_class",
        FormField("road", label=_("Tuyến đường")),
        FormField("chainage_m", kind="km", help=_("Ghi như Km32+145; để trống nếu chọn điểm.")),
        *reach,
        "side",
        FormField(
            "geom",
            label=_("Tọa độ"),
            kind="point",
            required=False,
            help=_("Chọn trên bản đồ hoặc ghi tọa độ; để trống nếu đã ghi lý trình."),
        ),
        *(form_field_of(item) for item in kind.attributes),
        "status",
        "condition",
        "condition_at",
        FormField("opened_year", label=_opened(kind)),
        "note",
    )


def layer_of(kind: AssetType) -> Layer:
    """The map layer of a type: what still stands, small ones only when zoomed in."""
    look = kind.map
    tile = tuple(item.path for item in kind.attributes if item.tile)[:MAX_TILE_ATTRIBUTES]
    fields = {
        "code": "code",
        "name": "name",
        "road": "road__number",
        "chainage_m": "chainage_m",
        "commune": "area__name",
        "manager": "owner_org__name",
        "status": "status",
        "condition": "condition",
        "condition_at": "condition_at",
        "opened_year": "opened_year",
    }
    own = {item.name: item.path for item in kind.attributes if item.path not in Asset.access.masks}
    zooms: dict[int, Q] = {}
    if look.small_until is not None:
        zooms[look.small_until] = Q(**{f"attributes__{look.large_by}__gte": look.large_from})
    return Layer(
        name=kind.slug,
        title=label(kind.plural),
        category=look.category,
        model=Asset,
        geometry_kind=GeometryKind.LINE if kind.geometry is Shape.LINE else GeometryKind.POINT,
        tile_fields=("name", "condition", *tile),
        fields=fields | own,
        where=Q(type=kind.code) & ~Q(status=Status.REMOVED.value),
        zoom_rule=zooms,
        minzoom=look.minzoom,
        style=Style(color=look.color, radius=look.radius, label_field="name" if look.label else ""),
        order=200 + kind.order,
        detail_url=f"/ql/assets/{kind.slug}/{{id}}/",
    )
