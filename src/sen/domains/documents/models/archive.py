"""Destruction by approved lists, packages for the archive, roots that are trusted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sen.domains.documents import choices
from sen.domains.documents.models.documents import Document
from sen.domains.documents.models.dossiers import Dossier
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.search.fields import search_column, search_index


class Disposal(ScopedModel):
    """A list of documents to be destroyed: drawn up by one person, approved by another."""

    access = AccessRule("documents.disposal", public=False)

    class State(models.TextChoices):
        DRAFT = choices.DisposalState.DRAFT.value, _("Đang lập")
        SUBMITTED = choices.DisposalState.SUBMITTED.value, _("Chờ duyệt")
        APPROVED = choices.DisposalState.APPROVED.value, _("Đã duyệt")
        DONE = choices.DisposalState.DONE.value, _("Đã hủy tài liệu")
        RETURNED = choices.DisposalState.RETURNED.value, _("Trả lại")

    code = models.CharField(_("mã danh mục"), max_length=40, unique=True)
    name = models.CharField(_("tên danh mục hủy"), max_length=250)
    decision = models.CharField(_("quyết định hủy số"), max_length=80, blank=True)
    state = models.CharField(
        _("trạng thái"),
        max_length=10,
        choices=State.choices,
        default=choices.DisposalState.DRAFT.value,
        editable=False,
    )
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("người lập"),
    )
    drawn_by_name = models.CharField(_("người lập danh mục"), max_length=120, editable=False)
    approved_by_name = models.CharField(
        _("người duyệt"), max_length=120, blank=True, editable=False
    )
    approved_at = models.DateTimeField(_("duyệt lúc"), null=True, editable=False)
    done_at = models.DateTimeField(_("hủy lúc"), null=True, editable=False)
    items_count = models.PositiveIntegerField(_("số tài liệu"), default=0, editable=False)
    note = models.TextField(_("ghi chú"), blank=True)
    search = search_column("code", "name", "decision")

    class Meta(ScopedModel.Meta):
        verbose_name = _("danh mục tài liệu hết giá trị")
        indexes = [
            models.Index(fields=["code", "id"], name="documents_disposal_code"),
            search_index("documents_disposal_search"),
        ]

    def __str__(self) -> str:
        return self.name


class DisposalItem(models.Model):
    """A document on a list; once destroyed its line is the proof: what, which hash, when."""

    disposal = models.ForeignKey(Disposal, models.CASCADE, related_name="items")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    destroy_after = models.DateField(_("bảo quản đến"))
    reason = models.CharField(_("lý do"), max_length=300, blank=True)
    hashes = models.JSONField(default=list)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("tài liệu trong danh mục hủy")
        constraints = [
            models.UniqueConstraint(
                fields=["disposal", "document"], name="documents_disposal_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.disposal_id}: {self.document_id}"


class Package(models.Model):
    """An archive package made of a dossier for one person, with their rights; read through it."""

    class State(models.TextChoices):
        WAITING = choices.PackageState.WAITING.value, _("Đang lập")
        READY = choices.PackageState.READY.value, _("Đã lập")
        FAILED = choices.PackageState.FAILED.value, _("Không lập được")

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="packages")
    file = models.ForeignKey("kernel_files.StoredFile", models.PROTECT, null=True, related_name="+")
    name = models.CharField(_("tên tệp"), max_length=200)
    state = models.CharField(
        max_length=8, choices=State.choices, default=choices.PackageState.WAITING.value
    )
    documents_count = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    made_by_name = models.CharField(_("người lập"), max_length=120)
    made_at = models.DateTimeField(_("lập lúc"), db_default=Now(), editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("gói hồ sơ lưu trữ")

    def __str__(self) -> str:
        return self.name


class TrustAnchor(ScopedModel):
    """A root certificate on which trust in signatures rests."""

    access = AccessRule("documents.anchor", public=False)

    code = models.CharField(_("dấu vân tay SHA-256"), max_length=64, unique=True, editable=False)
    name = models.CharField(_("tên"), max_length=250)
    pem = models.TextField(_("chứng thư (PEM)"))
    issued_to = models.CharField(_("chủ thể"), max_length=400, editable=False)
    valid_from = models.DateField(_("hiệu lực từ"), editable=False)
    valid_to = models.DateField(_("hiệu lực đến"), editable=False)
    source = models.CharField(_("nguồn"), max_length=250, blank=True)
    is_active = models.BooleanField(_("đang tin cậy"), default=True)
    search = search_column("code", "name", "issued_to")

    class Meta(ScopedModel.Meta):
        verbose_name = _("chứng thư gốc tin cậy")
        indexes = [
            models.Index(fields=["name", "id"], name="documents_anchor_name"),
            search_index("documents_anchor_search"),
        ]

    def __str__(self) -> str:
        return self.name


#: Who sets up trust is not who reads documents: anchors are internal from their first moment.
ANCHOR_CLASS = DataClass.INTERNAL.value
