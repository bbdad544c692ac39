"""Registers of rasters and of layers of others."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.imagery.models import Overlay, Raster
from sen.domains.imagery.services import (
    create_overlay,
    delete_overlay,
    delete_raster,
    update_overlay,
    update_raster,
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

_LOOKS = (
    FormField("opacity", help=_("Từ 0 (trong suốt) đến 1.")),
    FormField("layer_order", help=_("Số lớn nằm trên.")),
)


@register
class RasterResource(Resource[Raster]):
    model = Raster
    slug = "rasters"
    title = _("Ảnh nền")
    one = _("ảnh")
    icon = "image"
    menu_order = 1
    columns = (
        Column("name", link=True, sort=True),
        Column("kind", sort=True),
        Column("taken_on", sort=True),
        Column("resolution_m", unit="m"),
        Column(
            "state",
            sort=True,
            badge={"READY": "ok", "QUEUED": "info", "FAILED": "danger", "PLACE": "warn"},
        ),
        Column("source"),
        Column("licence", shown=False),
        Column("srid", shown=False),
        Column("width_px", label=_("Rộng (điểm ảnh)"), shown=False),
        Column("height_px", label=_("Cao (điểm ảnh)"), shown=False),
        Column("method", shown=False),
        Column("rms_m", unit="m", shown=False),
        Column("file_name", shown=False),
        Column("error", shown=False),
        Column("remark", shown=False),
        Column("opacity", shown=False),
        Column("layer_order", shown=False),
        Column("area", "area__name", label=_("Địa bàn"), shown=False),
        Column("owner_org", "owner_org__name", label=_("Đơn vị quản lý"), shown=False),
    )
    filters = (
        Filter("kind"),
        Filter("state"),
        Filter("taken_on"),
        Filter("resolution_m", kind=FilterKind.RANGE, unit="m"),
        Filter("area", subtree=True),
        Filter("owner_org", subtree=True),
    )
    sections = (
        Section(_("Ảnh"), ("kind", "taken_on", "source", "licence", "remark", "file_name")),
        Section(
            _("Vị trí và độ phân giải"),
            ("srid", "resolution_m", "width_px", "height_px", "method", "rms_m"),
        ),
        Section(_("Quản lý"), ("state", "error", "opacity", "layer_order", "area", "owner_org")),
    )
    form = (
        "name", "kind", FormField("taken_on"), "source", "licence", "remark", *_LOOKS,
        "owner_org", "area", "data_class",
    )  # fmt: skip
    order = "-taken_on"
    code_path = "file_name"
    layer = "raster-footprints"
    update = staticmethod(update_raster)
    delete = staticmethod(delete_raster)


@register
class OverlayResource(Resource[Overlay]):
    model = Overlay
    slug = "overlays"
    title = _("Lớp bản đồ ngoài")
    one = _("lớp")
    icon = "layers-2"
    menu_order = 3
    columns = (
        Column("name", link=True, sort=True),
        Column("protocol"),
        Column("layer"),
        Column("attribution"),
        Column("url", shown=False),
        Column("style", shown=False),
        Column("crs", shown=False),
        Column("licence", shown=False),
        Column("opacity", shown=False),
        Column("layer_order", shown=False),
        Column("minzoom", shown=False),
        Column("maxzoom", shown=False),
        Column("area", "area__name", label=_("Địa bàn"), shown=False),
        Column("owner_org", "owner_org__name", label=_("Đơn vị quản lý"), shown=False),
    )
    filters = (Filter("protocol"), Filter("area", subtree=True), Filter("owner_org", subtree=True))
    sections = (
        Section(_("Dịch vụ"), ("protocol", "url", "layer", "style", "crs")),
        Section(_("Sử dụng"), ("attribution", "licence")),
        Section(
            _("Trên bản đồ"), ("opacity", "layer_order", "minzoom", "maxzoom", "area", "owner_org")
        ),
    )
    form = (
        "name",
        "protocol",
        FormField("url", help=_("Ví dụ https://gis.so-abc.gov.vn/wms")),
        FormField("layer", help=_("Để trống khi dịch vụ chỉ có một lớp.")),
        "style",
        FormField("attribution", required=False),
        "licence",
        *_LOOKS,
        "minzoom",
        "maxzoom",
        "owner_org",
        "area",
        "data_class",
    )
    order = "name"
    code_path = "layer"
    create = staticmethod(create_overlay)
    update = staticmethod(update_overlay)
    delete = staticmethod(delete_overlay)

    def form_fields_for(self, actor: Actor, row: Overlay | None) -> tuple[FormField, ...]:
        """The protocol of a layer stays."""
        fields = super().form_fields_for(actor, row)
        return tuple(item for item in fields if row is None or item.name != "protocol")
