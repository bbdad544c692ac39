"""Campaigns, their teams, the assets to visit, and what was recorded."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db.models import PointField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sen.domains.inventory import choices
from sen.kernel.access.models import DataClassChoices, ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.search.fields import search_column, search_index


class Internal(ScopedModel, abstract=True):
    """Campaigns are a matter of the house; what comes of them is as open as the assets."""

    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )

    class Meta(ScopedModel.Meta):
        abstract = True


class Campaign(Internal):
    """A campaign: which assets are visited, when, by whom.

    ``area_codes``, ``road_codes`` and ``types`` choose the assets; an empty list chooses all.
    """

    access = AccessRule("inventory.campaign")

    class Status(models.TextChoices):
        DRAFT = choices.CampaignStatus.DRAFT.value, _("Đang chuẩn bị")
        RUNNING = choices.CampaignStatus.RUNNING.value, _("Đang kiểm kê")
        CLOSED = choices.CampaignStatus.CLOSED.value, _("Đã kết thúc")

    code = models.CharField(_("mã đợt"), max_length=40, unique=True)
    name = models.CharField(_("tên đợt kiểm kê"), max_length=200)
    status = models.CharField(
        _("tình trạng"),
        max_length=7,
        choices=Status.choices,
        default=choices.CampaignStatus.DRAFT.value,
    )
    starts_at = models.DateField(_("từ ngày"))
    ends_at = models.DateField(_("đến ngày"))
    area_codes = models.JSONField(_("địa bàn"), default=list, blank=True)
    road_codes = models.JSONField(_("tuyến đường"), default=list, blank=True)
    types = models.JSONField(_("loại tài sản"), default=list, blank=True)
    decision = models.CharField(_("quyết định"), max_length=120, blank=True, default="")
    note = models.TextField(_("ghi chú"), blank=True, default="")
    started_at = models.DateTimeField(_("chốt danh sách lúc"), null=True, editable=False)
    closed_at = models.DateTimeField(_("kết thúc lúc"), null=True, editable=False)
    search = search_column("code", "name")

    class Meta(Internal.Meta):
        verbose_name = _("đợt kiểm kê")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at")), name="inventory_campaign_span"
            )
        ]
        indexes = [
            models.Index(fields=["code", "id"], name="inventory_campaign_code_id"),
            models.Index(fields=["name", "id"], name="inventory_campaign_name"),
            models.Index(fields=["starts_at", "id"], name="inventory_campaign_starts"),
            search_index("inventory_campaign_search"),
        ]

    def __str__(self) -> str:
        return self.name


class Team(Internal):
    """Some people and what they visit: assets on the roads, else in the places named."""

    access = AccessRule("inventory.team")

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="+", verbose_name=_("đợt kiểm kê")
    )
    name = models.CharField(_("tên tổ"), max_length=120)
    members = models.JSONField(_("thành viên"), default=list)
    area_codes = models.JSONField(_("địa bàn"), default=list, blank=True)
    road_codes = models.JSONField(_("tuyến đường"), default=list, blank=True)
    search = search_column("name")

    class Meta(Internal.Meta):
        verbose_name = _("tổ kiểm kê")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "name"], name="inventory_team_once")
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="inventory_team_name"),
            search_index("inventory_team_search"),
        ]

    def __str__(self) -> str:
        return self.name


class Visit(Internal):
    """One asset of a campaign's list, as it was when the list was frozen."""

    access = AccessRule("inventory.visit")

    class State(models.TextChoices):
        TODO = choices.VisitState.TODO.value, _("Chưa đến")
        RECORDED = choices.VisitState.RECORDED.value, _("Đã ghi nhận")
        CONFLICT = choices.VisitState.CONFLICT.value, _("Có mâu thuẫn")
        ACCEPTED = choices.VisitState.ACCEPTED.value, _("Đã nghiệm thu")

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="+", verbose_name=_("đợt kiểm kê")
    )
    team = models.ForeignKey(
        Team,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tổ kiểm kê"),
    )
    asset = models.ForeignKey(
        "assets.Asset", models.PROTECT, related_name="+", verbose_name=_("tài sản")
    )
    frozen = models.JSONField(_("giá trị khi chốt danh sách"), default=dict)
    state = models.CharField(
        _("tình trạng"),
        max_length=8,
        choices=State.choices,
        default=choices.VisitState.TODO.value,
    )

    class Meta(Internal.Meta):
        verbose_name = _("tài sản phải kiểm kê")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "asset"], name="inventory_visit_once")
        ]
        indexes = [
            models.Index(fields=["campaign", "state"], name="inventory_visit_state"),
            models.Index(fields=["team", "id"], name="inventory_visit_team"),
        ]

    def __str__(self) -> str:
        return str(self.asset)


