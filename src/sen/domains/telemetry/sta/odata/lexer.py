"""Words of an expression."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from sen.domains.telemetry.sta.odata.faults import SyntaxFault
from sen.domains.telemetry.sta.odata.nodes import Kind, Literal
from sen.lib.errors import gettext_noop

MAX_CHARACTERS: Final = 8_000
MAX_WORDS: Final = 1_500
_DAY: Final = r"\d{4}-\d{2}-\d{2}"
_CLOCK: Final = r"\d{2}:\d{2}(?::\d{2}(?:\.\d{1,12})?)?"
_MOMENT: Final = rf"{_DAY}[Tt]{_CLOCK}(?:[Zz]|[+-]\d{{2}}:?\d{{2}})?"
_LENGTH: Final = (
    r"P(?=\d|T\d)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?"
    r"(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
)
_TOKENS: Final = re.compile(
    rf"""
    (?P<space>\s+)
  | (?P<typed>(?:duration|geography|geometry|datetimeoffset|datetime|date|timeofday|time)
      '(?:[^']|'')*')
  | (?P<text>'(?:[^']|'')*')
  | (?P<interval>(?:{_MOMENT})/(?:{_MOMENT}|{_LENGTH})|(?:{_LENGTH})/(?:{_MOMENT}))
  | (?P<instant>{_MOMENT})
  | (?P<day>{_DAY}(?![\d:T]))
  | (?P<clock>{_CLOCK})
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[dDfFmM]?(?!\w))
  | (?P<length>{_LENGTH}(?![\w/.(]))
  | (?P<name>(?:@iot\.)?[^\W\d]\w*(?:\.[^\W\d]\w*)*|\$it)
  | (?P<mark>[(),/:\-*])
    """,
    re.VERBOSE,
)
DURATION: Final = re.compile(_LENGTH)
WKT: Final = re.compile(
    r"(?:SRID=\d{1,6};)?(?:POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON"
    r"|GEOMETRYCOLLECTION)\s*Z?\s*(?:EMPTY|\([\sA-Z0-9.,()eE+\-]*\))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word with its place; ``literal`` is set where it is a value."""

    sort: str
    text: str
    at: int
    literal: Literal | None = None


def tokens_of(text: str) -> list[Token]:
    """The words of ``text``, closed by an ``end``.

    Raises:
        SyntaxFault: a character or a value that belongs to no expression, or far too much.
    """
    if len(text) > MAX_CHARACTERS:
        raise SyntaxFault(
            gettext_noop("Biểu thức dài %(found)d ký tự, tối đa %(most)d."),
            {"found": len(text), "most": MAX_CHARACTERS},
            text=text[:200],
            at=MAX_CHARACTERS,
        )
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKENS.match(text, at)
        if match is None or match.lastgroup is None:
            raise SyntaxFault(
                gettext_noop("Không hiểu ký tự “%(what)s”."), {"what": text[at]}, text=text, at=at
            )
        if match.lastgroup != "space":
            found.append(_token(match.lastgroup, match[0], text, at))
        at = match.end()
        if len(found) > MAX_WORDS:
            raise SyntaxFault(
                gettext_noop("Biểu thức có quá %(most)d từ."), {"most": MAX_WORDS}, text=text, at=at
            )
    found.append(Token("end", "", len(text)))
    return found


def _token(sort: str, word: str, text: str, at: int) -> Token:
    if sort in ("name", "mark"):
        return Token(sort, word, at)
    try:
        literal = _literal(sort, word, at)
    except (ValueError, OverflowError):
        literal = None
    if literal is None:
        raise SyntaxFault(
            gettext_noop("Giá trị “%(what)s” không hợp lệ."), {"what": word}, text=text, at=at
        )
    return Token("literal", word, at, literal)


def _literal(sort: str, word: str, at: int) -> Literal | None:
    match sort:
        case "text":
            return Literal(Kind.TEXT, _unquoted(word), at)
        case "number":
            return Literal(Kind.NUMBER, number(word), at)
        case "instant":
            return Literal(Kind.INSTANT, instant(word), at)
        case "interval":
            return Literal(Kind.INTERVAL, interval(word), at)
        case "day":
            return Literal(Kind.DATE, date.fromisoformat(word), at)
        case "clock":
            return Literal(Kind.TIME, time.fromisoformat(word), at)
        case "length":
            return Literal(Kind.DURATION, word, at)
        case _:
            return _typed(word, at)


def _typed(word: str, at: int) -> Literal | None:
    name, _quote, _rest = word.partition("'")
    value = _unquoted(word[len(name) :])
    match name:
        case "duration":
            return Literal(Kind.DURATION, value, at) if DURATION.fullmatch(value) else None
        case "geography" | "geometry":
            return Literal(Kind.GEOMETRY, value, at) if WKT.fullmatch(value.strip()) else None
        case "date":
            return Literal(Kind.DATE, date.fromisoformat(value), at)
        case "time" | "timeofday":
            return Literal(Kind.TIME, time.fromisoformat(value), at)
        case _:
            return Literal(Kind.INSTANT, instant(value), at)


def _unquoted(word: str) -> str:
    value = word[1:-1].replace("''", "'")
    if "\0" in value:
        raise ValueError("NUL in a text")
    return value


def number(word: str) -> Any:
    """An integer where it is one, within 64 bits."""
    plain = word.rstrip("dDfFmM")
    if not plain.isdigit():
        return float(plain)
    value = int(plain) if len(plain) < 20 else 2**63
    return value if value < 2**63 else float(plain)


def instant(text: str) -> datetime:
    """A moment in UTC; one without an offset is meant in UTC.

    Raises:
        ValueError: it is none.
        OverflowError: it lies before the year 1 or after 9999 in UTC.
    """
    moment = datetime.fromisoformat(text.upper())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def interval(text: str) -> tuple[datetime | str, datetime | str]:
    """The two ends of ``a/b``; one of them may be a duration.

    Raises:
        ValueError: it is none, or ends before it begins.
        OverflowError: an end lies outside the calendar.
    """
    first, _slash, second = text.partition("/")
    begin = first if first.startswith("P") else instant(first)
    end = second if second.startswith("P") else instant(second)
    if isinstance(begin, datetime) and isinstance(end, datetime) and end < begin:
        raise ValueError("an interval ends before it begins")
    return begin, end
