"""What was counted on past days."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class QualitySpan(models.Model):
    """Figures of one check for one owner, place and class, as long as they stayed the same.

    A day that changes nothing writes nothing: years of daily counts stay small. The columns of
    access are those of rows, so that the rule of the register cuts the figures as it cuts rows.
    """

    register = models.CharField(_("danh mục"), max_length=80)
    check_name = models.CharField(_("phép kiểm tra"), max_length=80)
    owner_org = models.ForeignKey(
        "kernel_access.Organisation", models.CASCADE, null=True, related_name="+"
    )
    area = models.ForeignKey("kernel_access.Area", models.CASCADE, null=True, related_name="+")
    data_class = models.SmallIntegerField(_("mức dữ liệu"))
    applicable = models.IntegerField(_("bản ghi xét"))
    faulty = models.IntegerField(_("chưa đạt"))
    valid_from = models.DateField(_("từ ngày"))
    valid_to = models.DateField(_("đến trước ngày"), null=True)
    is_demo = models.BooleanField(_("dữ liệu minh họa"), default=False)

    class Meta:
        verbose_name = _("điểm chất lượng đã ghi")
        indexes = [
            models.Index(fields=["register", "valid_from"], name="quality_span_register"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["register", "check_name", "owner_org", "area", "data_class"],
                condition=models.Q(valid_to__isnull=True),
                nulls_distinct=False,
                name="quality_span_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.register}.{self.check_name} {self.valid_from}"
