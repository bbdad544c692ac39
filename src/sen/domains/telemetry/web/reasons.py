"""Reasons of refused payloads in words, and how to mend them."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_REASONS: Final[dict[str, Promise]] = {
    "no-key": _("Thiếu khóa hoặc khóa hết hiệu lực"),
    "not-active": _("Thiết bị đang bị cách ly hoặc đã ngừng sử dụng"),
    "too-large": _("Bản tin quá lớn"),
    "media-type": _("Dạng nội dung không nhận"),
    "not-readable": _("Không đọc được bản tin"),
    "unknown-stream": _("Kênh đo không thuộc thiết bị"),
    "stream-paused": _("Kênh đo đang tạm ngừng"),
    "no-number": _("Giá trị không phải số"),
    "wrong-result": _("Giá trị không đúng kiểu của kênh"),
    "result-object": _("Kết quả không phải đối tượng theo lược đồ"),
    "result-unknown": _("Kết quả có thành phần ngoài lược đồ"),
    "result-missing": _("Kết quả thiếu thành phần bắt buộc"),
    "result-type": _("Thành phần của kết quả sai kiểu"),
    "result-range": _("Thành phần của kết quả ngoài khoảng cho phép"),
    "result-length": _("Thành phần của kết quả sai số lượng"),
    "result-choice": _("Thành phần của kết quả ngoài danh sách"),
    "not-kept": _("Kết quả hoặc tham số không lưu được"),
    "time": _("Thời gian không đọc được"),
    "clock-unset": _("Đồng hồ thiết bị chưa đặt"),
    "clock-ahead": _("Thời gian ở tương lai quá một ngày"),
    "unit": _("Đơn vị không đổi được"),
    "topic": _("Sai chủ đề MQTT"),
    "no-mapping": _("Thiết bị chưa có ánh xạ bản tin"),
    "mapping": _("Ánh xạ không đọc được bản tin"),
    "unknown-device": _("Thiết bị lạ"),
    "pull-away": _("Thiết bị không trả lời khi được đọc"),
    "pull-point": _("Điểm đọc không cho giá trị"),
    "pull-overflow": _("Bộ đệm đầy trong khi luồng số liệu tạm ngừng"),
}


def reason_text(code: str) -> str:
    """A reason in words; one that is not known here stands as it was written."""
    return str(_REASONS.get(code, code))
