"""From quarantine to clean or rejected."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.events.publishing import publish
from sen.kernel.files import antivirus
from sen.kernel.files.backends import backend
from sen.kernel.files.confined import ConfinedError, run_confined
from sen.kernel.files.events import FileChecked
from sen.kernel.files.kinds import BY_MIME
from sen.kernel.files.models import StoredFile

INSPECTION: Final = "sen.kernel.files.inspection"

FAULTS: Final = {
    "pdf.encrypted": gettext_lazy("tệp PDF được đặt mật khẩu hoặc mã hóa"),
    "pdf.javascript": gettext_lazy("tệp PDF có mã JavaScript"),
    "pdf.launch": gettext_lazy("tệp PDF có lệnh chạy chương trình"),
    "pdf.embedded": gettext_lazy("tệp PDF có tệp khác đính bên trong; hãy tải riêng tệp đó"),
    "pdf.media": gettext_lazy("tệp PDF có phim, âm thanh hoặc mô hình 3D"),
    "pdf.xfa": gettext_lazy("tệp PDF là biểu mẫu động (XFA); hãy in ra PDF thường"),
    "pdf.huge": gettext_lazy("tệp PDF có quá nhiều đối tượng"),
    "pdf.broken": gettext_lazy("tệp PDF bị hỏng, không đọc được"),
    "office.macros": gettext_lazy("tệp có macro; hãy lưu lại ở dạng không có macro"),
    "office.activex": gettext_lazy("tệp có điều khiển ActiveX"),
    "office.embedded": gettext_lazy("tệp có tệp khác nhúng bên trong; hãy tải riêng tệp đó"),
    "office.external": gettext_lazy("tệp lấy mẫu từ địa chỉ bên ngoài"),
    "office.broken": gettext_lazy("tệp bị hỏng, không đọc được"),
    "zip.broken": gettext_lazy("tệp nén bị hỏng, không đọc được"),
    "zip.bomb": gettext_lazy("tệp nén bung ra quá lớn hoặc quá nhiều tệp"),
    "zip.encrypted": gettext_lazy("tệp nén được đặt mật khẩu"),
    "zip.path": gettext_lazy("tệp nén có đường dẫn ra ngoài thư mục"),
    "zip.program": gettext_lazy("tệp nén có chương trình chạy được"),
    "unreadable": gettext_lazy("không kiểm tra được tệp trong thời gian và bộ nhớ cho phép"),
}


def needs_check(mime: str) -> bool:
    """Whether a content must wait: its kind is inspected, or there is a virus scanner."""
    kind = BY_MIME.get(mime)
    return antivirus.is_configured() or bool(kind and kind.inspection)


def inspected(file: StoredFile) -> dict[str, Any]:
    """Faults and facts of a content by the inspection of its kind."""
    kind = BY_MIME.get(file.mime)
    if kind is None or not kind.inspection:
        return {"faults": [], "facts": {}}
    try:
        with backend().local(file.sha256) as path:
            found: dict[str, Any] = run_confined(INSPECTION, [str(path), kind.inspection])
    except ConfinedError:
        return {"faults": ["unreadable"], "facts": {}}
    return found


def check_file(*, actor: Actor, file: StoredFile) -> StoredFile:
    """Inspect a content, let the scanner read it, and tell whoever waits for it.

    Raises:
        ScannerError: the scanner is configured and does not answer; the file stays where it is.
    """
    found = inspected(file)
    reasons = [str(FAULTS.get(code, code)) for code in found["faults"]]
    scanned = "none"
    if not reasons and antivirus.is_configured():
        with backend().open(file.sha256) as content:
            virus = antivirus.scan(content).virus
        scanned = "clamav"
        if virus:
            reasons.append(_("có mã độc %(virus)s") % {"virus": virus})
    with transaction.atomic():
        settle(file, reasons, found["facts"] | {"antivirus": scanned})
    return file


def settle(file: StoredFile, reasons: list[str], findings: dict[str, Any]) -> None:
    """Write the outcome of a check and publish it."""
    file.state = StoredFile.State.REJECTED if reasons else StoredFile.State.CLEAN
    text = "; ".join(reasons)
    file.reason = (text[:1].upper() + text[1:])[:500]
    file.findings = findings
    file.save(update_fields=["state", "reason", "findings"])
    StoredFile.objects.filter(pk=file.pk).update(checked_at=Now())
    record(
        act="files.check",
        resource="kernel.files",
        object_id=str(file.pk),
        label=file.sha256[:12],
        detail={"state": file.state, "reason": file.reason},
    )
    publish(
        FileChecked(file_id=file.pk, sha256=file.sha256, state=str(file.state), reason=file.reason),
        key=file.pk,
    )
