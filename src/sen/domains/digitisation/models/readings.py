"""What was read in documents, page by page; read through the document and with its rights."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from sen.domains.digitisation.choices import ReadingState, TextSource


class Reading(models.Model):
    """The reading of the newest version of a document.

    ``head`` is what ranks first: title, number, code. ``lexemes`` are the terms of the whole
    document (``rules.finding.terms``): all words of a question are looked for there.
    """

    class State(models.TextChoices):
        WAITING = ReadingState.WAITING.value, _("Chờ nhận dạng")
        READING = ReadingState.READING.value, _("Đang nhận dạng")
        DONE = ReadingState.DONE.value, _("Đã nhận dạng")
        RESCAN = ReadingState.RESCAN.value, _("Cần quét lại")
        FAILED = ReadingState.FAILED.value, _("Không nhận dạng được")
        UNSUITED = ReadingState.UNSUITED.value, _("Không phải tài liệu để nhận dạng")

    document = models.OneToOneField("documents.Document", models.CASCADE, related_name="+")
    version = models.ForeignKey(
        "documents.DocumentVersion", models.CASCADE, null=True, related_name="+"
    )
    state = models.CharField(
        _("nhận dạng"), max_length=8, choices=State.choices, default=ReadingState.WAITING.value
    )
    pages = models.PositiveIntegerField(_("số trang"), default=0)
    poor_pages = models.PositiveIntegerField(_("trang cần quét lại"), default=0)
    stamped_pages = models.PositiveIntegerField(_("trang có dấu đỏ"), default=0)
    error = models.CharField(_("lỗi"), max_length=300, blank=True)
    seconds = models.FloatField(_("thời gian nhận dạng"), null=True)
    read_at = models.DateTimeField(_("nhận dạng lúc"), null=True)
    head = SearchVectorField(null=True, editable=False)
    lexemes = SearchVectorField(null=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("kết quả nhận dạng")
        indexes = [
            # Without a list of pending entries: every question would read it through.
            GinIndex(fields=["lexemes"], name="digitisation_reading_lexemes", fastupdate=False),
            models.Index(fields=["state", "id"], name="digitisation_reading_state"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id}: {self.state}"


class PageText(models.Model):
    """The words of a page with their boxes, and what its picture was like.

    ``words`` are rows of x, y, width, height, confidence, text; see ``data.Word`` for the units.
    """

    class Source(models.TextChoices):
        OCR = TextSource.OCR.value, _("Nhận dạng từ ảnh")
        FILE = TextSource.FILE.value, _("Có sẵn trong tệp")

    reading = models.ForeignKey(Reading, models.CASCADE, related_name="page_texts")
    number = models.PositiveIntegerField(_("trang"))
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    #: Clockwise, by which the page of the file is turned to stand upright as its boxes say.
    rotation = models.PositiveSmallIntegerField(default=0)
    text = models.TextField(_("nội dung"), blank=True)
    words = models.JSONField(default=list)
    source = models.CharField(_("nguồn"), max_length=4, choices=Source.choices)
    dpi = models.PositiveIntegerField(_("độ phân giải"), null=True)
    sharpness = models.FloatField(_("độ nét"), null=True)
    skew_deg = models.FloatField(_("độ nghiêng"), null=True)
    contrast = models.FloatField(_("tương phản"), null=True)
    sure = models.FloatField(_("độ tin cậy"), null=True)
    has_stamp = models.BooleanField(_("có dấu đỏ"), default=False)
    faults = models.JSONField(_("lý do cần quét lại"), default=list)
    tsv = SearchVectorField(null=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("trang đã nhận dạng")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["reading", "number"], name="digitisation_page_once"),
        ]

    def __str__(self) -> str:
        return f"{self.reading_id}/{self.number}"
