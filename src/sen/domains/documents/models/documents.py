"""Documents with their versions, the forms of a version, and what a document is about."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sen.domains.documents import choices
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import AccessRule
from sen.kernel.search.fields import search_column, search_index


class KindChoices(models.TextChoices):
    DECISION = choices.DocumentKind.DECISION.value, _("Quyết định")
    SUBMISSION = choices.DocumentKind.SUBMISSION.value, _("Tờ trình")
    LETTER = choices.DocumentKind.LETTER.value, _("Công văn, thông báo")
    CONTRACT = choices.DocumentKind.CONTRACT.value, _("Hợp đồng")
    MINUTES = choices.DocumentKind.MINUTES.value, _("Biên bản")
    REPORT = choices.DocumentKind.REPORT.value, _("Báo cáo")
    EXPLANATION = choices.DocumentKind.EXPLANATION.value, _("Thuyết minh, dự toán")
    DRAWING = choices.DocumentKind.DRAWING.value, _("Bản vẽ")
    CERTIFICATE = choices.DocumentKind.CERTIFICATE.value, _("Chứng chỉ, chứng nhận")
    TEST_RESULT = choices.DocumentKind.TEST_RESULT.value, _("Kết quả thí nghiệm, kiểm định")
    PROCEDURE = choices.DocumentKind.PROCEDURE.value, _("Quy trình")
    PERMIT = choices.DocumentKind.PERMIT.value, _("Giấy phép")
    DIARY = choices.DocumentKind.DIARY.value, _("Nhật ký")
    PHOTO = choices.DocumentKind.PHOTO.value, _("Ảnh")
    OTHER = choices.DocumentKind.OTHER.value, _("Tài liệu khác")


class RetentionChoices(models.TextChoices):
    WORK_IMPORTANT = (
        choices.Retention.WORK_IMPORTANT.value,
        _("Hồ sơ công trình quan trọng, nhóm A"),
    )
    WORK = choices.Retention.WORK.value, _("Hồ sơ công trình khác")
    MAINTENANCE = choices.Retention.MAINTENANCE.value, _("Hồ sơ bảo trì, sửa chữa")
    INSPECTION = choices.Retention.INSPECTION.value, _("Kiểm tra, kiểm định, quan trắc")
    DIRECTIVE = choices.Retention.DIRECTIVE.value, _("Văn bản chỉ đạo, quyết định")
    CONTRACT = choices.Retention.CONTRACT.value, _("Hợp đồng, thanh quyết toán")
    PERMIT = choices.Retention.PERMIT.value, _("Hồ sơ cấp phép, thủ tục hành chính")
    ROUTINE = choices.Retention.ROUTINE.value, _("Công văn trao đổi thường ngày")


class StateChoices(models.TextChoices):
    NONE = choices.FileState.NONE.value, _("Chưa có tệp")
    QUARANTINE = choices.FileState.QUARANTINE.value, _("Đang kiểm tra an toàn")
    CLEAN = choices.FileState.CLEAN.value, _("Đã có tệp")
    REJECTED = choices.FileState.REJECTED.value, _("Tệp bị từ chối")
    DESTROYED = choices.FileState.DESTROYED.value, _("Đã hủy")


class SignatureChoices(models.TextChoices):
    PENDING = choices.SignatureState.PENDING.value, _("Chưa đọc chữ ký số")
    NONE = choices.SignatureState.NONE.value, _("Không có chữ ký số")
    TRUSTED = choices.SignatureState.TRUSTED.value, _("Chữ ký số hợp lệ")
    UNKNOWN_ROOT = choices.SignatureState.UNKNOWN_ROOT.value, _("Nguyên vẹn, gốc chưa tin cậy")
    INVALID = choices.SignatureState.INVALID.value, _("Chứng thư không hợp lệ")
    ALTERED = choices.SignatureState.ALTERED.value, _("Đã bị sửa sau khi ký")
    UNREADABLE = choices.SignatureState.UNREADABLE.value, _("Không đọc được chữ ký số")


class Document(ScopedModel):
    """A document; what it says lies in its versions.

    ``state``, ``signature_state``, ``pages`` and ``versions_count`` repeat the newest version, so
    that lists can show and filter them. ``kept_from`` is the day from which the years of its
    retention count, ``destroy_after`` the last day on which it must be kept.
    """

    access = AccessRule("documents.document")

    code = models.CharField(_("mã tài liệu"), max_length=40, unique=True)
    kind = models.CharField(_("loại tài liệu"), max_length=12, choices=KindChoices.choices)
    number = models.CharField(_("số, ký hiệu"), max_length=80, blank=True)
    issued_on = models.DateField(_("ngày ban hành"), null=True, blank=True)
    issuer = models.CharField(_("cơ quan ban hành"), max_length=200, blank=True)
    signer = models.CharField(_("người ký"), max_length=120, blank=True)
    abstract = models.CharField(_("trích yếu nội dung"), max_length=500)
    note = models.TextField(_("ghi chú"), blank=True)
    retention = models.CharField(
        _("nhóm thời hạn bảo quản"), max_length=14, choices=RetentionChoices.choices, blank=True
    )
    kept_from = models.DateField(_("tính thời hạn từ"), null=True, blank=True)
    destroy_after = models.DateField(_("bảo quản đến"), null=True, editable=False)
    hold_reason = models.CharField(_("lý do giữ nguyên"), max_length=300, blank=True)
    held_at = models.DateTimeField(_("giữ nguyên từ"), null=True, editable=False)
    held_by_name = models.CharField(_("người yêu cầu giữ"), max_length=120, blank=True)
    state = models.CharField(
        _("tình trạng tệp"),
        max_length=10,
        choices=StateChoices.choices,
        default=choices.FileState.NONE.value,
        editable=False,
    )
    signature_state = models.CharField(
        _("chữ ký số"),
        max_length=12,
        choices=SignatureChoices.choices,
        default=choices.SignatureState.NONE.value,
        editable=False,
    )
    pages = models.PositiveIntegerField(_("số trang"), null=True, editable=False)
    versions_count = models.PositiveSmallIntegerField(_("số phiên bản"), default=0, editable=False)
    search = search_column("code", "number", "abstract", "issuer", "signer")

    class Meta(ScopedModel.Meta):
        verbose_name = _("tài liệu")
        indexes = [
            models.Index(fields=["issued_on", "id"], name="documents_document_issued"),
            models.Index(fields=["number", "id"], name="documents_document_number"),
            models.Index(fields=["abstract", "id"], name="documents_document_abstract"),
            models.Index(fields=["kind", "issued_on", "id"], name="documents_document_kind"),
            models.Index(fields=["updated_at", "id"], name="documents_document_updated"),
            models.Index(
                fields=["destroy_after", "id"],
                name="documents_document_due",
            ),
            search_index("documents_document_search"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.abstract}".strip() if self.number else self.abstract

    @property
    def is_held(self) -> bool:
        return bool(self.hold_reason)

    @classmethod
    def sync_sql(cls) -> list[str]:
        """What a version says is never changed, whoever asks: only its content may be destroyed."""
        return [_FROZEN, *_FROZEN_TRIGGER]


_FROZEN = """
CREATE OR REPLACE FUNCTION documents_frozen_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.document_id, NEW.number, NEW.sha256, NEW.size, NEW.mime, NEW.name, NEW.note, NEW.source,
      NEW.added_by_name, NEW.added_at)
     IS DISTINCT FROM
     (OLD.document_id, OLD.number, OLD.sha256, OLD.size, OLD.mime, OLD.name, OLD.note, OLD.source,
      OLD.added_by_name, OLD.added_at)
     OR (NEW.file_id IS NOT NULL AND NEW.file_id IS DISTINCT FROM OLD.file_id)
  THEN
    RAISE EXCEPTION 'documents: a version is never changed; add another one';
  END IF;
  RETURN NEW;
