"""Who is on duty, and who is told when nobody answers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sen.domains.alarms.models.rules import ConcernChoices, SeverityChoices
from sen.kernel.access.models import DataClassChoices, ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.search.fields import search_column, search_index


class DutyRoster(ScopedModel):
    """A watch of one unit; it takes the alarms of its place, of one concern or of all."""

    access = AccessRule("alarms.roster")

    code = models.CharField(_("mã lịch trực"), max_length=60, unique=True)
    name = models.CharField(_("tên"), max_length=200)
    concern = models.CharField(
        _("nhận cảnh báo về"),
        max_length=11,
        choices=ConcernChoices.choices,
        blank=True,
        default="",
    )
    min_severity = models.PositiveSmallIntegerField(
        _("từ mức"), choices=SeverityChoices.choices, default=1
    )
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )
    search = search_column("code", "name")

    class Meta(ScopedModel.Meta):
        verbose_name = _("lịch trực")
        indexes = [
            models.Index(fields=["code", "id"], name="alarms_roster_code"),
            models.Index(fields=["name", "id"], name="alarms_roster_name"),
            search_index("alarms_roster_search"),
        ]

    def __str__(self) -> str:
        return self.name


class DutyShift(ScopedModel):
    """One person on duty from a time to a time."""

    access = AccessRule("alarms.shift")

    roster = models.ForeignKey(
        DutyRoster, models.CASCADE, related_name="+", verbose_name=_("lịch trực")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người trực")
    )
    begin_at = models.DateTimeField(_("từ"))
    end_at = models.DateTimeField(_("đến"))
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )

    class Meta(ScopedModel.Meta):
        verbose_name = _("ca trực cảnh báo")
        constraints = [
            models.CheckConstraint(condition=Q(end_at__gt=F("begin_at")), name="alarms_shift_order")
        ]
        indexes = [
            models.Index(fields=["begin_at", "id"], name="alarms_shift_begin"),
            models.Index(fields=["roster", "end_at"], name="alarms_shift_roster"),
        ]

    def __str__(self) -> str:
        return f"{self.begin_at:%d/%m/%Y %H:%M}"


class EscalationStep(ScopedModel):
    """Whom to tell when an alarm has not been acknowledged for so long.

    Without a person everybody on duty is told once more.

    Units:
        ``after_s`` seconds since the raising.
    """

    access = AccessRule("alarms.escalation")

    roster = models.ForeignKey(
        DutyRoster, models.CASCADE, related_name="+", verbose_name=_("lịch trực")
    )
    number = models.PositiveSmallIntegerField(_("bậc"))
    after_s = models.PositiveIntegerField(_("sau (giây)"))
    min_severity = models.PositiveSmallIntegerField(
        _("từ mức"), choices=SeverityChoices.choices, default=2
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người được báo"),
    )
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )

    class Meta(ScopedModel.Meta):
        verbose_name = _("bậc báo cấp trên")
        constraints = [
            models.UniqueConstraint(fields=["roster", "number"], name="alarms_step_once")
        ]
        indexes = [models.Index(fields=["number", "id"], name="alarms_step_number")]

    def __str__(self) -> str:
        return f"{self.number}"
