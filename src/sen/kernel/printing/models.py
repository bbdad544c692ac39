"""Maps that were printed and kept."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class PrintedMap(models.Model):
    """A PDF made for one person, with what that person may see: nobody else may open it."""

    title = models.CharField(_("tiêu đề"), max_length=200)
    order = models.JSONField(_("yêu cầu"), default=dict)
    file = models.ForeignKey("kernel_files.StoredFile", models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(
        "kernel_access.User", models.CASCADE, related_name="+", verbose_name=_("người yêu cầu")
    )
    pages = models.IntegerField(_("số trang"), default=1)
    made_at = models.DateTimeField(_("tạo lúc"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("bản in")
        indexes = [models.Index(fields=["asked_by", "-id"], name="printing_map_asked_by")]

    def __str__(self) -> str:
        return self.title
