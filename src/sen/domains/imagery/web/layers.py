"""Rasters and layers of others on the map; footprints of rasters as a layer of their own."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.domains.imagery.choices import RasterState
from sen.domains.imagery.models import Overlay, Raster
from sen.domains.imagery.selectors import health_of, overlays, shown_rasters
from sen.kernel.access.scope import Actor
from sen.kernel.geo.layers import Category, GeometryKind, Layer, Style, add_layer, categories
from sen.kernel.geo.pictures import Picture, Sheet, pictures

categories.add("imagery", Category("imagery", gettext_lazy("Ảnh và bản đồ nền")))

add_layer(
    Layer(
        name="raster-footprints",
        title=gettext_lazy("Phạm vi ảnh"),
        category="imagery",
        model=Raster,
        geometry_kind=GeometryKind.POLYGON,
        tile_fields=("name",),
        fields={
            "name": "name",
            "kind": "kind",
            "taken_on": "taken_on",
            "resolution_m": "resolution_m",
            "source": "source",
            "licence": "licence",
        },
        where=Q(state=RasterState.READY.value),
        minzoom=7,
        style=Style(color="#7a4fa3", opacity=0.05, width=1.4, label_field="name"),
        detail_url="/tra-cuu/imagery/rasters/{id}/",
        visible=False,
    )
)


def rasters_on_map(actor: Actor) -> list[Picture]:
    """The rasters that are ready, the newest on top."""
    return [raster_picture(row) for row in shown_rasters(actor)]


def raster_picture(row: Raster) -> Picture:
    from sen.domains.imagery.adapters.painting import zooms

    west, south, east, north = row.geom.extent if row.geom else (-180.0, -85.0, 180.0, 85.0)
    _low, most = zooms(row.resolution_m or 1, (south + north) / 2)
    sha256 = row.cog.sha256 if row.cog else ""

    def paint(sheet: Sheet) -> bytes | None:
        from sen.domains.imagery.adapters.painting import sheet_picture

        return sheet_picture(sha256, row.srid or 4326, sheet)

    return Picture(
        id=f"raster-{row.pk}",
        title=row.name,
        group=row.get_kind_display(),
        tiles=f"/hinh-anh/{row.pk}/{sha256[:8]}/{{z}}/{{x}}/{{y}}.webp",
        paint=paint,
        bounds=(west, south, east, north),
        minzoom=5,
        maxzoom=most,
        opacity=row.opacity,
        order=row.layer_order,
        attribution=row.source,
        date=row.taken_on.isoformat() if row.taken_on else "",
        detail_url=f"/tra-cuu/imagery/rasters/{row.pk}/",
    )


def overlays_on_map(actor: Actor) -> list[Picture]:
    """Layers of others with what is known of their health."""
    rows = list(overlays(actor).order_by("layer_order", "id"))
    health = health_of(row.pk for row in rows)
    return [overlay_picture(row, health[row.pk].error if row.pk in health else "") for row in rows]


def overlay_picture(row: Overlay, error: str) -> Picture:
    def paint(sheet: Sheet) -> bytes | None:
        from sen.domains.imagery.adapters.relaying import sheet_picture

        return sheet_picture(row, sheet)

    return Picture(
        id=f"overlay-{row.pk}",
        title=row.name,
        group=_("Dịch vụ bản đồ ngoài"),
        tiles=f"/lop-ngoai/{row.pk}/{row.version}/{{z}}/{{x}}/{{y}}",
        paint=paint,
        bounds=(row.bounds[0], row.bounds[1], row.bounds[2], row.bounds[3]) if row.bounds else None,
        minzoom=row.minzoom,
        maxzoom=row.maxzoom,
        opacity=row.opacity,
        order=row.layer_order,
        attribution=row.attribution,
        remark=_("Không trả lời: %(why)s") % {"why": error} if error else "",
        info_url=f"/lop-ngoai/{row.pk}/thong-tin" if row.info_format else "",
        legend_url=f"/lop-ngoai/{row.pk}/chu-giai" if row.legend else "",
        detail_url=f"/tra-cuu/imagery/overlays/{row.pk}/",
    )


pictures.add("imagery.rasters", rasters_on_map)
pictures.add("imagery.overlays", overlays_on_map)
