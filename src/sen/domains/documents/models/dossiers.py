"""Dossiers of works: parts, what lies in them, what is missing."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sen.domains.documents.catalogue import work_choices
from sen.domains.documents.models.documents import Document, RetentionChoices
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import AccessRule
from sen.kernel.search.fields import search_column, search_index


class Dossier(ScopedModel):
    """The dossier of one work.

    ``share`` and ``missing`` are counted by the house over everything that lies in it, whoever
    looks: a part whose documents somebody may not read is not missing. ``waived`` says of
    required parts why this work has none.
    """

    access = AccessRule("documents.dossier")
    history_skips = ("missing_names",)

    code = models.CharField(_("mã hồ sơ"), max_length=40, unique=True)
    name = models.CharField(_("tên hồ sơ"), max_length=250)
    work = models.CharField(_("loại công trình"), max_length=12, choices=work_choices)
    register = models.CharField(max_length=80, blank=True, editable=False)
    resource = models.CharField(max_length=80, blank=True, editable=False)
    object_id = models.BigIntegerField(null=True, editable=False)
    opened_on = models.DateField(_("ngày mở hồ sơ"), null=True, blank=True)
    closed_on = models.DateField(_("ngày kết thúc hồ sơ"), null=True, blank=True)
    shelf = models.CharField(_("nơi lưu bản giấy"), max_length=200, blank=True)
    retention = models.CharField(
        _("nhóm thời hạn bảo quản"), max_length=14, choices=RetentionChoices.choices, blank=True
    )
    note = models.TextField(_("ghi chú"), blank=True)
    hold_reason = models.CharField(_("lý do giữ nguyên"), max_length=300, blank=True)
    held_at = models.DateTimeField(_("giữ nguyên từ"), null=True, editable=False)
    held_by_name = models.CharField(_("người yêu cầu giữ"), max_length=120, blank=True)
    waived = models.JSONField(_("phần không áp dụng"), default=dict, editable=False)
    documents_count = models.PositiveIntegerField(_("số tài liệu"), default=0, editable=False)
    required_count = models.PositiveSmallIntegerField(_("phần phải có"), default=0, editable=False)
    missing_count = models.PositiveSmallIntegerField(_("phần còn thiếu"), default=0, editable=False)
    share = models.PositiveSmallIntegerField(_("đầy đủ"), default=0, editable=False)
    missing = models.JSONField(default=list, editable=False)
    missing_names = models.TextField(_("các phần còn thiếu"), default="", editable=False)
    search = search_column("code", "name", "shelf")

    class Meta(ScopedModel.Meta):
        verbose_name = _("hồ sơ công trình")
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "object_id"],
                condition=Q(object_id__isnull=False),
                name="documents_dossier_of_row",
            ),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="documents_dossier_name"),
            models.Index(fields=["share", "id"], name="documents_dossier_share"),
            models.Index(fields=["missing_count", "id"], name="documents_dossier_missing"),
            models.Index(fields=["work", "share", "id"], name="documents_dossier_work"),
            search_index("documents_dossier_search"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_held(self) -> bool:
        return bool(self.hold_reason)


class DossierItem(models.Model):
    """A document lies in a part of a dossier; read through the dossier."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="items")
    part = models.CharField(_("thành phần"), max_length=40)
    document = models.ForeignKey(Document, models.CASCADE, related_name="+")
    added_by_name = models.CharField(_("người thêm"), max_length=120)
    added_at = models.DateTimeField(_("thêm lúc"), db_default=Now(), editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("tài liệu trong hồ sơ")
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "part", "document"], name="documents_item_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part}: {self.document_id}"
