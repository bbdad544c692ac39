"""The pages of refused, lost and failed requests: what happened, and where to go from here."""

from __future__ import annotations

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseServerError,
)
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    text = _("Trình duyệt gửi yêu cầu mà máy chủ không hiểu được. Hãy tải lại trang rồi thử lại.")
    return _page(request, 400, _("Yêu cầu không hợp lệ"), text)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What was refused, in the words of whoever refused it."""
    usual = _(
        "Tài khoản của bạn chưa được cấp quyền làm việc này. "
        "Nếu cần, hãy đề nghị quản trị hệ thống của đơn vị cấp quyền."
    )
    return _page(request, 403, _("Không có quyền"), str(exception) or usual)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The reason is shown when a page gave one; the resolver's own is a list of addresses."""
    said = exception.args[0] if exception.args else ""
    usual = _(
        "Địa chỉ có thể đã ghi sai, trang đã bị xóa, hoặc bạn chưa được cấp quyền xem. "
        "Hãy tìm theo tên hoặc mã."
    )
    text = said if isinstance(said, str) and said else usual
    return _page(request, 404, _("Không tìm thấy trang hoặc bản ghi"), text)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open for too long, or cookies are off."""
    text = _(
        "Trang đã mở quá lâu hoặc trình duyệt chặn cookie, nên chưa lưu gì. "
        "Hãy quay lại trang trước, tải lại rồi gửi lần nữa."
    )
    return _page(request, 403, _("Biểu mẫu đã hết hạn"), text)


#: Also shown when nothing works any more, so it needs neither the database nor a session.
_FAILED_TITLE = gettext_noop("Máy chủ gặp lỗi")
_FAILED_TEXT = gettext_noop(
    "Yêu cầu chưa được thực hiện và dữ liệu không bị thay đổi. Hãy thử lại sau ít phút; "
    "nếu vẫn lỗi, hãy báo quản trị hệ thống."
)


def server_error(request: HttpRequest) -> HttpResponse:
    context = {
        "error_code": 500,
        "error_title": _(_FAILED_TITLE),
        "error_text": _(_FAILED_TEXT),
        "request": request,
    }
    return HttpResponseServerError(render_to_string("sen/error.html", context))


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    context = {"error_code": status, "error_title": title, "error_text": text}
    return render(request, "sen/error.html", context, status=status)
