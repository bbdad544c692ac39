"""What a person keeps of the working screens."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """A list as somebody left it: its filters, order and columns under a name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    register = models.CharField(_("danh mục"), max_length=80)
    name = models.CharField(_("tên"), max_length=80)
    query = models.CharField(max_length=2000)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("danh sách đã lưu")
        constraints = [
            models.UniqueConstraint(fields=["user", "register", "name"], name="web_view_once")
        ]

    def __str__(self) -> str:
        return self.name


class KpiSpan(models.Model):
    """A figure for one scope as long as it was measured the same: ``since`` to ``until``.

    What does not change between two measurements writes no row. Between the end of a span and the
    next one nothing was measured. ``value`` is empty where the scope had no figure.
    """

    kpi = models.CharField(_("chỉ số"), max_length=80)
    scope = models.CharField(_("phạm vi"), max_length=16)
    value = models.FloatField(_("giá trị"), null=True)
    since = models.DateTimeField(_("đo từ lúc"))
    until = models.DateTimeField(_("đo lần cuối"))
    is_demo = models.BooleanField(_("dữ liệu minh họa"), default=False)

    class Meta:
        verbose_name = _("số liệu chỉ số đã ghi")
        indexes = [models.Index(fields=["kpi", "scope", "-since"], name="web_kpi_span")]

    def __str__(self) -> str:
        return f"{self.kpi} {self.since:%Y-%m-%d %H:%M}"


class KpiWatch(models.Model):
    """A set of scopes whose figures somebody looks at, and one account that holds it."""

    board = models.CharField(_("phạm vi"), max_length=16, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    asked_at = models.DateTimeField(_("xem lần cuối"))

    class Meta:
        verbose_name = _("bảng chỉ số được theo dõi")

    def __str__(self) -> str:
        return self.board
