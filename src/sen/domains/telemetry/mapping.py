"""Payloads of foreign devices as observations, by rules that are data. Pure: no Django.

The same function reads a payload at the door and on the page where the rules are tried::

    {
      "format": "json",                      json, cbor or text
      "items": "data[]",                     path to the rows; left out: the payload is one row
      "time": {"path": "ts", "format": "unix_ms"},
      "channels": [
        {"stream": "{device}-MN", "path": "level", "scale": 0.001, "unit": "m"}
      ]
    }

Paths are JMESPath. Lines of text become rows ``{"c1": …, "c2": …}``, or by the names of their
first line. ``{device}`` in a stream is the code of the device.

Source:
    JMESPath specification (jmespath.org/specification.html); RFC 8949 (CBOR).
"""

from __future__ import annotations

import base64
import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError

from sen.domains.telemetry.units import UnitError, factors
from sen.lib.errors import InputError, gettext_noop

FORMATS: Final = ("json", "cbor", "text")
#: Names of time formats beside those of ``strptime``; Units: of the number that is sent.
TIME_FORMATS: Final = {"iso": 0.0, "unix_s": 1e6, "unix_ms": 1e3, "unix_us": 1.0}
HOUSE_ZONE: Final = "Asia/Ho_Chi_Minh"
MOST_ROWS: Final = 100_000
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class MappingError(InputError):
    """Rules that cannot be read, or a payload to which they do not fit."""


class TimeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the time of a row stands; without a path it is the time of receipt."""

    path: str = ""
    format: str = "iso"
    zone: str = HOUSE_ZONE


class TextRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    delimiter: str = ","
    header: bool = False
    decimal: str = "."


class Channel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One stream. The value is ``scale × sent + offset``, then brought from ``unit``."""

    stream: str
    path: str
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""
    time: str = ""


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    channels: list[Channel]
    format: str = "json"
    items: str = ""
    time: TimeRule = TimeRule()
    text: TextRule = TextRule()


@dataclass(frozen=True, slots=True)
class Mapped:
    """One observation that a payload holds; ``value`` is a float, or whatever was sent."""

    stream: str
    at_us: int
    value: Any
    unit: str = ""


@dataclass(frozen=True, slots=True)
class MappingFault:
    """A value that became no observation; ``row`` counts from 1."""

    row: int
    stream: str
    error: InputError


@dataclass(frozen=True, slots=True)
class Result:
    observations: list[Mapped]
    faults: list[MappingFault]


def parse_rules(given: Mapping[str, Any]) -> Rules:
    """Rules as stored.

    Raises:
        MappingError: they cannot be read; the text says where.
    """
    try:
        rules = msgspec.convert(given, Rules)
    except msgspec.ValidationError as error:
        raise MappingError(
            gettext_noop("Quy tắc ánh xạ không đúng: %(error)s."), error=str(error)
        ) from error
    if rules.format not in FORMATS:
        raise MappingError(
            gettext_noop("Không có dạng bản tin “%(format)s”; chọn json, cbor hoặc text."),
            format=rules.format,
        )
    if not rules.channels:
        raise MappingError(gettext_noop("Hãy khai ít nhất một kênh."))
    if len(rules.text.delimiter) != 1 or rules.text.decimal not in (".", ","):
        raise MappingError(gettext_noop("Dấu phân cách phải là một ký tự, dấu thập phân . hoặc ,"))
    _zone(rules.time.zone)
    for path in (rules.items, rules.time.path):
        _compiled(path)
    for channel in rules.channels:
        if not channel.stream or not channel.path:
            raise MappingError(gettext_noop("Mỗi kênh cần có mã kênh đo và đường dẫn."))
        _compiled(channel.path)
        _compiled(channel.time)
    return rules


