"""Addresses of registers: the working screens under ``/ql/`` and the public ones."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, QueryDict

from sen.kernel.web.register.resource import Resource

WORK = "/ql/"
PUBLIC = "/tra-cuu/"


def base_of(request: HttpRequest) -> str:
    """The prefix under which this page was asked for; links stay on the same side."""
    return PUBLIC if request.path.startswith(PUBLIC) else WORK


def list_url(resource: Resource[Any], base: str = WORK) -> str:
    return f"{base}{resource.path}/"


def detail_url(resource: Resource[Any], row_id: object, base: str = WORK) -> str:
    return f"{base}{resource.path}/{row_id}/"


def with_query(query: QueryDict, **changes: str | None) -> str:
    """The query string with some parameters replaced or (None) taken out."""
    copy = query.copy()
    for name, value in changes.items():
        if value is None:
            copy.pop(name, None)
        else:
            copy[name] = value
    text = copy.urlencode()
    return f"?{text}" if text else "?"
