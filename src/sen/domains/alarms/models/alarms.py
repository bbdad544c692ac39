"""Alarms, what happened to each, their groups, and windows in which they are set aside."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db.models import PointField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sen.domains.alarms import choices
from sen.domains.alarms.models.rules import ConcernChoices, Rule, SeverityChoices
from sen.kernel.access.models import DataClassChoices, ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.geo.models import GeoScopedModel
from sen.kernel.search.fields import search_column, search_index


class AlarmGroup(ScopedModel):
    """Alarms of one work that came close after one another; a storm when there were many."""

    access = AccessRule("alarms.group")
    history_skips = ("count", "last_at")

    asset = models.ForeignKey(
        "assets.Asset",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("công trình"),
    )
    title = models.CharField(_("tên"), max_length=250)
    started_at = models.DateTimeField(_("bắt đầu"))
    last_at = models.DateTimeField(_("cảnh báo cuối"))
    severity = models.PositiveSmallIntegerField(_("mức độ"), choices=SeverityChoices.choices)
    count = models.PositiveIntegerField(_("số cảnh báo"), default=0)
    is_storm = models.BooleanField(_("dồn dập"), default=False)
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )
    search = search_column("title")

    class Meta(ScopedModel.Meta):
        verbose_name = _("đợt cảnh báo")
        indexes = [
            models.Index(fields=["last_at", "id"], name="alarms_group_last"),
            models.Index(fields=["started_at", "id"], name="alarms_group_started"),
            models.Index(fields=["asset", "last_at"], name="alarms_group_asset"),
            search_index("alarms_group_search"),
        ]

    def __str__(self) -> str:
        return self.title


class Alarm(GeoScopedModel):
    """A rule fired on a stream. While it is not closed, the same rule makes no second one.

    ``suspect`` is what is thought to be at fault, which may differ from what the rule looks for:
    a structure's rule on a stream whose instrument is known to be faulty suspects the instrument.

    Units:
        ``value``, ``peak`` and ``level`` in ``unit`` of what the rule compares (residual, rate,
        seconds); ``chainage_m`` metres. ``first_at`` and ``last_at`` are times of observations.
    """

    access = AccessRule("alarms.alarm")
    history_skips = ("last_at", "peak")

    class State(models.TextChoices):
        RAISED = choices.State.RAISED.value, _("Mới báo")
        ACKNOWLEDGED = choices.State.ACKNOWLEDGED.value, _("Đã tiếp nhận")
        SHELVED = choices.State.SHELVED.value, _("Tạm gác")
        ESCALATED = choices.State.ESCALATED.value, _("Đã báo cấp trên")
        CLEARED = choices.State.CLEARED.value, _("Hết điều kiện")
        CLOSED = choices.State.CLOSED.value, _("Đã đóng")

    code = models.CharField(_("mã cảnh báo"), max_length=40, unique=True)
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="+", verbose_name=_("quy tắc"))
    datastream = models.ForeignKey(
        "telemetry.Datastream",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("kênh đo"),
    )
    asset = models.ForeignKey(
        "assets.Asset",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("công trình"),
    )
    road = models.ForeignKey(
        "network.Road",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("tuyến đường"),
    )
    chainage_m = models.DecimalField(_("lý trình"), max_digits=10, decimal_places=1, null=True)
    group = models.ForeignKey(
        AlarmGroup, models.SET_NULL, null=True, related_name="+", verbose_name=_("đợt")
    )
    title = models.CharField(_("nội dung"), max_length=250)
    text = models.TextField(_("diễn giải"), blank=True, default="")
    severity = models.PositiveSmallIntegerField(_("mức độ"), choices=SeverityChoices.choices)
    state = models.CharField(
        _("trạng thái"),
        max_length=12,
        choices=State.choices,
        default=choices.State.RAISED.value,
    )
    suspect = models.CharField(_("nghi ngờ"), max_length=11, choices=ConcernChoices.choices)
    value = models.FloatField(_("giá trị"))
    level = models.FloatField(_("ngưỡng"))
    peak = models.FloatField(_("giá trị xấu nhất"))
    unit = models.CharField(_("đơn vị"), max_length=40, blank=True, default="")
    first_at = models.DateTimeField(_("bắt đầu"))
    last_at = models.DateTimeField(_("thay đổi cuối"))
    raised_at = models.DateTimeField(_("báo lúc"), db_default=Now())
    count = models.PositiveIntegerField(_("số lần"), default=1)
    dedup_key = models.CharField(max_length=140, editable=False)
    is_quiet = models.BooleanField(_("không báo riêng"), default=False, editable=False)
    #: Raised, or raised once more, by observations that came after newer ones had been judged.
    is_late = models.BooleanField(_("báo muộn"), default=False, db_default=False, editable=False)
    acknowledged_at = models.DateTimeField(_("tiếp nhận lúc"), null=True, editable=False)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("người tiếp nhận"),
    )
    cleared_at = models.DateTimeField(_("hết lúc"), null=True, editable=False)
    closed_at = models.DateTimeField(_("đóng lúc"), null=True, editable=False)
    shelved_until = models.DateTimeField(_("gác đến"), null=True, editable=False)
    escalation = models.PositiveSmallIntegerField(_("bậc đã báo"), default=0, editable=False)
    escalate_at = models.DateTimeField(null=True, editable=False)
    geom = PointField(_("vị trí"), srid=4326, null=True, blank=True)
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )
    search = search_column("code", "title")

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("cảnh báo")
        constraints = [
            models.UniqueConstraint(
                fields=["dedup_key"],
                condition=~Q(state=choices.State.CLOSED.value),
                name="alarms_alarm_one_open",
            )
        ]
        indexes = [
            models.Index(fields=["code", "id"], name="alarms_alarm_code"),
            models.Index(fields=["raised_at", "id"], name="alarms_alarm_raised"),
            models.Index(fields=["first_at", "id"], name="alarms_alarm_first"),
            models.Index(fields=["severity", "id"], name="alarms_alarm_severity"),
            models.Index(fields=["state", "id"], name="alarms_alarm_state"),
            models.Index(fields=["asset", "raised_at"], name="alarms_alarm_asset"),
            models.Index(fields=["road", "raised_at"], name="alarms_alarm_road"),
            models.Index(fields=["datastream", "raised_at"], name="alarms_alarm_stream"),
            models.Index(fields=["group", "id"], name="alarms_alarm_group"),
            models.Index(
                fields=["escalate_at"],
                condition=Q(escalate_at__isnull=False),
                name="alarms_alarm_escalate",
            ),
            search_index("alarms_alarm_search"),
        ]

    def __str__(self) -> str:
        return self.title


class AlarmEntry(models.Model):
    """One line of an alarm's log; who sees the alarm sees it."""

    class Act(models.TextChoices):
        RAISE = choices.Act.RAISE.value, _("Báo")
        ACKNOWLEDGE = choices.Act.ACKNOWLEDGE.value, _("Tiếp nhận")
        SHELVE = choices.Act.SHELVE.value, _("Tạm gác")
        UNSHELVE = choices.Act.UNSHELVE.value, _("Thôi gác")
        ESCALATE = choices.Act.ESCALATE.value, _("Báo cấp trên")
        CLEAR = choices.Act.CLEAR.value, _("Hết điều kiện")
        CLOSE = choices.Act.CLOSE.value, _("Đóng")
        NOTE = choices.Act.NOTE.value, _("Ghi chú")

    alarm = models.ForeignKey(Alarm, models.CASCADE, related_name="+")
    at = models.DateTimeField(_("lúc"), db_default=Now())
    act = models.CharField(_("việc"), max_length=11, choices=Act.choices)
    state = models.CharField(_("trạng thái"), max_length=12, choices=Alarm.State.choices)
    severity = models.PositiveSmallIntegerField(_("mức độ"), choices=SeverityChoices.choices)
    value = models.FloatField(_("giá trị"), null=True)
    by = models.CharField(_("người thực hiện"), max_length=160, blank=True, default="")
    text = models.TextField(_("nội dung"), blank=True, default="")

    class Meta:
        verbose_name = _("diễn biến cảnh báo")
        indexes = [models.Index(fields=["alarm", "at", "id"], name="alarms_entry_alarm")]

    def __str__(self) -> str:
        return f"{self.get_act_display()} {self.at:%d/%m/%Y %H:%M}"


class Shelving(ScopedModel):
    """A window in which alarms of a stream or of a work are set aside as they come."""

    access = AccessRule("alarms.shelving")

    asset = models.ForeignKey(
        "assets.Asset",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("công trình"),
    )
    datastream = models.ForeignKey(
        "telemetry.Datastream",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("kênh đo"),
    )
    begin_at = models.DateTimeField(_("từ"))
    end_at = models.DateTimeField(_("đến"))
    reason = models.CharField(_("lý do"), max_length=250)
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )

    class Meta(ScopedModel.Meta):
        verbose_name = _("khoảng tạm gác cảnh báo")
        constraints = [
            models.CheckConstraint(
                condition=Q(end_at__gt=F("begin_at")), name="alarms_shelving_order"
            ),
            models.CheckConstraint(
                condition=Q(asset__isnull=False) | Q(datastream__isnull=False),
                name="alarms_shelving_what",
            ),
        ]
        indexes = [models.Index(fields=["end_at", "id"], name="alarms_shelving_end")]

    def __str__(self) -> str:
        return self.reason
