"""What lies in the cold lake."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class LakeFile(models.Model):
    """The Parquet file of one day of observations; a later one of the same day replaces it.

    ``content_sum`` is the sum over the rows of the hot store as they were written: while it still
    holds, the hot copy is in the file. ``removed`` names the streams whose hot copy is gone; for
    them the file is the only one.
    """

    day = models.DateField(_("ngày"), unique=True)
    path = models.CharField(_("tệp"), max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField(_("dung lượng"))
    rows = models.BigIntegerField(_("số giá trị"))
    streams = models.IntegerField(_("số kênh đo"))
    hot_rows = models.BigIntegerField()
    content_sum = models.DecimalField(max_digits=40, decimal_places=0)
    removed = ArrayField(models.IntegerField(), default=list)
    written_at = models.DateTimeField(_("ghi lúc"), db_default=Now())
    verified_at = models.DateTimeField(_("kiểm tra lúc"), null=True)

    class Meta:
        verbose_name = _("tệp kho lạnh")

    def __str__(self) -> str:
        return self.path


class LakeErasure(models.Model):
    """Observations that were taken out of both stores because the law asks for it."""

    erased_at = models.DateTimeField(_("xóa lúc"), db_default=Now())
    streams = ArrayField(models.CharField(max_length=80), verbose_name=_("kênh đo"))
    begin = models.DateField(_("từ ngày"))
    end = models.DateField(_("đến hết ngày"))
    rows = models.BigIntegerField(_("số giá trị"))
    reason = models.TextField(_("căn cứ"))
    actor = models.CharField(_("người thực hiện"), max_length=120)

    class Meta:
        verbose_name = _("lần xóa số liệu theo luật")

    def __str__(self) -> str:
        return f"{self.begin:%d/%m/%Y} {self.reason}"