@lru_cache(maxsize=4096)
def _compiled(path: str) -> Any:
    if not path:
        return None
    try:
        return jmespath.compile(path)
    except JMESPathError as error:
        raise MappingError(
            gettext_noop("Đường dẫn “%(path)s” không đúng cú pháp: %(error)s."),
            path=path,
            error=str(error).splitlines()[0],
        ) from error


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise MappingError(
            gettext_noop("Không có múi giờ “%(zone)s”; ghi như Asia/Ho_Chi_Minh."), zone=name
        ) from error


def read_payload(
    rules: Rules,
    payload: bytes,
    *,
    device: str,
    received_us: int,
    units: Mapping[str, str] | None = None,
) -> Result:
    """What a payload holds by the rules; values in the units of their streams.

    ``units`` maps codes of streams to their unit; a stream that is not there keeps what was sent.

    Raises:
        MappingError: the payload as a whole cannot be read.
    """
    found: list[Mapped] = []
    faults: list[MappingFault] = []
    for number, row in enumerate(rows_of(rules, payload), 1):
        if number > MOST_ROWS:
            raise MappingError(
                gettext_noop("Bản tin có quá %(n)s dòng; hãy chia nhỏ."), n=MOST_ROWS
            )
        for channel in rules.channels:
            code = channel.stream.replace("{device}", device)
            try:
                item = _observation(rules, channel, code, row, received_us, units or {})
            except InputError as error:
                faults.append(MappingFault(number, code, error))
            else:
                if item is not None:
                    found.append(item)
    return Result(found, faults)


def rows_of(rules: Rules, payload: bytes) -> Iterator[Any]:
    """The rows of a payload as objects.

    Raises:
        MappingError: it cannot be decoded, or has no rows where they are said to be.
    """
    if rules.format == "text":
        yield from _lines(rules.text, payload)
        return
    document = decode_payload(rules.format, payload)
    path = _compiled(rules.items)
    if path is None:
        yield document
        return
    rows = path.search(document)
    if not isinstance(rows, list):
        raise MappingError(
            gettext_noop("Không có danh sách nào tại “%(path)s” của bản tin."), path=rules.items
        )
    yield from rows


def decode_payload(form: str, payload: bytes) -> Any:
    """The document of a JSON or CBOR payload.

    Raises:
        MappingError: it is none.
    """
    try:
        if form == "cbor":
            return _cbor(payload)
        return msgspec.json.decode(payload)
    except (ValueError, msgspec.MsgspecError, RecursionError, EOFError) as error:
        raise MappingError(
            gettext_noop("Bản tin không phải %(format)s: %(error)s."),
            format=form.upper(),
            error=str(error),
        ) from error


def _cbor(payload: bytes) -> Any:
    import cbor2

    try:
        return cbor2.loads(payload)
    except (cbor2.CBORDecodeError, OverflowError, TypeError) as error:
        raise ValueError(str(error)) from error


def _lines(rule: TextRule, payload: bytes) -> Iterator[dict[str, str]]:
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MappingError(gettext_noop("Bản tin không phải văn bản UTF-8.")) from error
    names: list[str] | None = None
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=rule.delimiter)
    while True:
        try:
            cells = next(lines, None)
        except csv.Error as error:
            raise MappingError(
                gettext_noop("Bản tin không phải dòng văn bản: %(error)s."), error=str(error)
            ) from error
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if rule.header and names is None:
            names = [cell.strip() for cell in cells]
            continue
        keys = names or [f"c{place}" for place in range(1, len(cells) + 1)]
        yield {key: cell.strip() for key, cell in zip(keys, cells, strict=False)}


