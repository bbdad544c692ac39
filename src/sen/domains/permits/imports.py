"""Reading permits from files: one importer for each kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from sen.domains.network import api as network
from sen.domains.permits.data import PermitInput
from sen.domains.permits.kinds import PermitKind, permit_kinds
from sen.domains.permits.models import Permit
from sen.domains.permits.services import bulk_put_permits
from sen.kernel.access.scope import Actor
from sen.kernel.attributes.labels import label
from sen.kernel.imports.attributes import field_of
from sen.kernel.imports.importer import (
    FieldKind,
    Importer,
    ImportField,
    ImportRow,
    Outcome,
    register,
)

_PLAIN: Final = (
    "name",
    "holder",
    "owner_org",
    "area",
    "number",
    "road",
    "from_m",
    "to_m",
    "side",
    "route",
    "received_at",
    "issued_at",
    "valid_from",
    "valid_to",
    "status",
    "conditions",
)
_SHARED: Final = (
    ImportField("code", _("Mã hồ sơ"), required=True, aliases=("ma", "ma_ho_so"), longest=60),
    ImportField("name", _("Nội dung"), aliases=("noi_dung", "ten"), longest=300),
    ImportField(
        "holder",
        _("Mã chủ giấy phép"),
        aliases=("chu_giay_phep", "ma_don_vi", "to_chuc"),
        help=_("Mã trong danh mục tổ chức, cá nhân."),
    ),
    ImportField("owner_org", _("Cơ quan cấp phép"), aliases=("co_quan", "don_vi_cap")),
    ImportField("area", _("Địa bàn"), aliases=("dia_ban", "xa", "phuong")),
    ImportField("number", _("Số giấy phép"), aliases=("so", "so_giay_phep"), longest=60),
    ImportField("received_at", _("Ngày nhận hồ sơ"), FieldKind.DATE, aliases=("ngay_nhan",)),
    ImportField("issued_at", _("Ngày cấp"), FieldKind.DATE, aliases=("ngay_cap",)),
    ImportField("valid_from", _("Hiệu lực từ"), FieldKind.DATE, aliases=("tu_ngay",)),
    ImportField("valid_to", _("Hiệu lực đến hết ngày"), FieldKind.DATE, aliases=("den_ngay",)),
    ImportField(
        "status",
        _("Trạng thái"),
        FieldKind.CHOICE,
        aliases=("trang_thai",),
        choices=dict(Permit.Status.choices),
    ),
    ImportField("conditions", _("Điều kiện kèm theo"), aliases=("dieu_kien",)),
)
_ON_ROAD: Final = (
    network.ROAD_COLUMN,
    network.FROM_COLUMN,
    network.TO_COLUMN,
    network.SIDE_COLUMN,
)
_ROUTE: Final = (
    ImportField(
        "route",
        _("Lộ trình"),
        aliases=("lo_trinh", "tuyen_duong"),
        help=_("Các đoạn cách nhau bằng dấu chấm phẩy: QL.30 Km0+000 - Km20+500; ĐT.844"),
    ),
)


class PermitImporter(Importer):
    """Reads permits of one kind; matches by the code of the file."""

    permission = "permits.permit.import"
    key = "code"
    shapes = frozenset({"point"})
    shape_required = False
    help = _("Giấy phép đã có được nhận ra theo mã hồ sơ; ô trống giữ nguyên giá trị đang có.")
    permit_kind: PermitKind

    def apply(
        self, *, actor: Actor, rows: Sequence[ImportRow], options: Mapping[str, str]
    ) -> Outcome:
        done = bulk_put_permits(actor=actor, rows=[self._input(row) for row in rows])
        outcome = Outcome(done.created, done.updated, done.unchanged)
        for number, name, text in done.faults:
            item = self.field_named(name)
            outcome.fault(number, str(item.label) if item else name, text)
        return outcome

    def _input(self, row: ImportRow) -> PermitInput:
        given = {n: v for n in _PLAIN if (v := row.values.get(n)) is not None}
        return PermitInput(
            kind=self.permit_kind.code,
            code=str(row.values.get("code") or ""),
            position=_position(row.shape),
            attributes={
                name: row.values[name]
                for name in self.permit_kind.by_name
                if row.values.get(name) is not None
            },
            row=row.number,
            **given,
        )


def _position(wkb: bytes | None) -> tuple[float, float] | None:
    if wkb is None:
        return None
    import shapely

    point = shapely.from_wkb(wkb).centroid
    return point.x, point.y


def importer_of(kind: PermitKind) -> type[PermitImporter]:
    """The importer of a kind, under the name of its register."""
    place = _ROUTE if kind.is_route else _ON_ROAD
    members: dict[str, Any] = {
        "__module__": __name__,
        "kind": f"permits-{kind.slug}",
        "title": label(kind.short),
        "permit_kind": kind,
        "fields": (*_SHARED, *place, *(field_of(item) for item in kind.attributes)),
    }
    return type(f"{kind.code.title().replace('_', '')}Importer", (PermitImporter,), members)


for permit_kind in permit_kinds:
    register(importer_of(permit_kind))
