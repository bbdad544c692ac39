"""Words for what the log holds: acts, what they were done to, what a broken seal means."""

from __future__ import annotations

from functools import cache
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.kernel.access.accounts.words import ACTS as ACCOUNT_ACTS
from sen.kernel.access.accounts.words import act_text
from sen.kernel.access.permissions import resource_title, verb_title
from sen.kernel.audit.models import AuditEntry
from sen.kernel.audit.verify import Damage
from sen.kernel.registry import Store
from sen.kernel.usecase import USE_CASES

#: Act → its words, where it is neither a permission nor the act of a use case.
act_words: Final[Store[str | Promise]] = Store("words of an act")

for _act, _words in {
    "files.attach": gettext_lazy("Đính kèm tệp"),
    "files.check": gettext_lazy("Kiểm tra tệp tải lên"),
    "files.detach": gettext_lazy("Gỡ tệp đính kèm"),
    "kernel.audit.verify": gettext_lazy("Kiểm tra chuỗi niêm phong"),
    "kernel.events.drop": gettext_lazy("Bỏ qua sự kiện"),
    "kernel.events.retry": gettext_lazy("Xử lý lại sự kiện"),
    "kernel.jobs.cancel": gettext_lazy("Hủy công việc"),
    "kernel.jobs.retry": gettext_lazy("Chạy lại công việc"),
}.items():
    act_words.add(_act, _words)

DAMAGES: Final = {
    Damage.CHANGED: gettext_lazy("dòng đã bị sửa"),
    Damage.REMOVED: gettext_lazy("dòng đã bị xóa"),
    Damage.ADDED: gettext_lazy("dòng được chèn thêm"),
    Damage.SEAL_CHANGED: gettext_lazy("chính bản niêm phong đã bị sửa"),
    Damage.CHAIN_BROKEN: gettext_lazy(
        "chuỗi bị đứt: một bản niêm phong trước đó đã bị xóa hoặc thay thế"
    ),
    Damage.NOT_AS_SHIPPED: gettext_lazy(
        "khác với bản lưu ngoài máy chủ: chuỗi đã bị tính lại hoặc bị cắt bớt"
    ),
}


def finding_text(damage: str, table: str, row: int | None) -> str:
    """One damage as a sentence."""
    words = str(DAMAGES[Damage(damage)])
    if row is None:
        return words
    return _("bảng %(table)s, dòng %(row)s: %(words)s") % {
        "table": table,
        "row": row,
        "words": words,
    }


def entry_words(entry: AuditEntry) -> str:
    """What was done, in words; an act that nobody named stands as it was written."""
    words = act_title(entry.act)
    if entry.kind == AuditEntry.Kind.REFUSED:
        return _("Bị từ chối: %(act)s") % {"act": words}
    return words


def act_title(act: str) -> str:
    """An act in words: its own, or those of the permission that it needs."""
    if (words := act_words.get(act)) is not None:
        return str(words)
    return verb_title(act) or verb_title(_permissions().get(act, "")) or act_text(act)


@cache
def _permissions() -> dict[str, str]:
    """Act of a use case → the permission that it needs."""
    return {case.act: case.permission for case in USE_CASES.values()}


def known_acts() -> list[tuple[str, str]]:
    """Acts that the log may hold, with their words, for a person who looks for one."""
    acts = {*_permissions(), *act_words.names(), *ACCOUNT_ACTS}
    return sorted((act, act_title(act)) for act in acts)


def resource_words(resource: str) -> str:
    """What an act was done to, as the registers call it."""
    return resource_title(resource)
