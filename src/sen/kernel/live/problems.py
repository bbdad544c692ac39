"""Why a stream is refused, as problem details (RFC 9457) in Vietnamese or English. No Django."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal; ``hint`` says how to mend it."""

    code: str
    status: int
    title_vi: str
    hint_vi: str
    title_en: str
    hint_en: str

    def encoded(self, *, english: bool) -> bytes:
        return msgspec.json.encode(
            {
                "type": f"urn:sen:problem:live-{self.code}",
                "status": self.status,
                "title": self.title_en if english else self.title_vi,
                "detail": self.hint_en if english else self.hint_vi,
            }
        )


PROBLEMS: Final = {
    problem.code: problem
    for problem in (
        Problem(
            "missing",
            401,
            "Thiếu vé xem trực tiếp.",
            "Hãy lấy vé tại /live/ticket rồi mở luồng với tham số ticket.",
            "The ticket is missing.",
            "Get a ticket from /live/ticket and open the stream with the parameter ticket.",
        ),
        Problem(
            "invalid",
            403,
            "Vé xem trực tiếp không hợp lệ.",
            "Vé đã bị sửa hoặc do hệ thống khác cấp. Hãy tải lại trang để lấy vé mới.",
            "The ticket is not valid.",
            "It was altered or comes from another system. Reload the page to get a new one.",
        ),
        Problem(
            "expired",
            403,
            "Vé xem trực tiếp đã hết hạn.",
            "Vé chỉ có hiệu lực 60 giây. Hãy lấy vé mới tại /live/ticket rồi mở lại luồng.",
            "The ticket has expired.",
            "A ticket is valid for 60 seconds. Get a new one from /live/ticket.",
        ),
        Problem(
            "origin",
            403,
            "Trang này không được phép xem luồng trực tiếp.",
            "Hãy mở luồng từ địa chỉ của hệ thống, nơi vé được cấp.",
            "This page may not open live streams.",
            "Open the stream from the address at which the ticket was issued.",
        ),
        Problem(
            "too-many",
            429,
            "Phiên làm việc này đã mở đủ số luồng trực tiếp.",
            "Mỗi phiên được mở tối đa 4 luồng. Hãy đóng bớt thẻ trình duyệt rồi thử lại.",
            "This session has reached its number of live streams.",
            "A session may open 4 streams. Close another tab and try again.",
        ),
        Problem(
            "not-found",
            404,
            "Không có địa chỉ này.",
            "Luồng trực tiếp nằm tại /live/stream.",
            "There is nothing at this address.",
            "Live streams are at /live/stream.",
        ),
    )
}
