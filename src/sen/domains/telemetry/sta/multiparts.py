"""``$batch`` as ``multipart/mixed``: parts that are requests, and change sets of such parts.

Source:
    OData 4.01 protocol, 11.7.7 (multipart batch format).
"""

from __future__ import annotations

import uuid
from email.message import Message
from email.parser import BytesParser
from http import HTTPStatus
from itertools import groupby
from typing import Any, Final

import msgspec

from sen.domains.telemetry.sta.answers import Answer, RefusedError
from sen.lib.errors import gettext_noop

KIND: Final = "multipart/mixed"
#: Members of an item that only this form needs.
_NAMED: Final = "named"


def items_of(body: bytes, content_type: str, root: str) -> list[dict[str, Any]]:
    """The requests of a message, as those of the JSON form.

    Raises:
        RefusedError: it is none, or a part of it is no request.
    """
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    parts = _parts(BytesParser().parsebytes(head + body))
    items: list[dict[str, Any]] = []
    for number, part in enumerate(parts):
        if part.get_content_type() == KIND:
            inner = _parts(part)
            items += [_item(one, f"{number}.{n}", root, str(number)) for n, one in enumerate(inner)]
        else:
            items.append(_item(part, str(number), root, None))
    return items


def _parts(message: Message) -> list[Message]:
    found = message.get_payload() if message.is_multipart() else None
    if not isinstance(found, list):
        raise _wrong()
    return [part for part in found if isinstance(part, Message)]


def _item(part: Message, number: str, root: str, group: str | None) -> dict[str, Any]:
    raw = part.get_payload(decode=True)
    if part.get_content_type() != "application/http" or not isinstance(raw, bytes):
        raise _wrong()
    head, _blank, body = raw.lstrip().replace(b"\r\n", b"\n").partition(b"\n\n")
    first, *lines = head.decode("utf-8", "replace").split("\n")
    words = first.split()
    if len(words) < 2:
        raise _wrong()
    headers = {name.strip(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    named = part.get("Content-ID") or headers.get("Content-ID")
    item = {
        "id": str(named or f"part-{number}"),
        "method": words[0],
        "url": words[1].removeprefix(root),
        "headers": headers,
        _NAMED: named is not None,
    }
    if body.strip():
        try:
            item["body"] = msgspec.json.decode(body)
        except msgspec.DecodeError as error:
            raise _wrong() from error
    return item if group is None else {**item, "atomicityGroup": group}


def _wrong() -> RefusedError:
    return RefusedError(
        400, "batch", gettext_noop("Một phần của multipart/mixed không phải là yêu cầu HTTP.")
    )


def answer_of(items: list[dict[str, Any]], responses: list[dict[str, Any]]) -> Answer:
    """The responses in the form of the requests; a change set that failed answers once."""
    boundary = f"batch_{uuid.uuid4().hex}"
    parts: list[bytes] = []
    pairs = list(zip(items, responses, strict=True))
    for group, members in groupby(pairs, key=lambda pair: pair[0].get("atomicityGroup")):
        listed = list(members)
        if group is None:
            parts += [_response(*pair) for pair in listed]
        elif listed[0][1]["status"] >= HTTPStatus.BAD_REQUEST:
            parts.append(_response(*listed[0]))
        else:
            inner = f"changeset_{uuid.uuid4().hex}"
            head = f"Content-Type: {KIND}; boundary={inner}\r\n\r\n".encode()
            parts.append(head + _joined([_response(*pair) for pair in listed], inner))
    kind = f"{KIND}; boundary={boundary}".encode()
    return Answer(200, _joined(parts, boundary), kind)


def _joined(parts: list[bytes], boundary: str) -> bytes:
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"


def _response(item: dict[str, Any], response: dict[str, Any]) -> bytes:
    body = bytes(response.get("body", b""))
    status = HTTPStatus(response["status"])
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    if item[_NAMED]:
        lines.append(f"Content-ID: {item['id']}")
    lines += ["", f"HTTP/1.1 {status.value} {status.phrase}"]
    lines += [f"{name}: {value}" for name, value in response.get("headers", {}).items()]
    if body:
        lines.append("Content-Type: application/json")
    lines += [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body
