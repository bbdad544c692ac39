"""Rules as data, in revisions; and what the process remembers of each."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sen.domains.alarms import choices
from sen.kernel.access.models import DataClassChoices, ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.search.fields import search_column, search_index


class SeverityChoices(models.IntegerChoices):
    ADVISORY = choices.Severity.ADVISORY.value, _("Chú ý")
    WARNING = choices.Severity.WARNING.value, _("Cảnh báo")
    DANGER = choices.Severity.DANGER.value, _("Nguy hiểm")
    EMERGENCY = choices.Severity.EMERGENCY.value, _("Khẩn cấp")


class ConcernChoices(models.TextChoices):
    STRUCTURE = choices.Concern.STRUCTURE.value, _("Công trình")
    SENSOR = choices.Concern.SENSOR.value, _("Thiết bị đo")
    TRAFFIC = choices.Concern.TRAFFIC.value, _("Giao thông")
    ENVIRONMENT = choices.Concern.ENVIRONMENT.value, _("Thời tiết, thủy văn")


class Rule(ScopedModel):
    """One revision of a rule; of a code at most one is in force.

    It holds for the streams of one observed property, of all assets or of those of one type; or
    for one stream alone, then in place of the rule ``replaces``. ``definition`` is read by
    ``engine.spec``. ``basis`` says where its levels come from; unless ``is_verified`` they are to
    be confirmed by the designer or a norm before anybody relies on them.
    """

    access = AccessRule("alarms.rule")

    class Kind(models.TextChoices):
        THRESHOLD = choices.RuleKind.THRESHOLD.value, _("Vượt ngưỡng")
        RATE = choices.RuleKind.RATE.value, _("Tốc độ thay đổi")
        PATTERN = choices.RuleKind.PATTERN.value, _("Lệch khỏi nếp ngày và nhiệt độ")
        RELATION = choices.RuleKind.RELATION.value, _("Lệch khỏi quan hệ với kênh khác")
        DRIFT = choices.RuleKind.DRIFT.value, _("Trôi dần, nhảy bậc")
        MISSING = choices.RuleKind.MISSING.value, _("Mất số liệu")
        FLAT = choices.RuleKind.FLAT.value, _("Số liệu đứng yên")
        SPIKE = choices.RuleKind.SPIKE.value, _("Xung bất thường")
        RANGE = choices.RuleKind.RANGE.value, _("Ngoài dải đo")
        COMPOUND = choices.RuleKind.COMPOUND.value, _("Kết hợp nhiều quy tắc")
        CHANGE = choices.RuleKind.CHANGE.value, _("Đổi mức, đổi xu thế (tính hằng đêm)")
        NEIGHBOUR = (
            choices.RuleKind.NEIGHBOUR.value,
            _("Mất tương quan với kênh bên cạnh (tính hằng đêm)"),
        )

    class Status(models.TextChoices):
        DRAFT = choices.RuleStatus.DRAFT.value, _("Dự thảo")
        IN_FORCE = choices.RuleStatus.IN_FORCE.value, _("Đang áp dụng")
        RETIRED = choices.RuleStatus.RETIRED.value, _("Đã thôi áp dụng")

    code = models.CharField(_("mã quy tắc"), max_length=60)
    revision = models.PositiveSmallIntegerField(_("lần ban hành"), default=1, editable=False)
    name = models.CharField(_("tên quy tắc"), max_length=200)
    concern = models.CharField(
        _("nghi ngờ"),
        max_length=11,
        choices=ConcernChoices.choices,
        default=choices.Concern.STRUCTURE.value,
    )
    kind = models.CharField(_("loại quy tắc"), max_length=9, choices=Kind.choices)
    status = models.CharField(
        _("trạng thái"),
        max_length=8,
        choices=Status.choices,
        default=choices.RuleStatus.DRAFT.value,
    )
    asset_type = models.CharField(_("loại công trình"), max_length=60, blank=True, default="")
    observed_property = models.ForeignKey(
        "telemetry.ObservedProperty",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("đại lượng"),
    )
    datastream = models.ForeignKey(
        "telemetry.Datastream",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("riêng cho kênh đo"),
    )
    replaces = models.CharField(_("thay cho quy tắc"), max_length=60, blank=True, default="")
    definition = models.JSONField(_("định nghĩa"), default=dict)
    cause = models.TextField(_("nguyên nhân có thể"), blank=True, default="")
    advice = models.TextField(_("việc cần kiểm tra"), blank=True, default="")
    playbook_code = models.CharField(_("kịch bản ứng phó"), max_length=60, blank=True, default="")
    basis = models.CharField(_("căn cứ của ngưỡng"), max_length=300, blank=True, default="")
    is_verified = models.BooleanField(_("ngưỡng đã xác minh"), default=False)
    in_force_at = models.DateTimeField(_("áp dụng từ"), null=True, editable=False)
    retired_at = models.DateTimeField(_("thôi áp dụng từ"), null=True, editable=False)
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )
    search = search_column("code", "name")

    class Meta(ScopedModel.Meta):
        verbose_name = _("quy tắc cảnh báo")
        constraints = [
            models.UniqueConstraint(fields=["code", "revision"], name="alarms_rule_revision"),
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(status=choices.RuleStatus.IN_FORCE.value),
                name="alarms_rule_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(status=choices.RuleStatus.DRAFT.value),
                name="alarms_rule_one_draft",
            ),
        ]
        indexes = [
            models.Index(fields=["code", "id"], name="alarms_rule_code"),
            models.Index(fields=["name", "id"], name="alarms_rule_name"),
            models.Index(fields=["status", "id"], name="alarms_rule_status"),
            search_index("alarms_rule_search"),
        ]

    def __str__(self) -> str:
        return self.name


class RuleMemory(models.Model):
    """What the rules process remembers of a rule on a stream (or, for compounds, on an asset).

    Written together with the offset of the stream of observations; nobody but it reads it.
    """

    rule_id = models.BigIntegerField()
    target_id = models.BigIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule_id", "target_id"], name="alarms_memory_once")
        ]
        verbose_name = _("bộ nhớ của quy tắc")

    def __str__(self) -> str:
        return f"{self.rule_id}/{self.target_id}"
