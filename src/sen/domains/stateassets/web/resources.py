"""The registers of `stateassets`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from sen.domains.stateassets.models import Book, Card, Charge, Movement
from sen.domains.stateassets.services import create_card, record_movement, update_card
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

STATUS_TONES = {"PROPOSED": "warn", "ACTIVE": "ok", "CLOSED": ""}
BOOK_TONES = {"OPEN": "warn", "CLOSED": "ok"}
KEEPING = (
    Column("owner_org", path="owner_org__name", label=_("Đơn vị quản lý")),
    Column("area", path="area__name", label=_("Địa bàn"), shown=False),
    Column("data_class", shown=False),
    Column("updated_at", shown=False),
)
_OPENING = (
    FormField("construction_vnd", label=_("Chi phí xây dựng"), kind="integer", unit="đ"),
    FormField("equipment_vnd", label=_("Chi phí thiết bị"), kind="integer", unit="đ"),
    FormField(
        "clearance_vnd",
        label=_("Chi phí bồi thường, giải phóng mặt bằng"),
        kind="integer",
        unit="đ",
    ),
    FormField("other_vnd", label=_("Chi phí khác"), kind="integer", unit="đ"),
    FormField(
        "accumulated_vnd",
        label=_("Hao mòn lũy kế khi ghi sổ"),
        kind="integer",
        unit="đ",
        help=_("Phần đã hao mòn trước ngày ghi sổ."),
    ),
    FormField("document", label=_("Số chứng từ"), kind="text", required=True),
    FormField("document_date", label=_("Ngày chứng từ"), kind="date"),
)
_NAMES_OF_OPENING = frozenset(item.name for item in _OPENING)


@register
class CardResource(Resource[Card]):
    model = Card
    slug = "cards"
    title = _("Thẻ tài sản")
    one = _("thẻ tài sản")
    icon = "landmark"
    palette_derived = True
    menu_order = 10
    importer = "state-asset-cards"
    columns = (
        Column("code", link=True, sort=True),
        Column("name", link=True, sort=True),
        Column("kind"),
        Column("status", badge=STATUS_TONES),
        Column("original_vnd", kind=Kind.MONEY, unit="đ", sort=True),
        Column("accumulated_vnd", kind=Kind.MONEY, unit="đ"),
        Column("residual_vnd", kind=Kind.MONEY, unit="đ", sort=True),
        Column("in_use_at", sort=True, shown=False),
        Column("recorded_at", shown=False),
        Column("charged_through", kind=Kind.TEXT, shown=False),
        Column("origin", shown=False),
        Column("road", path="road__name", label=_("Tuyến đường"), shown=False),
        Column("from_m", kind=Kind.KM, shown=False),
        Column("to_m", kind=Kind.KM, shown=False),
        Column("quantity", shown=False),
        Column("unit", shown=False),
        Column("closed_at", shown=False),
        Column("note", shown=False),
        *KEEPING,
    )
    filters = (
        Filter("kind"),
        Filter("status"),
        Filter("origin"),
        Filter("in_use_at"),
        Filter("original_vnd", unit="đ"),
        Filter("residual_vnd", unit="đ"),
        Filter("area", subtree=True),
        Filter("owner_org", subtree=True),
    )
    sections = (
        Section(_("Giá trị"), ("original_vnd", "accumulated_vnd", "residual_vnd", "status")),
        Section(
            _("Tài sản"),
            ("code", "name", "kind", "origin", "road", "from_m", "to_m", "quantity", "unit"),
        ),
        Section(_("Ghi sổ"), ("in_use_at", "recorded_at", "charged_through", "closed_at", "note")),
        Section(_("Quản lý"), ("owner_org", "area", "data_class", "updated_at")),
    )
    form = (
        "code",
        FormField(
            "asset_code",
            label=_("Mã công trình"),
            kind="text",
            help=_("Của danh mục tài sản; tên, đơn vị, địa bàn được lấy theo nếu để trống."),
        ),
        FormField("road_code", label=_("Mã tuyến đường"), kind="text"),
        FormField("from_m", kind="km"),
        FormField("to_m", kind="km"),
        FormField("name", required=False),
        FormField("kind", required=False),
        "origin",
        "quantity",
        "unit",
        "in_use_at",
        "recorded_at",
        "charged_through",
        *_OPENING,
        FormField("owner_org", required=False),
        FormField("area", required=False),
        "data_class",
        "note",
    )
    order = "code"
    create = staticmethod(create_card)
    update = staticmethod(update_card)

    def form_fields_for(self, actor: Actor, row: Card | None) -> tuple[FormField, ...]:
        """Amounts of a card that exists come by movements."""
        found = super().form_fields_for(actor, row)
        return found if row is None else tuple(f for f in found if f.name not in _NAMES_OF_OPENING)

    def initial_of(self, row: Card) -> dict[str, Any]:
        subject = {
            "asset_code": row.asset.code if row.asset else "",
            "road_code": row.road.code if row.road and not row.asset else "",
        }
        return super().initial_of(row) | subject


@register
class MovementResource(Resource[Movement]):
    model = Movement
    slug = "movements"
    title = _("Biến động tài sản")
    one = _("biến động")
    icon = "arrow-left-right"
    menu_order = 20
    in_palette = False
    columns = (
        Column("on", link=True, sort=True),
        Column("kind"),
        Column("card", path="card__code", label=_("Số thẻ")),
        Column("card_name", path="card__name", label=_("Tài sản")),
        Column("original_vnd", kind=Kind.MONEY, unit="đ", sort=True),
        Column("accumulated_vnd", kind=Kind.MONEY, unit="đ"),
        Column("construction_vnd", kind=Kind.MONEY, unit="đ", shown=False),
        Column("equipment_vnd", kind=Kind.MONEY, unit="đ", shown=False),
        Column("clearance_vnd", kind=Kind.MONEY, unit="đ", shown=False),
        Column("other_vnd", kind=Kind.MONEY, unit="đ", shown=False),
        Column("document"),
        Column("document_date", shown=False),
        Column("note", shown=False),
        *KEEPING,
    )
    filters = (
        Filter("kind"),
        Filter("on"),
        Filter("card_kind", path="card__kind", label=_("Loại tài sản")),
        Filter("area", subtree=True),
        Filter("owner_org", subtree=True),
    )
    sections = (
        Section(_("Biến động"), ("card", "card_name", "kind", "on", "note")),
        Section(_("Số tiền"), ("original_vnd", "construction_vnd", "equipment_vnd",
                               "clearance_vnd", "other_vnd", "accumulated_vnd")),
        Section(_("Chứng từ"), ("document", "document_date")),
        Section(_("Quản lý"), ("owner_org", "area", "data_class", "updated_at")),
    )  # fmt: skip
    form = (
        FormField("card_code", label=_("Số thẻ"), kind="text", required=True),
        "kind",
        "on",
        FormField("construction_vnd", unit="đ", required=False),
        FormField("equipment_vnd", unit="đ", required=False),
        FormField("clearance_vnd", unit="đ", required=False),
        FormField("other_vnd", unit="đ", required=False),
        FormField(
            "accumulated_vnd",
            unit="đ",
            required=False,
            help=_("Để trống khi thanh lý, bàn giao hoặc tháo dỡ: được tính theo thẻ."),
        ),
        "document",
        "document_date",
        "note",
    )
    order = "-on"
    label_path = code_path = "document"
    create = staticmethod(record_movement)


@register
class ChargeResource(Resource[Charge]):
    model = Charge
    slug = "charges"
    title = _("Hao mòn theo năm")
    one = _("dòng hao mòn")
    icon = "trending-down"
    menu_order = 30
    in_palette = False
    search = False
    columns = (
        Column("year", kind=Kind.TEXT, link=True, sort=True),
        Column("card", path="card__code", label=_("Số thẻ")),
        Column("card_name", path="card__name", label=_("Tài sản")),
        Column("card_kind", path="card__kind", label=_("Loại tài sản"), shown=False),
        Column("original_vnd", kind=Kind.MONEY, unit="đ"),
        Column("rate_pct", unit="%"),
        Column("amount_vnd", kind=Kind.MONEY, unit="đ", sort=True),
        Column("accumulated_vnd", kind=Kind.MONEY, unit="đ"),
        *KEEPING,
    )
    filters = (
        Filter("year"),
        Filter("card_kind", path="card__kind", label=_("Loại tài sản")),
        Filter("area", subtree=True),
        Filter("owner_org", subtree=True),
    )
    order = "-year"
    label_path = code_path = "card__code"


@register
class BookResource(Resource[Book]):
    model = Book
    slug = "books"
    title = _("Sổ tài sản theo năm")
    one = _("sổ tài sản")
    icon = "book-lock"
    menu_order = 40
    in_palette = False
    search = False
    columns = (
        Column("year", kind=Kind.TEXT, link=True, sort=True),
        Column("owner_org", path="owner_org__name", label=_("Đơn vị quản lý")),
        Column("status", badge=BOOK_TONES),
        Column("cards"),
        Column("charged_vnd", kind=Kind.MONEY, unit="đ"),
        Column("citation"),
        Column("is_verified", shown=False),
        Column("closed_by_name"),
        Column("closed_at", shown=False),
        Column("reopened_by_name", shown=False),
        Column("reopened_at", shown=False),
        Column("reopening_reason", shown=False),
        Column("area", path="area__name", label=_("Địa bàn"), shown=False),
        Column("data_class", shown=False),
    )
    filters = (Filter("year"), Filter("status"), Filter("owner_org", subtree=True))
    order = "-year"
    label_path = code_path = "owner_org__name"
