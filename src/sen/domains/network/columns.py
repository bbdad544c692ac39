"""Columns that files of this and of other domains share: whose, where, on which road.

An importer takes them as they are or with `dataclasses.replace`, so that one header is understood
alike everywhere.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from sen.kernel.imports.importer import FieldKind, ImportField

OWNER_COLUMN: Final = ImportField(
    "owner",
    _("Đơn vị quản lý"),
    aliases=("owner_org", "don_vi", "co_quan_quan_ly", "managing_authority", "manager"),
)
AREA_COLUMN: Final = ImportField(
    "area", _("Địa bàn"), aliases=("xa", "phuong", "xa_phuong", "dia_ban", "ma_xa", "commune")
)
ROAD_COLUMN: Final = ImportField(
    "road",
    _("Tuyến"),
    aliases=("tuyen", "tuyen_duong", "ma_tuyen", "so_hieu", "duong", "road_code", "road__code"),
)
CHAINAGE_COLUMN: Final = ImportField(
    "chainage_m", _("Lý trình"), FieldKind.KM, aliases=("ly_trinh", "km", "chainage")
)
FROM_COLUMN: Final = ImportField(
    "from_m",
    _("Từ lý trình"),
    FieldKind.KM,
    aliases=("tu_km", "km_dau", "from", "from_km", "ly_trinh_dau"),
)
TO_COLUMN: Final = ImportField(
    "to_m",
    _("Đến lý trình"),
    FieldKind.KM,
    aliases=("den_km", "km_cuoi", "to", "to_km", "ly_trinh_cuoi", "den_ly_trinh"),
)
SIDE_COLUMN: Final = ImportField("side", _("Bên đường"), FieldKind.CHOICE, aliases=("ben", "phia"))
