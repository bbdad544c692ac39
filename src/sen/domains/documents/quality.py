"""What is checked on documents: whether they can be found, read and kept as the rules say."""

from __future__ import annotations

from typing import Final

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.kernel.quality.checks import Check, Dimension, add_check, clean_text, expected

DOCUMENTS: Final = "documents.documents"

expected(DOCUMENTS, "number", "number", _("Có số, ký hiệu"))
expected(DOCUMENTS, "issued-on", "issued_on", _("Có ngày ban hành"))
expected(DOCUMENTS, "issuer", "issuer", _("Có cơ quan ban hành"))
expected(DOCUMENTS, "retention", "retention", _("Có thời hạn bảo quản"))
clean_text(DOCUMENTS, "abstract", _("Trích yếu không có ký tự thừa hoặc lỗi phông"))
add_check(
    Check(
        register=DOCUMENTS,
        name="has-content",
        dimension=Dimension.COMPLETE,
        title=_("Có tệp nội dung đã kiểm tra"),
        help=_("Tải bản quét hoặc bản điện tử lên."),
        field="state",
        faulty=lambda: ~Q(state="CLEAN"),
        weight=2,
    )
)
add_check(
    Check(
        register=DOCUMENTS,
        name="issued-in-the-past",
        dimension=Dimension.CORRECT,
        title=_("Ngày ban hành không ở tương lai"),
        help=_("Sửa ngày ban hành."),
        field="issued_on",
        faulty=lambda: Q(issued_on__gt=timezone.localdate()),
        applies=lambda: Q(issued_on__isnull=False),
    )
)
add_check(
    Check(
        register=DOCUMENTS,
        name="kept-from-after-issue",
        dimension=Dimension.CONSISTENT,
        title=_("Thời hạn bảo quản tính từ sau ngày ban hành"),
        help=_("Sửa ngày tính thời hạn bảo quản."),
        field="kept_from",
        faulty=lambda: Q(kept_from__lt=F("issued_on")),
        applies=lambda: Q(kept_from__isnull=False, issued_on__isnull=False),
    )
)
add_check(
    Check(
        register=DOCUMENTS,
        name="not-kept-too-long",
        dimension=Dimension.ALIVE,
        title=_("Chưa quá thời hạn bảo quản"),
        help=_("Đưa vào danh mục hủy, hoặc giữ nguyên kèm lý do."),
        field="destroy_after",
        faulty=lambda: Q(destroy_after__lt=timezone.localdate(), held_at__isnull=True),
        applies=lambda: Q(destroy_after__isnull=False),
    )
)
