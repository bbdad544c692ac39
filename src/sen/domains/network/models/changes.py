"""Roads that share a carriageway, what was done to roads, and what of it needs a decision."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DecimalRangeField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

from sen.domains.network.choices import OperationKind
from sen.domains.network.models.along import Road
from sen.kernel.access.models import DataClassChoices, ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.search.fields import search_column, search_index


class Concurrency(ScopedModel):
    """A stretch on which two roads run on one carriageway.

    The bearing road carries the records, the works and the length; the other is led over it with
    its own chainage, which falls where it runs the other way.

    Units:
        Labels in metres, of each road its own.
    """

    access = AccessRule("network.concurrency")

    bearing = models.ForeignKey(
        Road, models.CASCADE, related_name="+", verbose_name=_("tuyến mang")
    )
    from_m = models.DecimalField(_("từ lý trình"), max_digits=10, decimal_places=3)
    to_m = models.DecimalField(_("đến lý trình"), max_digits=10, decimal_places=3)
    borne = models.ForeignKey(
        Road, models.CASCADE, related_name="+", verbose_name=_("tuyến đi trùng")
    )
    borne_from_m = models.DecimalField(
        _("lý trình đầu của tuyến đi trùng"), max_digits=10, decimal_places=3
    )
    borne_to_m = models.DecimalField(
        _("lý trình cuối của tuyến đi trùng"), max_digits=10, decimal_places=3
    )
    valid_from = models.DateField(_("áp dụng từ"))
    valid_to = models.DateField(_("áp dụng đến trước ngày"), null=True, blank=True)
    title = models.CharField(_("đoạn đi trùng"), max_length=260, editable=False)
    note = models.CharField(_("căn cứ"), max_length=300, blank=True, default="")
    search = search_column("title", "note")

    class Meta(ScopedModel.Meta):
        verbose_name = _("đoạn đi trùng")
        constraints = [
            models.CheckConstraint(
                condition=Q(to_m__gt=F("from_m")), name="network_concurrency_span"
            ),
            models.CheckConstraint(
                condition=~Q(borne_to_m=F("borne_from_m")), name="network_concurrency_borne"
            ),
            models.CheckConstraint(
                condition=~Q(bearing=F("borne")), name="network_concurrency_two_roads"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="network_concurrency_dates",
            ),
            ExclusionConstraint(
                name="network_concurrency_once",
                expressions=[
                    ("borne", "="),
                    (
                        Func(
                            Least("borne_from_m", "borne_to_m"),
                            Greatest("borne_from_m", "borne_to_m"),
                            function="numrange",
                            output_field=DecimalRangeField(),
                        ),
                        "&&",
                    ),
                    (
                        Func(
                            "valid_from",
                            "valid_to",
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        "&&",
                    ),
                ],
            ),
        ]
        indexes = [
            models.Index(fields=["title", "id"], name="network_concurrency_title"),
            models.Index(fields=["valid_from", "id"], name="network_concurrency_since"),
            search_index("network_concurrency_search"),
        ]

    def __str__(self) -> str:
        return self.title


class RoadOperation(ScopedModel):
    """Something done to a road as a whole, with what became of everything on it.

    ``detail`` is the report: pieces of old on new chainage, carried and ended records, ends and
    lengths before and after.
    """

    access = AccessRule("network.operation")

    class Kind(models.TextChoices):
        REALIGN = OperationKind.REALIGN.value, _("Nắn tuyến, cải tuyến")
        EXTEND = OperationKind.EXTEND.value, _("Kéo dài tuyến")
        SPLIT = OperationKind.SPLIT.value, _("Tách tuyến")
        JOIN = OperationKind.JOIN.value, _("Nhập tuyến")
        RENUMBER = OperationKind.RENUMBER.value, _("Đổi số hiệu, chuyển cấp quản lý")
        REVERSE = OperationKind.REVERSE.value, _("Đảo chiều lý trình")
        CLOSE = OperationKind.CLOSE.value, _("Tạm dừng, bãi bỏ, mở lại")

    road = models.ForeignKey(Road, models.CASCADE, related_name="+", verbose_name=_("tuyến đường"))
    kind = models.CharField(_("thao tác"), max_length=10, choices=Kind.choices)
    title = models.CharField(_("nội dung"), max_length=300)
    valid_from = models.DateField(_("áp dụng từ"))
    basis = models.CharField(_("căn cứ"), max_length=300, blank=True, default="")
    detail = models.JSONField(_("kết quả"), default=dict)
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )
    search = search_column("title", "basis")

    class Meta(ScopedModel.Meta):
        verbose_name = _("thao tác trên tuyến")
        indexes = [
            models.Index(fields=["valid_from", "id"], name="network_operation_since"),
            models.Index(fields=["title", "id"], name="network_operation_title"),
            models.Index(fields=["road", "-id"], name="network_operation_road"),
            search_index("network_operation_search"),
        ]

    def __str__(self) -> str:
        return self.title


class Decision(ScopedModel):
    """A thing that an operation could not carry over by itself, and what may be done with it."""

    access = AccessRule("network.decision")

    class Status(models.TextChoices):
        OPEN = "OPEN", _("Cần quyết định")
        DONE = "DONE", _("Đã quyết định")

    operation = models.ForeignKey(
        RoadOperation, models.CASCADE, related_name="+", verbose_name=_("thao tác")
    )
    road = models.ForeignKey(Road, models.CASCADE, related_name="+", verbose_name=_("tuyến đường"))
    subject = models.CharField(_("loại đối tượng"), max_length=40)
    subject_id = models.BigIntegerField(_("số của đối tượng"))
    title = models.CharField(_("đối tượng"), max_length=300)
    url = models.CharField(max_length=200, blank=True, default="")
    reason = models.CharField(_("lý do"), max_length=400)
    #: Code → words, in the order in which they are offered.
    choices = models.JSONField(_("các phương án"), default=dict)
    payload = models.JSONField(default=dict)
    status = models.CharField(
        _("tình trạng"), max_length=4, choices=Status.choices, default=Status.OPEN
    )
    choice = models.CharField(_("mã phương án"), max_length=20, blank=True, default="")
    answer = models.CharField(_("phương án đã chọn"), max_length=300, blank=True, default="")
    note = models.CharField(_("ý kiến"), max_length=400, blank=True, default="")
    decided_at = models.DateTimeField(_("quyết định lúc"), null=True, blank=True)
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )
    search = search_column("title", "reason")

    class Meta(ScopedModel.Meta):
        verbose_name = _("việc cần quyết định")
        indexes = [
            models.Index(fields=["status", "id"], name="network_decision_status"),
            models.Index(fields=["title", "id"], name="network_decision_title"),
            models.Index(fields=["road", "status", "id"], name="network_decision_road"),
            models.Index(fields=["operation", "id"], name="network_decision_operation"),
            search_index("network_decision_search"),
        ]

    def __str__(self) -> str:
        return self.title
