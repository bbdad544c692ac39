"""What a rule says, read from data and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite
from typing import Any, Final

from sen.domains.alarms.choices import Direction, RuleKind, Severity
from sen.lib.errors import InputError, gettext_noop

MICRO: Final = 1_000_000
#: Kinds that learn what is usual before they judge.
LEARNT: Final = frozenset({RuleKind.PATTERN, RuleKind.RELATION})
_HOURS: Final = 24


class SpecError(InputError):
    """A definition that cannot be a rule; ``field`` names its part."""

    def __init__(self, template: str, /, field: str = "definition", **params: object) -> None:
        super().__init__(template, **params)
        self.field = field


@dataclass(frozen=True, slots=True)
class Level:
    """From ``raise_at`` on the severity holds until the value is back beyond ``clear_at``."""

    severity: int
    raise_at: float
    clear_at: float


@dataclass(frozen=True, slots=True)
class Reference:
    """A stream whose value explains another: load, temperature.

    ``by`` is its observed property on the same asset; ``weight`` per unit away from ``center``.
    """

    by: str
    weight: float = 0.0
    center: float = 0.0


@dataclass(frozen=True, slots=True)
class Model:
    """What is expected: a constant, an hour of the day, and the values of other streams."""

    intercept: float = 0.0
    hourly: tuple[float, ...] = ()
    references: tuple[Reference, ...] = ()
    sigma: float = 0.0
    n: int = 0


@dataclass(frozen=True, slots=True)
class Spec:
    """A rule as it is evaluated.

    Units:
        Times are microseconds. Levels are in the unit of the stream; RATE: that per ``per_s``;
        PATTERN and RELATION: residual in the unit, or in standard deviations when ``in_sigma``;
        DRIFT: cumulated standard deviations; FLAT and MISSING: seconds.
    """

    kind: RuleKind
    levels: tuple[Level, ...]
    direction: Direction = Direction.ABOVE
    for_us: int = 0
    clear_for_us: int = 0
    gap_us: int = 0
    window_us: int = 600 * MICRO
    per_s: float = 3_600.0
    max_age_us: int = 7_200 * MICRO
    in_sigma: bool = False
    model: Model = field(default_factory=Model)
    slack: float = 0.5
    warmup: int = 200
    mean: float | None = None
    sigma: float | None = None
    epsilon: float = 0.0
    low: float | None = None
    high: float | None = None
    operator: str = "AND"
    members: tuple[str, ...] = ()
    explained_by: tuple[str, ...] = ()


def parse(kind: str, definition: Mapping[str, Any]) -> Spec:
    """A rule from its stored form.

    Raises:
        SpecError: something lacks, is no number, or contradicts itself.
    """
    try:
        rule_kind = RuleKind(kind)
    except ValueError:
        raise SpecError(
            gettext_noop("Loại quy tắc “%(kind)s” không có."), "kind", kind=kind
        ) from None
    direction = _direction(definition)
    duration = {
        name: _whole(definition, f"{name}_s") * MICRO for name in ("for", "clear_for", "gap")
    }
    return Spec(
        kind=rule_kind,
        levels=_levels(rule_kind, direction, definition),
        direction=direction,
        for_us=duration["for"],
        clear_for_us=duration["clear_for"],
        gap_us=duration["gap"],
        window_us=_whole(definition, "window_s", 600, least=1) * MICRO,
        per_s=_positive(definition, "per_s", 3_600.0),
        max_age_us=_whole(definition, "max_age_s", 7_200, least=1) * MICRO,
        in_sigma=bool(definition.get("in_sigma", False)),
        model=_model(definition.get("model") or {}),
        slack=_number(definition.get("slack", 0.5), "slack"),
        warmup=_whole(definition, "warmup", 200, least=2),
        mean=_maybe(definition, "mean"),
        sigma=_maybe(definition, "sigma"),
        epsilon=_number(definition.get("epsilon", 0.0), "epsilon"),
        low=_maybe(definition, "low"),
        high=_maybe(definition, "high"),
        operator=_operator(definition),
        members=_members(rule_kind, definition),
        explained_by=tuple(str(code) for code in definition.get("explained_by", ())),
    )


def _direction(definition: Mapping[str, Any]) -> Direction:
    try:
        return Direction(str(definition.get("direction", "ABOVE")))
    except ValueError:
        raise SpecError(
            gettext_noop("Chiều so sánh phải là ABOVE, BELOW hoặc BOTH."), "direction"
        ) from None


def _levels(
    kind: RuleKind, direction: Direction, definition: Mapping[str, Any]
) -> tuple[Level, ...]:
    given = definition.get("levels")
    if not isinstance(given, Sequence) or isinstance(given, str) or not given:
        raise SpecError(gettext_noop("Hãy ghi ít nhất một mức cảnh báo."), "levels")
    found: list[Level] = []
    for item in given:
        if not isinstance(item, Mapping):
            raise SpecError(gettext_noop("Mỗi mức gồm severity, raise, clear."), "levels")
        found.append(_level(kind, direction, item))
    found.sort(key=lambda level: level.severity)
    if len({level.severity for level in found}) != len(found):
        raise SpecError(gettext_noop("Một mức độ chỉ được ghi một lần."), "levels")
    sign = -1.0 if direction is Direction.BELOW and kind is not RuleKind.DRIFT else 1.0
    for lower, upper in pairwise(found):
        if sign * upper.raise_at < sign * lower.raise_at:
            raise SpecError(
                gettext_noop("Mức nặng hơn phải có ngưỡng xa hơn mức nhẹ hơn."), "levels"
            )
    return tuple(found)


def _level(kind: RuleKind, direction: Direction, item: Mapping[str, Any]) -> Level:
    severity = item.get("severity")
    if severity not in set(Severity):
        raise SpecError(gettext_noop("Mức độ phải từ 1 đến 4."), "levels")
    if kind in (RuleKind.COMPOUND, RuleKind.RANGE):
        return Level(int(severity), 1.0, 1.0)
    raise_at = _number(item.get("raise"), "levels")
    clear_at = _number(item.get("clear", raise_at), "levels")
    below = direction is Direction.BELOW and kind is not RuleKind.DRIFT
    if (clear_at < raise_at) if below else (clear_at > raise_at):
        raise SpecError(
            gettext_noop("Ngưỡng hết cảnh báo phải nằm về phía bình thường của ngưỡng cảnh báo."),
            "levels",
        )
    return Level(int(severity), raise_at, clear_at)


def _model(given: Mapping[str, Any]) -> Model:
    hourly = tuple(_number(value, "model") for value in given.get("hourly", ()))
    if len(hourly) not in (0, _HOURS):
        raise SpecError(gettext_noop("Đường ngày phải có 24 giá trị."), "model")
    return Model(
        intercept=_number(given.get("intercept", 0.0), "model"),
        hourly=hourly,
        references=tuple(
            Reference(
                str(item.get("by", "")),
                _number(item.get("weight", 0.0), "model"),
                _number(item.get("center", 0.0), "model"),
            )
            for item in given.get("references", ())
        ),
        sigma=_number(given.get("sigma", 0.0), "model"),
        n=int(given.get("n", 0)),
    )


def _operator(definition: Mapping[str, Any]) -> str:
    found = str(definition.get("operator", "AND")).upper()
    if found not in ("AND", "OR"):
        raise SpecError(gettext_noop("Phép kết hợp phải là AND hoặc OR."), "operator")
    return found


def _members(kind: RuleKind, definition: Mapping[str, Any]) -> tuple[str, ...]:
    members = tuple(str(code) for code in definition.get("members", ()))
    if kind is RuleKind.COMPOUND and len(set(members)) < 2:
        raise SpecError(
            gettext_noop("Quy tắc kết hợp cần ít nhất hai quy tắc thành phần."), "members"
        )
    return members


def _number(value: object, field_name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise SpecError(gettext_noop("“%(name)s” phải là số."), field_name, name=field_name)
    return float(value)


def _maybe(definition: Mapping[str, Any], name: str) -> float | None:
    value = definition.get(name)
    return None if value is None else _number(value, name)


def _positive(definition: Mapping[str, Any], name: str, default: float) -> float:
    found = _number(definition.get(name, default), name)
    if found <= 0:
        raise SpecError(gettext_noop("“%(name)s” phải lớn hơn 0."), name, name=name)
    return found


def _whole(definition: Mapping[str, Any], name: str, default: int = 0, *, least: int = 0) -> int:
    found = _number(definition.get(name, default), name)
    if found < least or found != int(found):
        raise SpecError(
            gettext_noop("“%(name)s” phải là số nguyên từ %(least)s."), name, name=name, least=least
        )
    return int(found)
