"""Query options: of a request, and nested in ``$expand``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sen.domains.telemetry.sta.odata.faults import SyntaxFault
from sen.domains.telemetry.sta.odata.nodes import Node, Path, written
from sen.domains.telemetry.sta.odata.parser import Reader, parse
from sen.lib.errors import gettext_noop

MAX_TOP: Final = 10_000
MAX_EXPANSIONS: Final = 60


@dataclass(frozen=True, slots=True)
class Order:
    """One key of the order."""

    by: Node
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """What a client asks of one collection or entity."""

    filter: Node | None = None
    orderby: tuple[Order, ...] = ()
    expand: dict[str, Options] = field(default_factory=dict)
    select: tuple[str, ...] = ()
    top: int | None = None
    skip: int = 0
    count: bool = False
    result_format: str = ""
    skiptoken: str = ""


def options_of(pairs: Iterable[tuple[str, str]]) -> Options:
    """The options of a request.

    Raises:
        SyntaxFault: an option is unknown, given twice or cannot be read; says where.
    """
    found: dict[str, Any] = {}
    seen: set[str] = set()
    for name, value in pairs:
        if name in seen:
            raise SyntaxFault(
                gettext_noop("Tham số “%(name)s” được ghi hai lần."), {"name": name}, option=name
            )
        seen.add(name)
        try:
            found |= _taken(name, value)
        except SyntaxFault as fault:
            fault.option = fault.option or name
            fault.text = fault.text or value
            raise
    return Options(**found)


def _taken(name: str, value: str) -> dict[str, Any]:
    known = _OPTIONS.get(name)
    if known is None:
        raise SyntaxFault(gettext_noop("Không có tham số “%(name)s”."), {"name": name})
    member, read = known
    return {member: read(value)}


def _selected(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _most(value: str) -> int:
    return min(_whole(value), MAX_TOP)


def _format(value: str) -> str:
    if value not in ("dataArray", "json"):
        raise SyntaxFault(
            gettext_noop("Không có định dạng kết quả “%(value)s”; dùng dataArray."),
            {"value": value},
        )
    return "" if value == "json" else value


def _whole(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 16):
        raise SyntaxFault(
            gettext_noop("“%(value)s” phải là số nguyên không âm."), {"value": value}, at=0
        )
    return int(value)


def _truth(value: str) -> bool:
    if value not in ("true", "false"):
        raise SyntaxFault(
            gettext_noop("“%(value)s” phải là true hoặc false."), {"value": value}, at=0
        )
    return value == "true"


def _orders(value: str) -> tuple[Order, ...]:
    reader = Reader(value)
    found = [_order(reader)]
    while reader.is_mark(","):
        reader.take()
        found.append(_order(reader))
    reader.finish()
    return tuple(found)


def _order(reader: Reader) -> Order:
    by = reader.expression()
    direction = reader.here.text.lower() if reader.here.sort == "name" else ""
    if direction in ("asc", "desc"):
        reader.take()
    return Order(by, direction == "desc")


# --- $expand ---------------------------------------------------------------------------------


def _expansions(value: str) -> dict[str, Options]:
    """``Thing/Locations,Observations($top=1;$orderby=phenomenonTime desc)``."""
    found: dict[str, Options] = {}
    parts = _split(value, ",", value, 0)
    if len(parts) > MAX_EXPANSIONS:
        raise SyntaxFault(
            gettext_noop("$expand có quá %(most)d phần."), {"most": MAX_EXPANSIONS}, at=0
        )
    for start, part in parts:
        _expansion(found, part, start, value)
    return found


def _expansion(found: dict[str, Options], part: str, start: int, whole: str) -> None:
    head, bracket, rest = part.partition("(")
    names = [name.strip() for name in head.split("/")]
    if not all(name.isidentifier() for name in names):
        raise SyntaxFault(
            gettext_noop("“%(what)s” không phải là tên quan hệ."),
            {"what": head.strip()},
            text=whole,
            at=start,
        )
    nested = Options()
    if bracket:
        if not rest.rstrip().endswith(")"):
            raise SyntaxFault(
                gettext_noop("Thiếu “%(mark)s”."), {"mark": ")"}, text=whole, at=start + len(part)
            )
        inner = rest.rstrip()[:-1]
        nested = _nested(inner, start + len(head) + 1, whole)
    _graft(found, names, nested)


def _graft(found: dict[str, Options], names: list[str], nested: Options) -> None:
    """Put ``A/B`` under ``A``, beside what stands there."""
    name = names[0]
    known = found.get(name)
    if len(names) == 1:
        expand = {**(known.expand if known else {}), **nested.expand}
        found[name] = replace(nested, expand=expand)
        return
    base = known or Options()
    below = dict(base.expand)
    _graft(below, names[1:], nested)
    found[name] = replace(base, expand=below)


def _nested(inner: str, start: int, whole: str) -> Options:
    pairs: list[tuple[str, str]] = []
    for at, part in _split(inner, ";", whole, start):
        name, equals, value = part.strip().partition("=")
        if not equals:
            raise SyntaxFault(
                gettext_noop("“%(what)s” không phải là tham số."),
                {"what": part.strip()},
                text=whole,
                at=at,
            )
        pairs.append((name.strip(), value))
    return options_of(pairs)


def _split(text: str, mark: str, whole: str, base: int) -> list[tuple[int, str]]:
    """Parts between marks that stand outside brackets and quotes, with their places."""
    parts: list[tuple[int, str]] = []
    depth, begin, quoted = 0, 0, False
    for index, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character == mark and depth == 0:
            parts.append((base + begin, text[begin:index]))
            begin = index + 1
        if depth < 0 or depth > 12:
            raise SyntaxFault(gettext_noop("Dấu ngoặc không khớp."), text=whole, at=base + index)
    if depth or quoted:
        raise SyntaxFault(gettext_noop("Dấu ngoặc không khớp."), text=whole, at=base + len(text))
    parts.append((base + begin, text[begin:]))
    return parts


# --- written again -----------------------------------------------------------------------------


def pairs_of(options: Options) -> list[tuple[str, str]]:
    """The options as a client would write them, without paging by place."""
    pairs: list[tuple[str, str]] = []
    if options.filter is not None:
        pairs.append(("$filter", written(options.filter)))
    if options.orderby:
        keys = (written(o.by) + (" desc" if o.descending else " asc") for o in options.orderby)
        pairs.append(("$orderby", ",".join(keys)))
    if options.expand:
        pairs.append(("$expand", ",".join(_written(k, v) for k, v in options.expand.items())))
    if options.select:
        pairs.append(("$select", ",".join(options.select)))
    if options.top is not None:
        pairs.append(("$top", str(options.top)))
    if options.count:
        pairs.append(("$count", "true"))
    if options.result_format:
        pairs.append(("$resultFormat", options.result_format))
    return pairs


def _written(name: str, options: Options) -> str:
    pairs = pairs_of(options)
    if options.skip:
        pairs.append(("$skip", str(options.skip)))
    return f"{name}({';'.join(f'{k}={v}' for k, v in pairs)})" if pairs else name


def is_newest(options: Options) -> bool:
    """Whether one observation is asked for, the newest: what is kept beside the store."""
    if options.top != 1 or options.filter or options.skip or options.count:
        return False
    if not options.orderby:
        return True
    first = options.orderby[0]
    return first.descending and first.by == Path(("phenomenonTime",))


_OPTIONS: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "$filter": ("filter", parse),
    "$orderby": ("orderby", _orders),
    "$expand": ("expand", _expansions),
    "$select": ("select", _selected),
    "$top": ("top", _most),
    "$skip": ("skip", _whole),
    "$count": ("count", _truth),
    "$resultFormat": ("result_format", _format),
    "$skiptoken": ("skiptoken", str),
}