class Record(Internal):
    """What somebody recorded on the spot. ``key`` was made on the device.

    ``shown`` holds what the writer saw of the fields, ``values`` what the writer found;
    ``base_version`` is the version of the asset on the device.
    """

    access = AccessRule("inventory.record")

    class Outcome(models.TextChoices):
        FOUND = choices.Outcome.FOUND.value, _("Có tại chỗ")
        NOT_FOUND = choices.Outcome.NOT_FOUND.value, _("Không tìm thấy")
        NEW = choices.Outcome.NEW.value, _("Phát hiện mới")

    class State(models.TextChoices):
        PENDING = choices.RecordState.PENDING.value, _("Chờ nghiệm thu")
        CONFLICT = choices.RecordState.CONFLICT.value, _("Có mâu thuẫn")
        ACCEPTED = choices.RecordState.ACCEPTED.value, _("Đã nghiệm thu")
        REJECTED = choices.RecordState.REJECTED.value, _("Không nhận")
        REPLACED = choices.RecordState.REPLACED.value, _("Đã ghi lại")

    class Conflict(models.TextChoices):
        NONE = choices.ConflictReason.NONE.value, _("Không")
        ASSET_CHANGED = (
            choices.ConflictReason.ASSET_CHANGED.value,
            _("Hồ sơ tài sản đã thay đổi sau khi tải về máy"),
        )
        TWO_RECORDS = choices.ConflictReason.TWO_RECORDS.value, _("Hai người ghi cùng tài sản")

    key = models.UUIDField(_("mã trên thiết bị"), unique=True, editable=False)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="+", verbose_name=_("đợt kiểm kê")
    )
    visit = models.ForeignKey(
        Visit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tài sản phải kiểm kê"),
    )
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", verbose_name=_("tổ kiểm kê"))
    asset = models.ForeignKey(
        "assets.Asset",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tài sản"),
    )
    outcome = models.CharField(_("kết quả"), max_length=9, choices=Outcome.choices)
    state = models.CharField(
        _("xử lý"),
        max_length=8,
        choices=State.choices,
        default=choices.RecordState.PENDING.value,
    )
    conflict = models.CharField(
        _("mâu thuẫn"), max_length=13, choices=Conflict.choices, blank=True, default=""
    )
    asset_type = models.CharField(_("loại tài sản"), max_length=40)
    base_version = models.PositiveIntegerField(null=True, editable=False)
    shown = models.JSONField(_("giá trị trên máy"), default=dict)
    values = models.JSONField(_("giá trị ghi nhận"), default=dict)
    note = models.TextField(_("ghi chú"), blank=True, default="")
    position = PointField(_("vị trí ghi nhận"), srid=4326, null=True, blank=True)
    accuracy_m = models.FloatField(_("sai số định vị"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("ghi tại hiện trường lúc"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("người ghi"),
    )
    recorded_by_name = models.CharField(_("người ghi"), max_length=120)
    decided_by_name = models.CharField(
        _("người nghiệm thu"), max_length=120, blank=True, default=""
    )
    decided_at = models.DateTimeField(_("nghiệm thu lúc"), null=True, editable=False)
    decision_note = models.CharField(_("ý kiến nghiệm thu"), max_length=500, blank=True, default="")
    search = search_column("recorded_by_name", "note")

    class Meta(Internal.Meta):
        verbose_name = _("bản ghi kiểm kê")
        indexes = [
            models.Index(fields=["recorded_at", "id"], name="inventory_record_at"),
            models.Index(fields=["campaign", "state"], name="inventory_record_state"),
            models.Index(fields=["visit", "id"], name="inventory_record_visit"),
            models.Index(fields=["asset", "id"], name="inventory_record_asset"),
            search_index("inventory_record_search"),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} · {self.recorded_by_name}"
