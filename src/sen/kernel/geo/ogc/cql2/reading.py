"""A filter as it comes in: CQL2 text or JSON, read into the JSON form with limits."""

from __future__ import annotations

import threading
from typing import Any, Final

import cql2
import orjson
from django.utils.translation import gettext as _

from sen.kernel.geo.ogc.parameters import ParameterError, wrong

TEXT: Final = "cql2-text"
JSON: Final = "cql2-json"
LANGUAGES: Final = (TEXT, JSON)
MAX_LENGTH: Final = 16_384
MAX_DEPTH: Final = 50
#: The parser descends with about 5 kB of stack a level and does not stop at the end of it; this
#: is several times what the longest allowed text can need.
_STACK_BYTES: Final = 64 * 1024 * 1024
_stack = threading.Lock()


def read(text: str, language: str) -> Any:
    """The tree of a filter in CQL2-JSON.

    Raises:
        ParameterError: it is too long, too deep, or no CQL2.
    """
    if language not in LANGUAGES:
        said = _("không có ngôn ngữ “%(name)s”; các ngôn ngữ có: %(known)s")
        raise wrong("filter-lang", said % {"name": language, "known": ", ".join(LANGUAGES)})
    if len(text) > MAX_LENGTH or "\x00" in text:
        raise wrong("filter", _("dài quá %(most)s ký tự hoặc có ký tự lạ") % {"most": MAX_LENGTH})
    if _depth(text) > MAX_DEPTH:
        raise wrong("filter", _("lồng nhau quá %(most)s tầng") % {"most": MAX_DEPTH})
    return _from_text(text) if language == TEXT else _from_json(text)


def _depth(text: str) -> int:
    """The deepest nesting of brackets; those in quoted texts count too, which does no harm."""
    depth = deepest = 0
    for character in text:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}":
            depth -= 1
    return deepest


def _from_json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise wrong("filter", _("không phải JSON: %(why)s") % {"why": error}) from error


def _from_text(text: str) -> Any:
    found: list[Any] = []

    def parse() -> None:
        try:
            found.append(cql2.parse_text(text).to_json())
        except cql2.ParseError as error:
            found.append(_unread(text, str(error)))

    with _stack:
        before = threading.stack_size(_STACK_BYTES)
        try:
            thread = threading.Thread(target=parse, name="cql2")
            thread.start()
        finally:
            threading.stack_size(before)
    thread.join()
    if not found or isinstance(found[0], ParameterError):
        raise found[0] if found else wrong("filter", _("không đọc được"))
    return found[0]


def _unread(text: str, error: str) -> ParameterError:
    """Where the parser gave up, from its report ``--> line:column``."""
    place = error.partition("--> ")[2].partition("\n")[0].strip()
    line, _colon, column = place.partition(":")
    if not (line.isdecimal() and column.isdecimal()):
        return wrong("filter", _("không đúng cú pháp CQL2"))
    lines = text.splitlines() or [""]
    near = lines[min(int(line), len(lines)) - 1][int(column) - 1 :][:20]
    said = _("không đúng cú pháp CQL2 ở dòng %(line)s, ký tự %(column)s, gần “%(near)s”")
    return wrong("filter", said % {"line": line, "column": column, "near": near})
