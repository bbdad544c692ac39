"""Reading assets from files: one importer for each type of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from sen.domains.assets.catalogue import AssetType, Shape, asset_types
from sen.domains.assets.data import AssetInput, LonLat
from sen.domains.assets.labels import label
from sen.domains.assets.models import Asset, ConditionChoices
from sen.domains.assets.services import import_assets
from sen.domains.assets.services.undoing import refresh_restored, tell_removed
from sen.domains.network import api as network
from sen.kernel.access.models import DataClassChoices
from sen.kernel.access.scope import Actor
from sen.kernel.imports.attributes import field_of
from sen.kernel.imports.importer import (
    FieldKind,
    Importer,
    ImportField,
    ImportRow,
    MatchOn,
    Outcome,
    register,
)

#: Names of fields that go into the input as they are.
_PLAIN: Final = (
    "code",
    "name",
    "owner_org",
    "area",
    "road",
    "chainage_m",
    "to_chainage_m",
    "side",
    "status",
    "condition",
    "condition_at",
    "opened_year",
    "note",
)
_SHARED: Final = (
    ImportField("code", _("Mã tài sản"), aliases=("ma", "ma_tai_san", "id")),
    ImportField("name", _("Tên"), aliases=("ten", "ten_cong_trinh", "ten_cau", "ten_cong")),
    replace(
        network.OWNER_COLUMN,
        name="owner_org",
        aliases=(*network.OWNER_COLUMN.aliases, "owner"),
        help=_("Mã hoặc tên đơn vị; để trống thì là đơn vị của người nhập."),
    ),
    replace(
        network.AREA_COLUMN,
        label=_("Xã, phường"),
        help=_("Mã hoặc tên; để trống thì tìm theo vị trí."),
    ),
    network.ROAD_COLUMN,
    network.CHAINAGE_COLUMN,
    replace(network.SIDE_COLUMN, choices=dict(network.SideOfRoad.choices)),
    ImportField(
        "status",
        _("Trạng thái"),
        FieldKind.CHOICE,
        aliases=("trang_thai",),
        choices=dict(Asset.Status.choices),
    ),
    ImportField(
        "condition",
        _("Tình trạng kỹ thuật"),
        FieldKind.CHOICE,
        aliases=("tinh_trang",),
        choices=dict(ConditionChoices.choices),
    ),
    ImportField("condition_at", _("Ngày đánh giá"), FieldKind.DATE, aliases=("ngay_danh_gia",)),
    ImportField(
        "opened_year",
        _("Năm đưa vào khai thác"),
        FieldKind.INTEGER,
        aliases=("nam", "nam_khai_thac", "nam_xay_dung", "nam_lap_dat"),
    ),
    ImportField(
        "data_class",
        _("Mức dữ liệu"),
        FieldKind.CHOICE,
        choices={str(value): text for value, text in DataClassChoices.choices},
    ),
    ImportField("note", _("Ghi chú"), aliases=("ghi_chu",)),
)
_REACH: Final = replace(network.TO_COLUMN, name="to_chainage_m")


class AssetImporter(Importer):
    """Reads assets of one type; matches by code, without one by the place on the road."""

    permission = "assets.asset.import"
    shape_required = False
    help = _(
        "Tài sản đã có được nhận ra theo mã; dòng không có mã thì theo loại, tuyến và lý trình "
        "trong phạm vi 10 m. Ô trống giữ nguyên giá trị đang có."
    )
    asset_type: AssetType

    def apply(
        self, *, actor: Actor, rows: Sequence[ImportRow], options: Mapping[str, str]
    ) -> Outcome:
        shapes = _shapes([row.shape for row in rows])
        given = [self._input(row, shape) for row, shape in zip(rows, shapes, strict=True)]
        report, wrong = import_assets(actor=actor, rows=given)
        outcome = Outcome(report.created, report.updated, report.unchanged)
        for draft in wrong:
            for name, text in draft.faults:
                item = self.field_named(name.removeprefix("attributes__"))
                shown = str(item.label) if item else name
                outcome.fault(draft.given.row, shown, text, draft.given.code)
        return outcome

    def before_removal(self, *, actor: Actor, removed: Mapping[type[Any], Sequence[int]]) -> None:
        tell_removed(actor=actor, ids=removed.get(Asset, []))

    def undone(self, *, actor: Actor, restored: Mapping[type[Any], Sequence[int]]) -> None:
        refresh_restored(actor=actor, ids=restored.get(Asset, []))

    def _input(self, row: ImportRow, shape: dict[str, Any]) -> AssetInput:
        values = {name: row.values.get(name) for name in _PLAIN}
        given: dict[str, Any] = {k: v for k, v in values.items() if v is not None}
        level = row.values.get("data_class")
        return AssetInput(
            type=self.asset_type.code,
            **({"status": ""} | given),
            **shape,
            data_class=None if level is None else int(level),
            attributes={
                name: row.values[name]
                for name in self.asset_type.by_name
                if row.values.get(name) is not None
            },
            row=row.number,
        )


def _shapes(given: Sequence[bytes | None]) -> list[dict[str, Any]]:
    """The position or line of each row; all are read at once."""
    import numpy as np
    import shapely

    points, owners = shapely.get_coordinates(
        shapely.from_wkb(np.array(given, dtype=object)), return_index=True
    )
    found: list[list[LonLat]] = [[] for _row in given]
    for (x, y), owner in zip(points.tolist(), owners.tolist(), strict=True):
        found[owner].append((x, y))
    return [
        {} if not spots else {"position": spots[0]} if len(spots) == 1 else {"line": spots}
        for spots in found
    ]


def importer_of(kind: AssetType) -> type[AssetImporter]:
    """The importer of a type, under the name of its register."""
    reach = (_REACH,) if kind.geometry is Shape.LINE else ()
    members: dict[str, Any] = {
        "__module__": __name__,
        "kind": kind.slug,
        "title": label(kind.plural),
        "asset_type": kind,
        "fields": (*_SHARED, *reach, *(field_of(item) for item in kind.attributes)),
        "shapes": frozenset({kind.geometry.value}),
        "match_on": MatchOn(Asset, {"type": kind.code}),
    }
    return type(f"{kind.code.title().replace('_', '')}Importer", (AssetImporter,), members)


for asset_type in asset_types:
    register(importer_of(asset_type))
