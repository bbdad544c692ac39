from __future__ import annotations

from django.apps import AppConfig


class TilesAppConfig(AppConfig):
    name = "tiles_app"
    default = True

    def ready(self) -> None:
        from sen.kernel.geo.layers import GeometryKind, Layer, Style, add_layer
        from tiles_app.models import Road, Zone

        roads = ("code", "name", "road_class", "surface", "lanes", "width_m", "commune", "status")
        zones = ("plan_code", "land_use", "far", "max_floors", "density", "commune", "status")
        add_layer(
            Layer(
                name="road",
                title="Đường",
                category="bench",
                model=Road,
                geometry_kind=GeometryKind.LINE,
                tile_fields=("name", "road_class", "status"),
                fields={name: name for name in (*roads, "km_from", "km_to", "updated_at")},
                style=Style(color="#888888"),
            )
        )
        add_layer(
            Layer(
                name="zone",
                title="Ô quy hoạch",
                category="bench",
                model=Zone,
                geometry_kind=GeometryKind.POLYGON,
                tile_fields=("land_use", "status"),
                fields={name: name for name in (*zones, "decision", "updated_at")},
                style=Style(color="#888888"),
            )
        )
