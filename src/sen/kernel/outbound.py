"""Asking servers of others over HTTP: with limits, and never this machine itself.

Only addresses that somebody registered are asked. What answers is not trusted: it may not send us
to this machine or to the cloud's metadata, and may not send more than was agreed.
"""

from __future__ import annotations

import http.client
import ipaddress
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
)

from django.conf import settings
from django.utils.translation import gettext as _

from sen.kernel.errors import InvalidInputError

AGENT: Final = "Sen-harvest/1"


def refused(text: str) -> InvalidInputError:
    return InvalidInputError({"url": text})


def check_url(url: str) -> str:
    """The address of a service, without what is asked of it.

    Raises:
        InvalidInputError: it is no address of the web.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise refused(_("Địa chỉ phải có dạng https://may-chu/duong-dan, không kèm mật khẩu."))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, parts.query, ""))


def read_in_parts(url: str, *, accept: str, most: int, timeout_s: float) -> Iterator[bytes]:
    """The body of an answer in parts, no more than ``most`` bytes.

    Raises:
        InvalidInputError: the address is none, leads to this machine, or sends too much.
        URLError, OSError, HTTPException: the server cannot be reached or refuses.
    """
    request = Request(check_url(url), headers={"Accept": accept, "User-Agent": AGENT})  # noqa: S310
    size = 0
    with _opener().open(request, timeout=timeout_s) as answer:
        while chunk := answer.read(1024 * 1024):
            size += len(chunk)
            if size > most:
                raise refused(_("Nguồn gửi quá nhiều dữ liệu; hãy chọn lớp nhỏ hơn."))
            yield chunk


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent."""

    body: bytes
    content_type: str


def ask(url: str, *, accept: str, most: int, timeout_s: float) -> Answer:
    """A whole small answer, within ``timeout_s`` from the first byte asked to the last.

    Raises:
        InvalidInputError: the server cannot be reached, refuses, is too slow, or sends too much.
    """
    request = Request(check_url(url), headers={"Accept": accept, "User-Agent": AGENT})  # noqa: S310
    until = time.monotonic() + timeout_s
    try:
        with _opener().open(request, timeout=timeout_s) as answer:
            body = b""
            # A server that drips a byte now and then would hold us for ever.
            while chunk := answer.read1(65_536):
                body += chunk
                if len(body) > most:
                    raise refused(_("Máy chủ gửi quá nhiều dữ liệu."))
                if time.monotonic() > until:
                    raise refused(_("Máy chủ trả lời quá chậm."))
            return Answer(body, str(answer.headers.get_content_type()))
    except HTTPError as error:
        raise refused(_("Máy chủ trả lời mã %(code)s.") % {"code": error.code}) from error
    except (URLError, OSError, http.client.HTTPException) as error:
        why = error.reason if isinstance(error, URLError) else error
        raise refused(_("Không kết nối được tới máy chủ: %(why)s.") % {"why": why}) from error


def _opener() -> OpenerDirector:
    """HTTP alone: no files, no FTP, no proxy of the environment."""
    opener = OpenerDirector()
    for handler in (
        _Plain(),
        _Secure(context=ssl.create_default_context()),
        HTTPRedirectHandler(),
        HTTPErrorProcessor(),
        HTTPDefaultErrorHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _check_peer(connection: http.client.HTTPConnection) -> None:
    """Judge the address that was really connected to: names may point anywhere, at any time."""
    address = ipaddress.ip_address(connection.sock.getpeername()[0])
    own = address.is_loopback or address.is_link_local or address.is_unspecified
    if own and not getattr(settings, "HARVEST_LOOPBACK", False):
        connection.close()
        raise refused(_("Địa chỉ này trỏ vào chính máy chủ của hệ thống nên không được lấy."))


class _PlainConnection(http.client.HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _check_peer(self)


class _SecureConnection(http.client.HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _check_peer(self)


class _Plain(HTTPHandler):
    def http_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(_PlainConnection, req)


class _Secure(HTTPSHandler):
    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self.context = context

    def https_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(_SecureConnection, req, context=self.context)
