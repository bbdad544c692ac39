"""An error as an answer for programs: problem details (RFC 9457), the same on every interface."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, JsonResponse

CONTENT_TYPE: Final = "application/problem+json"


def problem(request: HttpRequest, members: dict[str, Any]) -> JsonResponse:
    """A response from the members of a problem; ``instance`` is the request's own id."""
    body = {**members, "instance": f"urn:uuid:{getattr(request, 'request_id', '')}"}
    return JsonResponse(body, status=body["status"], content_type=CONTENT_TYPE)
