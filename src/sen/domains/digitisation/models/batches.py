"""Batches: files as they came from the scanner, their sheets, the documents that they become."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sen.domains.digitisation.choices import BatchState, PartState, SheetRole
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import AccessRule
from sen.kernel.search.fields import search_column, search_index


class Batch(ScopedModel):
    """A pile of scanned sheets on its way to becoming documents.

    Documents that come out of it take its owner, place and class.
    """

    access = AccessRule("digitisation.batch", public=False)

    class State(models.TextChoices):
        SPLITTING = BatchState.SPLITTING.value, _("Đang tách trang")
        OPEN = BatchState.OPEN.value, _("Chờ kiểm tra")
        DONE = BatchState.DONE.value, _("Đã xong")

    code = models.CharField(_("mã lô"), max_length=40, unique=True)
    name = models.CharField(_("tên lô quét"), max_length=250)
    state = models.CharField(
        _("trạng thái"),
        max_length=10,
        choices=State.choices,
        default=BatchState.OPEN.value,
        editable=False,
    )
    dossier = models.ForeignKey(
        "documents.Dossier",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("hồ sơ công trình"),
    )
    shelf = models.CharField(_("nơi lưu bản giấy"), max_length=200, blank=True)
    sheets_count = models.PositiveIntegerField(_("số trang quét"), default=0, editable=False)
    parts_count = models.PositiveIntegerField(_("số tài liệu"), default=0, editable=False)
    accepted_count = models.PositiveIntegerField(_("đã tiếp nhận"), default=0, editable=False)
    note = models.TextField(_("ghi chú"), blank=True)
    search = search_column("code", "name", "shelf")

    class Meta(ScopedModel.Meta):
        verbose_name = _("lô quét")
        indexes = [
            models.Index(fields=["code", "id"], name="digitisation_batch_code"),
            models.Index(fields=["name", "id"], name="digitisation_batch_name"),
            models.Index(fields=["updated_at", "id"], name="digitisation_batch_updated"),
            search_index("digitisation_batch_search"),
        ]

    def __str__(self) -> str:
        return self.name


class BatchFile(models.Model):
    """A file as it came from the scanner; it stays as it is, whatever becomes of its sheets."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("Chờ tách trang")
        SPLIT = "SPLIT", _("Đã tách trang")
        FAILED = "FAILED", _("Không đọc được")

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="files")
    file = models.ForeignKey("kernel_files.StoredFile", models.PROTECT, related_name="+")
    name = models.CharField(_("tên tệp"), max_length=200)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    error = models.CharField(_("lỗi"), max_length=300, blank=True)
    added_by_name = models.CharField(_("người thêm"), max_length=120)
    added_at = models.DateTimeField(_("thêm lúc"), db_default=Now(), editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("tệp quét")

    def __str__(self) -> str:
        return self.name


class Part(models.Model):
    """A proposed document; accepted once it has become one."""

    class State(models.TextChoices):
        PROPOSED = PartState.PROPOSED.value, _("Chờ kiểm tra")
        QUEUED = PartState.QUEUED.value, _("Đang lập tài liệu")
        ACCEPTED = PartState.ACCEPTED.value, _("Đã tiếp nhận")

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="parts")
    order = models.PositiveIntegerField(_("thứ tự"))
    kind = models.CharField(_("loại tài liệu"), max_length=12, blank=True)
    abstract = models.CharField(_("trích yếu nội dung"), max_length=500, blank=True)
    number = models.CharField(_("số, ký hiệu"), max_length=80, blank=True)
    issued_on = models.DateField(_("ngày ban hành"), null=True, blank=True)
    dossier = models.ForeignKey(
        "documents.Dossier", models.PROTECT, null=True, blank=True, related_name="+"
    )
    dossier_part = models.CharField(_("thành phần hồ sơ"), max_length=40, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=PartState.PROPOSED.value)
    note = models.CharField(_("lưu ý"), max_length=300, blank=True)
    document = models.ForeignKey(
        "documents.Document", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(_("tiếp nhận lúc"), null=True)
    accepted_by_name = models.CharField(_("người tiếp nhận"), max_length=120, blank=True)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("tài liệu đề nghị")
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.abstract or f"{self.order}"


class Sheet(models.Model):
    """One scanned side, in the order in which the batch came in."""

    class Role(models.TextChoices):
        KEPT = SheetRole.KEPT.value, _("Giữ")
        BLANK = SheetRole.BLANK.value, _("Trang trắng")
        SEPARATOR = SheetRole.SEPARATOR.value, _("Tờ phân cách")
        DROPPED = SheetRole.DROPPED.value, _("Bỏ ra")

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="sheets")
    file = models.ForeignKey(BatchFile, models.CASCADE, related_name="sheets")
    part = models.ForeignKey(Part, models.SET_NULL, null=True, blank=True, related_name="sheets")
    order = models.PositiveIntegerField()
    page = models.PositiveIntegerField()
    role = models.CharField(max_length=9, choices=Role.choices, default=Role.KEPT)
    #: Clockwise, as the operator turned it.
    rotation = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=160, blank=True)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("trang quét")
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["file", "page"], name="digitisation_sheet_once"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.page}"
