"""Permits, the stretches of their routes, and what was done with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sen.domains.network.api import AlongRoad, SideOfRoad
from sen.domains.permits import choices
from sen.domains.permits.kinds import PermitKind, kind_of, permit_kinds
from sen.domains.permits.labels import kind_choices
from sen.kernel.access.models import DataClassChoices, ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.attributes.labels import said, said_value
from sen.kernel.geo.models import GeoScopedModel
from sen.kernel.search.fields import search_column, search_index


class Permit(GeoScopedModel, AlongRoad):
    """A permit or approval about a road, from its application to the end of its site.

    ``check_code`` opens the public page that says whether the permit is genuine.
    """

    access = AccessRule("permits.permit")

    class Status(models.TextChoices):
        RECEIVED = choices.Status.RECEIVED.value, _("Đang giải quyết")
        ISSUED = choices.Status.ISSUED.value, _("Đã cấp")
        REFUSED = choices.Status.REFUSED.value, _("Không cấp")
        EXPIRED = choices.Status.EXPIRED.value, _("Hết hạn")
        REVOKED = choices.Status.REVOKED.value, _("Đã thu hồi")
        CLOSED = choices.Status.CLOSED.value, _("Đã kết thúc")

    kind = models.CharField(_("loại giấy phép"), max_length=20, choices=kind_choices)
    code = models.CharField(_("mã hồ sơ"), max_length=60, unique=True)
    number = models.CharField(_("số giấy phép"), max_length=60, blank=True)
    name = models.CharField(_("nội dung"), max_length=300)
    holder = models.ForeignKey(
        "parties.Party", models.PROTECT, related_name="+", verbose_name=_("chủ giấy phép")
    )
    side = models.CharField(
        _("bên đường"), max_length=5, choices=SideOfRoad.choices, blank=True, default=""
    )
    asset = models.ForeignKey(
        "assets.Asset",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("công trình liên quan"),
    )
    status = models.CharField(
        _("trạng thái"),
        max_length=8,
        choices=Status.choices,
        default=choices.Status.RECEIVED.value,
    )
    received_at = models.DateField(_("ngày nhận hồ sơ"))
    due_at = models.DateField(_("hạn giải quyết"), null=True, blank=True)
    issued_at = models.DateField(_("ngày cấp"), null=True, blank=True)
    valid_from = models.DateField(_("hiệu lực từ"), null=True, blank=True)
    valid_to = models.DateField(_("hiệu lực đến hết ngày"), null=True, blank=True)
    signer = models.CharField(_("người ký"), max_length=120, blank=True)
    conditions = models.TextField(_("điều kiện kèm theo"), blank=True)
    fee_vnd = models.BigIntegerField(_("lệ phí"), null=True, blank=True)
    closed_at = models.DateField(_("ngày kết thúc"), null=True, blank=True, editable=False)
    reminded_for = models.DateField(_("đã nhắc hạn"), null=True, editable=False)
    obstacles = models.PositiveSmallIntegerField(
        _("vị trí không đáp ứng trên lộ trình"), default=0, editable=False
    )
    measures = models.TextField(_("biện pháp tại vị trí không đáp ứng"), blank=True)
    check_code = models.CharField(max_length=32, unique=True, editable=False)
    is_line = models.BooleanField(default=False, editable=False)
    attributes = models.JSONField(_("thông số"), default=dict, blank=True)
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )
    search = search_column("code", "number", "name")

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("giấy phép")
        constraints = [
            models.CheckConstraint(
                condition=Q(to_m=None) | Q(to_m__gt=F("from_m")), name="permits_permit_span"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
                name="permits_permit_dates",
            ),
            models.UniqueConstraint(
                fields=["owner_org", "number"],
                condition=~Q(number=""),
                name="permits_permit_number",
            ),
        ]
        indexes = [
            models.Index(fields=["code", "id"], name="permits_permit_code_id"),
            models.Index(fields=["number", "id"], name="permits_permit_number_id"),
            models.Index(fields=["name", "id"], name="permits_permit_name"),
            models.Index(fields=["received_at", "id"], name="permits_permit_received"),
            models.Index(fields=["due_at", "id"], name="permits_permit_due"),
            models.Index(fields=["valid_to", "id"], name="permits_permit_until"),
            models.Index(fields=["kind", "status"], name="permits_permit_kind"),
            models.Index(fields=["road", "status", "from_m"], name="permits_permit_road"),
            search_index("permits_permit_search"),
        ]

    def __str__(self) -> str:
        return f"{self.number or self.code} – {self.name}"

    @property
    def type(self) -> PermitKind:
        """The declaration of its kind."""
        return kind_of(self.kind)

    @classmethod
    def say_key(cls, image: Mapping[str, Any], name: str, key: str, value: Any) -> tuple[str, Any]:
        """An attribute by the label of its kind, with its unit."""
        kind = permit_kinds.get(str(image.get("kind")))
        item = kind.by_name.get(key) if kind is not None else None
        if item is None or name != "attributes":
            return key, value
        return said(item.label), said_value(item, value)


class PermitLeg(models.Model):
    """One stretch of the route of a permit; without ends the whole road."""

    permit = models.ForeignKey(Permit, models.CASCADE, related_name="legs")
    place = models.PositiveSmallIntegerField(_("thứ tự"))
    road = models.ForeignKey(
        "network.Road", models.PROTECT, related_name="+", verbose_name=_("tuyến đường")
    )
    from_m = models.DecimalField(
        _("từ lý trình"), max_digits=10, decimal_places=1, null=True, blank=True
    )
    to_m = models.DecimalField(
        _("đến lý trình"), max_digits=10, decimal_places=1, null=True, blank=True
    )
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("đoạn lộ trình")
        ordering = ("permit", "place")
        constraints = [
            models.UniqueConstraint(fields=["permit", "place"], name="permits_leg_once"),
        ]

    def __str__(self) -> str:
        return f"{self.permit_id}: {self.place}"


class PermitAct(ScopedModel):
    """What was done with a permit: issued, extended, inspected, revoked, handed back."""

    access = AccessRule("permits.act")

    class Kind(models.TextChoices):
        ISSUED = choices.Act.ISSUED.value, _("Cấp giấy phép")
        REFUSED = choices.Act.REFUSED.value, _("Không cấp")
        EXTENDED = choices.Act.EXTENDED.value, _("Gia hạn")
        INSPECTED = choices.Act.INSPECTED.value, _("Kiểm tra hiện trường")
        REVOKED = choices.Act.REVOKED.value, _("Thu hồi")
        HANDED_BACK = choices.Act.HANDED_BACK.value, _("Bàn giao lại mặt bằng")
        EXPIRED = choices.Act.EXPIRED.value, _("Hết hạn")

    class Result(models.TextChoices):
        GOOD = choices.Result.GOOD.value, _("Đúng giấy phép")
        TO_MEND = choices.Result.TO_MEND.value, _("Phải khắc phục")
        STOPPED = choices.Result.STOPPED.value, _("Đình chỉ thi công")

    code = models.CharField(_("mã"), max_length=80, unique=True)
    permit = models.ForeignKey(
        Permit, models.CASCADE, related_name="+", verbose_name=_("giấy phép")
    )
    kind = models.CharField(_("việc"), max_length=12, choices=Kind.choices)
    done_at = models.DateField(_("ngày"))
    number = models.CharField(_("số văn bản"), max_length=60, blank=True)
    person = models.CharField(_("người thực hiện"), max_length=160, blank=True)
    result = models.CharField(_("kết quả"), max_length=8, choices=Result.choices, blank=True)
    note = models.TextField(_("nội dung"), blank=True)
    mend_by = models.DateField(_("khắc phục trước ngày"), null=True, blank=True)
    valid_to = models.DateField(_("hiệu lực mới đến"), null=True, blank=True)
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )
    search = search_column("code", "number", "note")

    class Meta(ScopedModel.Meta):
        verbose_name = _("diễn biến giấy phép")
        indexes = [
            models.Index(fields=["done_at", "id"], name="permits_act_date"),
            models.Index(fields=["code", "id"], name="permits_act_code_id"),
            models.Index(fields=["permit", "done_at", "id"], name="permits_act_permit"),
            search_index("permits_act_search"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.done_at:%d/%m/%Y}"