def _observation(
    rules: Rules,
    channel: Channel,
    code: str,
    row: Any,
    received_us: int,
    units: Mapping[str, str],
) -> Mapped | None:
    path = _compiled(channel.path)
    try:
        sent = path.search(row)
    except JMESPathError as error:
        raise MappingError(
            gettext_noop("Không đọc được “%(path)s”: %(error)s."),
            path=channel.path,
            error=str(error).splitlines()[0],
        ) from error
    if sent is None or sent == "":
        return None
    at_us = _time(rules.time, channel.time or rules.time.path, row, received_us)
    value = _number(sent, rules.text.decimal)
    if value is None:
        return Mapped(code, at_us, sent, channel.unit)
    scale, offset = factors(channel.unit, units.get(code, ""))
    value = (value * channel.scale + channel.offset) * scale + offset
    if not math.isfinite(value):
        raise MappingError(gettext_noop("Giá trị “%(value)s” không phải số hữu hạn."), value=sent)
    return Mapped(code, at_us, value, units.get(code) or channel.unit)


def _number(sent: Any, decimal: str) -> float | None:
    """A number that was sent as one or as text; None where it is neither."""
    if isinstance(sent, bool):
        return float(sent)
    if isinstance(sent, int | float):
        return float(sent)
    if isinstance(sent, str):
        text = sent.replace(" ", "")
        if decimal == ",":
            text = text.replace(".", "").replace(",", ".")
        try:
            return float(text)
        except ValueError:
            return None
    return None


def _time(rule: TimeRule, path: str, row: Any, received_us: int) -> int:
    if not path:
        return received_us
    sent = _compiled(path).search(row)
    if sent is None or sent == "":
        raise MappingError(gettext_noop("Không có thời gian tại “%(path)s”."), path=path)
    try:
        return parse_time(sent, rule.format, rule.zone)
    except (ValueError, OverflowError, TypeError) as error:
        raise MappingError(
            gettext_noop("Thời gian “%(value)s” không đúng dạng %(format)s."),
            value=str(sent)[:80],
            format=rule.format,
        ) from error


def parse_time(sent: Any, form: str, zone: str) -> int:
    """Microseconds since 1970 of a time as sent; one without a zone is of ``zone``.

    Raises:
        ValueError: it is not of the form.
    """
    factor = TIME_FORMATS.get(form)
    if factor:
        return round(float(sent) * factor)
    text = str(sent)
    moment = datetime.fromisoformat(text) if form == "iso" else _parsed(text, form)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=_zone(zone))
    return (moment - _EPOCH) // _MICROSECOND


def _parsed(text: str, form: str) -> datetime:
    return datetime.strptime(text, form)  # noqa: DTZ007  the caller knows the zone


def paths_of(row: Any, most: int = 200) -> list[tuple[str, Any]]:
    """Paths of the single values in a row, with what stands there."""
    found: list[tuple[str, Any]] = []

    def walk(value: Any, path: str) -> None:
        if len(found) >= most:
            return
        if isinstance(value, dict):
            for key, inner in value.items():
                name = str(key) if _PLAIN.fullmatch(str(key)) else json.dumps(str(key))
                walk(inner, f"{path}.{name}" if path else name)
        elif isinstance(value, list):
            for place, inner in enumerate(value[:20]):
                walk(inner, f"{path}[{place}]")
        else:
            found.append((path or "@", value))

    walk(row, "")
    return found


def sample_bytes(text: str, coding: str) -> bytes:
    """A payload as a person pastes it: as it is, in hexadecimal digits, or in base 64.

    Raises:
        MappingError: it is not written so.
    """
    try:
        if coding == "hex":
            return bytes.fromhex(text)
        if coding == "base64":
            return base64.b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        raise MappingError(
            gettext_noop("Bản tin mẫu không phải %(coding)s."), coding=coding
        ) from error
    return text.encode()


__all__ = [
    "FORMATS",
    "TIME_FORMATS",
    "Channel",
    "Mapped",
    "MappingError",
    "MappingFault",
    "Result",
    "Rules",
    "TextRule",
    "TimeRule",
    "UnitError",
    "decode_payload",
    "parse_rules",
    "parse_time",
    "paths_of",
    "read_payload",
    "rows_of",
    "sample_bytes",
]
