"""The form field of a place that is more than a point: drawn on the map or written as text."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from django import forms
from django.contrib.gis.geos import GEOSGeometry, MultiLineString, MultiPolygon
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.kernel.geo.layers import GeometryKind

#: Kinds of shape by the ``kind`` of a declared form field.
KINDS: Final[dict[str, tuple[GeometryKind, ...]]] = {
    "line": (GeometryKind.LINE,),
    "polygon": (GeometryKind.POLYGON,),
    "shape": tuple(GeometryKind),
}
_HELP: Final = gettext_lazy(
    "Vẽ trên bản đồ, hoặc dán WKT, GeoJSON, hoặc ghi mỗi dòng một tọa độ WGS 84 hay VN-2000."
)


class ShapeField(forms.CharField):
    """A line, an area, or any shape; ``stored`` names the type of the column that takes it."""

    def __init__(
        self, *, kinds: Collection[GeometryKind], stored: str = "GEOMETRY", **options: Any
    ) -> None:
        widget = forms.Textarea(
            attrs={
                "rows": 4,
                "spellcheck": "false",
                "data-pick": kinds_of(kinds),
                "data-pick-format": "wkt",
            }
        )
        options.setdefault("help_text", _HELP)
        super().__init__(widget=widget, **options)
        self.kinds, self.stored = tuple(kinds), stored

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, GEOSGeometry):
            return value
        from sen.kernel.geo.shapes import write_shape

        return write_shape(value)

    def clean(self, value: Any) -> Any:
        # Shapely is heavy, and most pages of registers read no shape.
        from sen.kernel.geo.shapes import ShapeError, checked, read_shape

        try:
            if isinstance(value, GEOSGeometry):
                return self._as_stored(checked(value, self.kinds))
            text = super().clean(value)
            return self._as_stored(read_shape(text, self.kinds)) if text else None
        except ShapeError as error:
            raise ValidationError(str(error)) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        """The text of a shape is rounded: one that was sent back as shown was not changed."""
        shown = self.prepare_value(initial) or ""
        given = self.prepare_value(data) or ""
        return str(shown).split() != str(given).split()

    def _as_stored(self, shape: GEOSGeometry) -> GEOSGeometry:
        kind = shape.geom_type.upper()
        if self.stored in ("GEOMETRY", kind):
            return shape
        if self.stored == f"MULTI{kind}":
            maker = MultiPolygon if kind == "POLYGON" else MultiLineString
            return maker(shape, srid=shape.srid)
        raise ValidationError(_("Chỗ này cần hình liền một phần; hình đã vẽ có nhiều phần rời."))


def kinds_of(kinds: Collection[GeometryKind]) -> str:
    """What ``<sen-map geometry>`` draws."""
    return next(iter(kinds)).value if len(kinds) == 1 else "any"
