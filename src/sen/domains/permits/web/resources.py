"""A register for each kind of permits, one over all, and what was done with them."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sen.domains.permits.kinds import PermitKind, Place, permit_kinds
from sen.domains.permits.models import Permit, PermitAct
from sen.domains.permits.rules import is_open
from sen.domains.permits.selectors import legs_of
from sen.domains.permits.services import delete_permit, receive_permit, update_permit
from sen.domains.permits.web.texts import route_text
from sen.kernel.attributes.labels import label
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
    Resource,
    Section,
    register,
)

STATUS_TONES: Final = {
    "RECEIVED": "info",
    "ISSUED": "ok",
    "REFUSED": "",
    "EXPIRED": "warn",
    "REVOKED": "danger",
    "CLOSED": "",
}
RESULT_TONES: Final = {"GOOD": "ok", "TO_MEND": "warn", "STOPPED": "danger"}
_HEAD: Final = (
    Column("code", sort=True, shown=False),
    Column("number", sort=True),
    Column("name", link=True, sort=True),
    Column("holder", path="holder__name", label=_("Chủ giấy phép")),
    Column("road", path="road__number", label=_("Tuyến")),
    Column("from_m", kind=Kind.KM),
    Column("to_m", kind=Kind.KM, shown=False),
)
_TAIL: Final = (
    Column("status", badge=STATUS_TONES),
    Column("received_at", sort=True, shown=False),
    Column("due_at", sort=True, shown=False),
    Column("issued_at", shown=False),
    Column("valid_from", shown=False),
    Column("valid_to", sort=True),
    Column("closed_at", shown=False),
    Column("side", shown=False),
    Column("asset", path="asset__name", label=_("Công trình liên quan"), shown=False),
    Column("signer", shown=False),
    Column("conditions", shown=False),
    Column("fee_vnd", kind=Kind.MONEY, unit="đ", shown=False),
    Column("area", path="area__name", label=_("Địa bàn"), shown=False),
    Column("owner_org", path="owner_org__name", label=_("Cơ quan cấp phép"), shown=False),
    Column("data_class", shown=False),
    Column("updated_at", shown=False),
)
_ROUTE_COLUMNS: Final = (
    Column("obstacles", shown=False),
    Column("measures", shown=False),
)
_FILTERS: Final = (
    Filter("status"),
    Filter("road", path="road__number", label=_("Số hiệu đường"), kind=FilterKind.TEXT),
    Filter("holder", path="holder__name", label=_("Chủ giấy phép"), kind=FilterKind.TEXT),
    Filter("received_at"),
    Filter("due_at"),
    Filter("valid_to"),
    Filter("area", subtree=True),
    Filter("owner_org", subtree=True),
)
GROUP: Final = _("Theo loại giấy phép")


class KindResource(Resource[Permit]):
    """The register of one kind; the rest is filled in by :func:`resource_of`."""

    model = Permit
    kind: ClassVar[PermitKind]
    order = "-received_at"
    in_palette = False
    menu_group = GROUP
    delete = staticmethod(delete_permit)
    update = staticmethod(update_permit)

    def choices_of(self, path: str) -> dict[Any, str]:
        found = choices_at(self.kind.by_name, path)
        return super().choices_of(path) if found is None else found

    def takes(self, row: Permit, act: str) -> bool:
        return act not in ("change", "delete") or is_open(row.status)

    def initial_of(self, row: Permit) -> dict[str, Any]:
        values = typed_values(self.kind.attributes, super().initial_of(row))
        if self.kind.is_route:
            values["route"] = route_text(legs_of(row))
        return values


def resource_of(kind: PermitKind) -> type[KindResource]:
    """The register of a kind: list, filters, form and files from its attributes."""
    own = _ROUTE_COLUMNS if kind.is_route else ()
    members: dict[str, Any] = {
        "__module__": __name__,
        "kind": kind,
        "slug": kind.slug,
        "title": label(kind.short),
        "one": label(kind.short),
        "icon": kind.icon,
        "where": Q(kind=kind.code),
        "menu_order": 20 + int(kind.group[1:]),
        "columns": (*_HEAD, *(column_of(item) for item in kind.attributes), *own, *_TAIL),
        "filters": (*_FILTERS, *filters_of(kind.attributes)),
        "sections": _sections(kind),
        "form": _form(kind),
        "layer": "permits-lines" if kind.place is not Place.POINT else "permits",
        "importer": f"permits-{kind.slug}",
        "create": staticmethod(partial(receive_permit, kind=kind.code)),
    }
    name = "".join(part.capitalize() for part in kind.code.split("_"))
    return type(f"{name}PermitResource", (KindResource,), members)


def _sections(kind: PermitKind) -> tuple[Section, ...]:
    place = () if kind.is_route else ("road", "from_m", "to_m", "side", "geom")
    own = ("obstacles", "measures") if kind.is_route else ()
    return (
        Section(_("Giấy phép"), ("name", "code", "number", "holder", "status", "conditions")),
        Section(
            _("Thời hạn"),
            ("received_at", "due_at", "issued_at", "valid_from", "valid_to", "closed_at"),
        ),
        Section(_("Thông số"), (*(item.path for item in kind.attributes), *own)),
        Section(_("Vị trí"), (*place, "asset", "area")),
        Section(_("Quản lý"), ("owner_org", "signer", "fee_vnd", "data_class", "updated_at")),
    )


def _form(kind: PermitKind) -> tuple[FormField | str, ...]:
    return (
        FormField("name", required=True),
        FormField("code", required=False, help=_("Để trống thì hệ thống đặt.")),
        "holder",
        "owner_org",
        *_place_fields(kind),
        FormField("area", required=False, help=_("Để trống thì tìm theo vị trí.")),
        *(form_field_of(item) for item in kind.attributes),
        "received_at",
        "valid_from",
        "valid_to",
        "conditions",
        "data_class",
    )


def _place_fields(kind: PermitKind) -> tuple[FormField | str, ...]:
    if kind.is_route:
        route = FormField(
            "route",
            label=_("Lộ trình"),
            kind="text",
            required=True,
            help=_(
                "Các đoạn theo thứ tự, cách nhau bằng dấu chấm phẩy: "
                "QL.30 Km0+000 - Km20+500; ĐT.844"
            ),
        )
        return (route,)
    reach = (FormField("to_m", kind="km"),) if kind.place is Place.STRETCH else ()
    return (
        FormField("road", label=_("Tuyến đường")),
        FormField("from_m", kind="km", help=_("Ghi như Km32+145; để trống nếu chọn điểm.")),
        *reach,
        "side",
        FormField("geom", label=_("Tọa độ"), kind="point", required=False),
    )


@register
class AllPermitsResource(Resource[Permit]):
    """Every permit whatever its kind; its page is the one in the register of its kind."""

    model = Permit
    slug = "all"
    title = _("Tất cả giấy phép")
    one = _("giấy phép")
    icon = "file-check"
    menu_order = 5
    kind_path = "kind"
    columns = (Column("kind"), *_HEAD, *_TAIL)
    filters = (Filter("kind"), *_FILTERS)
    order = "-received_at"


for permit_kind in permit_kinds:
    register(resource_of(permit_kind))


@register
class ActResource(Resource[PermitAct]):
    model = PermitAct
    slug = "acts"
    title = _("Diễn biến, kiểm tra hiện trường")
    one = _("diễn biến")
    icon = "clipboard-check"
    menu_order = 10
    in_palette = False
    columns = (
        Column("code", sort=True, shown=False),
        Column("done_at", sort=True),
        Column("kind", link=True),
        Column("permit", path="permit__number", label=_("Số giấy phép")),
        Column("permit_name", path="permit__name", label=_("Nội dung giấy phép")),
        Column("result", badge=RESULT_TONES),
        Column("number", shown=False),
        Column("person"),
        Column("note"),
        Column("mend_by"),
        Column("valid_to", shown=False),
        Column("owner_org", path="owner_org__name", label=_("Cơ quan cấp phép"), shown=False),
        Column("updated_at", shown=False),
    )
    filters = (
        Filter("kind"),
        Filter("result"),
        Filter("done_at"),
        Filter("mend_by"),
        Filter("area", subtree=True),
        Filter("owner_org", subtree=True),
    )
    order = "-done_at"
    label_path = "code"
