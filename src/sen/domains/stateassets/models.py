"""Cards of state assets, what happens to their value, the charges of years, and the books."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sen.domains.network.api import AlongRoad
from sen.domains.stateassets import choices
from sen.kernel.access.models import DataClassChoices, ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.search.fields import search_column, search_index

_KEEP: Final = (
    "CREATE OR REPLACE FUNCTION stateassets_keep_movement() RETURNS trigger "
    "LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION 'a movement of the books is never changed' "
    "USING ERRCODE = 'restrict_violation'; END $$"
)
_ON_UPDATE: Final = (
    'CREATE TRIGGER keep_movement BEFORE UPDATE OF card_id, kind, "on", original_vnd, '
    "accumulated_vnd, construction_vnd, equipment_vnd, clearance_vnd, other_vnd "
    "ON {table} FOR EACH ROW EXECUTE FUNCTION stateassets_keep_movement()"
)


class KindChoices(models.TextChoices):
    ROAD = choices.CardKind.ROAD.value, _("Đường bộ")
    BRIDGE = choices.CardKind.BRIDGE.value, _("Cầu đường bộ")
    TUNNEL = choices.CardKind.TUNNEL.value, _("Hầm đường bộ")
    FERRY = choices.CardKind.FERRY.value, _("Bến phà, cầu phao")
    WEIGH_STATION = choices.CardKind.WEIGH_STATION.value, _("Công trình kiểm tra tải trọng xe")
    TOLL_STATION = choices.CardKind.TOLL_STATION.value, _("Trạm thu phí")
    STORE = choices.CardKind.STORE.value, _("Kho bãi vật tư")
    STATION = choices.CardKind.STATION.value, _("Bến xe")
    PARKING = choices.CardKind.PARKING.value, _("Bãi đỗ xe")
    REST_STOP = choices.CardKind.REST_STOP.value, _("Trạm dừng nghỉ")
    BUILDING_I = choices.CardKind.BUILDING_I.value, _("Nhà, công trình xây dựng cấp I")
    BUILDING_II = choices.CardKind.BUILDING_II.value, _("Nhà, công trình xây dựng cấp II")
    BUILDING_III = choices.CardKind.BUILDING_III.value, _("Nhà, công trình xây dựng cấp III")
    BUILDING_IV = choices.CardKind.BUILDING_IV.value, _("Nhà, công trình xây dựng cấp IV")


class Kept(ScopedModel, abstract=True):
    """What belongs to a card: it belongs to whom the card belongs."""

    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )

    class Meta(ScopedModel.Meta):
        abstract = True


class Card(Kept, AlongRoad):
    """The accounting card of one state asset: an asset of the register, or a section of a road.

    The amounts are sums of the card's movements and charges, written by the services alone.
    """

    access = AccessRule("stateassets.card")

    class Status(models.TextChoices):
        PROPOSED = choices.CardStatus.PROPOSED.value, _("Đề xuất ghi sổ")
        ACTIVE = choices.CardStatus.ACTIVE.value, _("Đang ghi sổ")
        CLOSED = choices.CardStatus.CLOSED.value, _("Đã ra khỏi sổ")

    class Origin(models.TextChoices):
        INVESTMENT = choices.Origin.INVESTMENT.value, _("Đầu tư xây dựng")
        TRANSFER = choices.Origin.TRANSFER.value, _("Tiếp nhận, điều chuyển đến")
        SURVEY = choices.Origin.SURVEY.value, _("Kiểm kê, ghi sổ lần đầu")
        OTHER = choices.Origin.OTHER.value, _("Khác")

    code = models.CharField(_("số thẻ"), max_length=60, unique=True)
    name = models.CharField(_("tên tài sản"), max_length=250)
    kind = models.CharField(_("loại tài sản"), max_length=14, choices=KindChoices.choices)
    status = models.CharField(
        _("tình trạng ghi sổ"),
        max_length=8,
        choices=Status.choices,
        default=choices.CardStatus.ACTIVE.value,
    )
    origin = models.CharField(
        _("nguồn hình thành"),
        max_length=10,
        choices=Origin.choices,
        default=choices.Origin.INVESTMENT.value,
    )
    asset = models.ForeignKey(
        "assets.Asset",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("công trình"),
    )
    work = models.ForeignKey(
        "projects.Work",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("công trình của dự án"),
    )
    quantity = models.DecimalField(
        _("số lượng"), max_digits=14, decimal_places=3, null=True, blank=True
    )
    unit = models.CharField(_("đơn vị tính"), max_length=20, blank=True, default="")
    in_use_at = models.DateField(_("ngày đưa vào sử dụng"))
    recorded_at = models.DateField(_("ngày ghi sổ"))
    charged_through = models.PositiveSmallIntegerField(
        _("hao mòn đã tính đến hết năm"), null=True, blank=True
    )
    original_vnd = models.BigIntegerField(_("nguyên giá"), default=0, editable=False)
    accumulated_vnd = models.BigIntegerField(_("hao mòn lũy kế"), default=0, editable=False)
    residual_vnd = models.GeneratedField(
        expression=F("original_vnd") - F("accumulated_vnd"),
        output_field=models.BigIntegerField(_("giá trị còn lại")),
        db_persist=True,
        verbose_name=_("giá trị còn lại"),
    )
    closed_at = models.DateField(_("ngày ra khỏi sổ"), null=True, editable=False)
    note = models.TextField(_("ghi chú"), blank=True, default="")
    search = search_column("code", "name")

    class Meta(Kept.Meta):
        verbose_name = _("thẻ tài sản")
        constraints = [
            models.CheckConstraint(
                condition=Q(accumulated_vnd__gte=0) & Q(original_vnd__gte=F("accumulated_vnd")),
                name="stateassets_card_amounts",
            ),
            models.CheckConstraint(
                condition=Q(to_m=None) | Q(to_m__gt=F("from_m")), name="stateassets_card_span"
            ),
            models.UniqueConstraint(
                fields=["asset"],
                condition=Q(status__in=("PROPOSED", "ACTIVE")),
                name="stateassets_card_of_asset",
            ),
        ]
        indexes = [
            models.Index(fields=["code", "id"], name="stateassets_card_code_id"),
            models.Index(fields=["name", "id"], name="stateassets_card_name"),
            models.Index(fields=["in_use_at", "id"], name="stateassets_card_in_use"),
            models.Index(fields=["original_vnd", "id"], name="stateassets_card_original"),
            models.Index(fields=["residual_vnd", "id"], name="stateassets_card_residual"),
            models.Index(fields=["asset", "id"], name="stateassets_card_asset"),
            models.Index(fields=["road", "id"], name="stateassets_card_road"),
            models.Index(fields=["owner_org", "status"], name="stateassets_card_owner"),
            search_index("stateassets_card_search"),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.name}"


class Movement(Kept):
    """One change of a card's value; never changed, a wrong one is corrected by another.

    The original cost of an opening or an upgrade is the sum of its four parts.
    """

    access = AccessRule("stateassets.movement")

    class MovementKind(models.TextChoices):
        OPENING = choices.MovementKind.OPENING.value, _("Ghi tăng ban đầu")
        UPGRADE = choices.MovementKind.UPGRADE.value, _("Nâng cấp, mở rộng")
        REVALUATION = choices.MovementKind.REVALUATION.value, _("Đánh giá lại")
        REMOVAL = choices.MovementKind.REMOVAL.value, _("Tháo dỡ một phần")
        HANDOVER = choices.MovementKind.HANDOVER.value, _("Bàn giao, điều chuyển đi")
        DISPOSAL = choices.MovementKind.DISPOSAL.value, _("Thanh lý, phá dỡ")
        CORRECTION = choices.MovementKind.CORRECTION.value, _("Điều chỉnh sai sót")

    card = models.ForeignKey(Card, models.PROTECT, related_name="+", verbose_name=_("thẻ tài sản"))
    kind = models.CharField(_("loại biến động"), max_length=11, choices=MovementKind.choices)
    on = models.DateField(_("ngày biến động"))
    construction_vnd = models.BigIntegerField(_("chi phí xây dựng"), default=0)
    equipment_vnd = models.BigIntegerField(_("chi phí thiết bị"), default=0)
    clearance_vnd = models.BigIntegerField(_("chi phí bồi thường, giải phóng mặt bằng"), default=0)
    other_vnd = models.BigIntegerField(_("chi phí khác"), default=0)
    original_vnd = models.BigIntegerField(_("tăng, giảm nguyên giá"))
    accumulated_vnd = models.BigIntegerField(_("tăng, giảm hao mòn lũy kế"), default=0)
    document = models.CharField(_("số chứng từ"), max_length=120)
    document_date = models.DateField(_("ngày chứng từ"), null=True, blank=True)
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("điều chỉnh cho biến động"),
    )
    note = models.CharField(_("diễn giải"), max_length=500, blank=True, default="")
    search = search_column("document", "note")

    class Meta(Kept.Meta):
        verbose_name = _("biến động tài sản")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    original_vnd=F("construction_vnd")
                    + F("equipment_vnd")
                    + F("clearance_vnd")
                    + F("other_vnd")
                ),
                name="stateassets_movement_parts",
            )
        ]
        indexes = [
            models.Index(fields=["on", "id"], name="stateassets_movement_on"),
            models.Index(fields=["original_vnd", "id"], name="stateassets_movement_amount"),
            models.Index(fields=["card", "on", "id"], name="stateassets_movement_card"),
            search_index("stateassets_movement_search"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on:%d/%m/%Y}"

    @classmethod
    def sync_sql(cls) -> list[str]:
        """What is on the books is not rewritten, not even by a statement of the operator."""
        table = cls._meta.db_table
        return [
            _KEEP,
            f"DROP TRIGGER IF EXISTS keep_movement ON {table}",
            _ON_UPDATE.format(table=table),
        ]


class Book(Kept):
    """The year of one organisation: open, or closed with the charges of all its cards."""

    access = AccessRule("stateassets.book")

    class Status(models.TextChoices):
        OPEN = choices.BookStatus.OPEN.value, _("Đang mở")
        CLOSED = choices.BookStatus.CLOSED.value, _("Đã khóa sổ")

    year = models.PositiveSmallIntegerField(_("năm"))
    status = models.CharField(
        _("tình trạng"),
        max_length=6,
        choices=Status.choices,
        default=choices.BookStatus.OPEN.value,
    )
    cards = models.PositiveIntegerField(_("số thẻ đã tính"), default=0, editable=False)
    charged_vnd = models.BigIntegerField(_("hao mòn trong năm"), default=0, editable=False)
    citation = models.CharField(_("căn cứ"), max_length=250, blank=True, default="")
    is_verified = models.BooleanField(_("căn cứ đã xác minh"), default=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("người khóa sổ"),
    )
    closed_by_name = models.CharField(_("người khóa sổ"), max_length=120, blank=True, default="")
    closed_at = models.DateTimeField(_("khóa sổ lúc"), null=True, editable=False)
    reopened_by_name = models.CharField(_("người mở lại"), max_length=120, blank=True, default="")
    reopened_at = models.DateTimeField(_("mở lại lúc"), null=True, editable=False)
    reopening_reason = models.CharField(_("lý do mở lại"), max_length=500, blank=True, default="")

    class Meta(Kept.Meta):
        verbose_name = _("sổ tài sản theo năm")
        constraints = [
            models.UniqueConstraint(fields=["owner_org", "year"], name="stateassets_book_once")
        ]
        indexes = [models.Index(fields=["year", "id"], name="stateassets_book_year")]

    def __str__(self) -> str:
        return f"{self.year} · {self.owner_org.name}"


class Charge(Kept):
    """What one card lost in one closed year, and what the rule of law was.

    Units:
        ``rate_pct``: percent of the original cost a year.
    """

    access = AccessRule("stateassets.charge")

    card = models.ForeignKey(Card, models.PROTECT, related_name="+", verbose_name=_("thẻ tài sản"))
    book = models.ForeignKey(
        Book, models.CASCADE, related_name="+", verbose_name=_("sổ tài sản theo năm")
    )
    year = models.PositiveSmallIntegerField(_("năm"))
    original_vnd = models.BigIntegerField(_("nguyên giá cuối năm"))
    rate_pct = models.DecimalField(_("tỷ lệ hao mòn"), max_digits=6, decimal_places=3)
    amount_vnd = models.BigIntegerField(_("hao mòn trong năm"))
    accumulated_vnd = models.BigIntegerField(_("hao mòn lũy kế cuối năm"))

    class Meta(Kept.Meta):
        verbose_name = _("hao mòn theo năm")
        constraints = [
            models.UniqueConstraint(fields=["card", "year"], name="stateassets_charge_once"),
            models.CheckConstraint(
                condition=Q(amount_vnd__gte=0) & Q(original_vnd__gte=F("accumulated_vnd")),
                name="stateassets_charge_amounts",
            ),
        ]
        indexes = [
            models.Index(fields=["year", "id"], name="stateassets_charge_year"),
            models.Index(fields=["amount_vnd", "id"], name="stateassets_charge_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.card} {self.year}"

    @property
    def residual_vnd(self) -> int:
        """What the asset was worth at the end of the year."""
        return self.original_vnd - self.accumulated_vnd