END $$;"""
_FROZEN_TRIGGER = (
    "DROP TRIGGER IF EXISTS documents_frozen ON documents_documentversion",
    """CREATE TRIGGER documents_frozen BEFORE UPDATE ON documents_documentversion
    FOR EACH ROW EXECUTE FUNCTION documents_frozen_version()""",
)


class DocumentVersion(models.Model):
    """One content of a document, as it came in; read through its document.

    The file is gone once the document was destroyed; its hash stays as the proof of what it was.
    """

    class Source(models.TextChoices):
        UPLOAD = choices.Source.UPLOAD.value, _("Tải lên")
        SCAN = choices.Source.SCAN.value, _("Quét từ bản giấy")
        IMPORT = choices.Source.IMPORT.value, _("Nhập từ gói hồ sơ")
        SIGNED = choices.Source.SIGNED.value, _("Bản ký số")
        SYSTEM = choices.Source.SYSTEM.value, _("Hệ thống lập")

    document = models.ForeignKey(Document, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("phiên bản"))
    file = models.ForeignKey("kernel_files.StoredFile", models.PROTECT, null=True, related_name="+")
    name = models.CharField(_("tên tệp"), max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField(_("kích thước"))
    mime = models.CharField(max_length=100)
    note = models.CharField(_("lý do"), max_length=300, blank=True)
    source = models.CharField(_("nguồn"), max_length=8, choices=Source.choices)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    added_by_name = models.CharField(_("người thêm"), max_length=120)
    added_at = models.DateTimeField(_("thêm lúc"), db_default=Now(), editable=False)
    pages = models.PositiveIntegerField(_("số trang"), null=True)
    signature_state = models.CharField(
        _("chữ ký số"),
        max_length=12,
        choices=SignatureChoices.choices,
        default=choices.SignatureState.NONE.value,
    )
    signatures = models.JSONField(_("các chữ ký số"), default=list)
    signatures_at = models.DateTimeField(_("đọc chữ ký lúc"), null=True)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("phiên bản tài liệu")
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="documents_version_once"),
        ]
        indexes = [models.Index(fields=["sha256"], name="documents_version_sha256")]

    def __str__(self) -> str:
        return f"{self.name} (v{self.number})"


class Rendition(models.Model):
    """Another form of a version, made by a program and kept beside the untouched original."""

    version = models.ForeignKey(DocumentVersion, models.CASCADE, related_name="renditions")
    kind = models.CharField(_("dạng"), max_length=40)
    file = models.ForeignKey("kernel_files.StoredFile", models.PROTECT, related_name="+")
    name = models.CharField(_("tên tệp"), max_length=200)
    made_by = models.CharField(_("do chương trình"), max_length=120)
    made_at = models.DateTimeField(_("lập lúc"), db_default=Now(), editable=False)
    detail = models.JSONField(default=dict)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("bản dẫn xuất")
        constraints = [
            models.UniqueConstraint(fields=["version", "kind"], name="documents_rendition_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"


class DocumentLink(models.Model):
    """A document is about a row of a register; read through both of them.

    ``resource`` is the guarded resource of the register: a row that stands in several registers
    is one thing.
    """

    document = models.ForeignKey(Document, models.CASCADE, related_name="links")
    register = models.CharField(max_length=80)
    resource = models.CharField(max_length=80)
    object_id = models.BigIntegerField()
    added_by_name = models.CharField(_("người thêm"), max_length=120)
    added_at = models.DateTimeField(_("thêm lúc"), db_default=Now(), editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("liên kết của tài liệu")
        constraints = [
            models.UniqueConstraint(
                fields=["document", "resource", "object_id"], name="documents_link_once"
            ),
        ]
        indexes = [models.Index(fields=["resource", "object_id"], name="documents_link_row")]

    def __str__(self) -> str:
        return f"{self.register}/{self.object_id}"
