"""Errors of every API as problem details (RFC 9457), with Vietnamese text a person can act on."""

from __future__ import annotations

from typing import Any, Final

import structlog
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from sen.kernel.errors import SenError
from sen.kernel.problems import CONTENT_TYPE, problem
from sen.lib.errors import InputError

log = structlog.get_logger("sen.rest")
SCHEMA: Final = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "hint": {"type": "string"},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
_READING: Final = {
    401: "Not signed in, or the token is not valid",
    403: "Not allowed",
    404: "Not found, or not to be seen by the caller",
    422: "A parameter makes no sense",
}
_WRITING: Final = _READING | {
    400: "The body cannot be read",
    409: "Somebody else changed the row meanwhile",
    422: "A value is wrong; errors by field",
}


def simple(
    request: HttpRequest, status: int, code: str, title: str, detail: str = ""
) -> JsonResponse:
    """A problem of a fixed kind."""
    members: dict[str, Any] = {
        "type": f"urn:sen:problem:{code}",
        "title": title,
        "status": status,
    }
    return problem(request, members | ({"detail": detail} if detail else {}))


def describe(document: dict[str, Any]) -> None:
    """Add the problems that every operation may answer with to an OpenAPI document."""
    document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = SCHEMA
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in document["paths"].values():
        for method, operation in operations.items():
            for status, text in (_READING if method == "get" else _WRITING).items():
                answer = {"description": text, "content": content}
                operation["responses"].setdefault(str(status), answer)


def install(api: NinjaAPI) -> None:
    """Register the handlers of all errors that may leave an operation."""

    @api.exception_handler(SenError)
    def _sen(request: HttpRequest, error: Exception) -> JsonResponse:
        return problem(request, error.as_problem() if isinstance(error, SenError) else {})

    @api.exception_handler(InputError)
    def _input(request: HttpRequest, error: Exception) -> JsonResponse:
        return simple(request, 422, "invalid-input", _("Dữ liệu nhập chưa đúng."), str(error))

    @api.exception_handler(ValidationError)
    def _invalid(request: HttpRequest, error: Exception) -> JsonResponse:
        faults = error.errors if isinstance(error, ValidationError) else []
        fields: dict[str, list[str]] = {}
        for fault in faults:
            name = ".".join(str(part) for part in fault["loc"][1:]) or str(fault["loc"][-1])
            fields.setdefault(name, []).append(str(fault["msg"]))
        members = {
            "type": "urn:sen:problem:invalid-input",
            "title": _("Dữ liệu nhập chưa đúng."),
            "status": 422,
            "errors": fields,
        }
        return problem(request, members)

    @api.exception_handler(Http404)
    def _missing(request: HttpRequest, error: Exception) -> JsonResponse:
        return simple(request, 404, "not-found", _("Không tìm thấy nội dung này."))

    @api.exception_handler(PermissionDenied)
    def _denied(request: HttpRequest, error: Exception) -> JsonResponse:
        return simple(
            request, 403, "permission-denied", _("Bạn không có quyền thực hiện việc này.")
        )

    @api.exception_handler(AuthenticationError)
    def _unknown(request: HttpRequest, error: Exception) -> JsonResponse:
        answer = simple(request, 401, "sign-in-needed", _("Cần đăng nhập hoặc gửi khóa API."))
        answer.headers["WWW-Authenticate"] = 'Bearer realm="sen"'
        return answer

    @api.exception_handler(HttpError)
    def _http(request: HttpRequest, error: Exception) -> JsonResponse:
        status = error.status_code if isinstance(error, HttpError) else 400
        return simple(request, status, f"http-{status}", str(error))

    @api.exception_handler(Exception)
    def _defect(request: HttpRequest, error: Exception) -> JsonResponse:
        log.error("rest.defect", request_id=getattr(request, "request_id", ""), exc_info=error)
        return simple(
            request,
            500,
            "defect",
            _("Hệ thống gặp lỗi; mã yêu cầu đã được ghi lại để kiểm tra."),
        )
