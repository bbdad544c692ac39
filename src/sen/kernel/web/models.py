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
