"""What people read for the closed lists of this domain."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from sen.domains.digitisation.choices import Fault, ReadingState

FAULTS: Final = {
    Fault.COARSE.value: _("độ phân giải thấp hơn mức quy định"),
    Fault.BLURRED.value: _("chữ bị nhòe"),
    Fault.SKEWED.value: _("trang bị nghiêng"),
    Fault.FAINT.value: _("mực quá nhạt so với nền giấy"),
    Fault.UNSURE.value: _("chữ không nhận ra được: trang có thể bị ngược hoặc viết tay"),
}
TONES: Final = {
    ReadingState.WAITING.value: "",
    ReadingState.READING.value: "info",
    ReadingState.DONE.value: "ok",
    ReadingState.RESCAN.value: "warn",
    ReadingState.FAILED.value: "danger",
    ReadingState.UNSUITED.value: "",
}
