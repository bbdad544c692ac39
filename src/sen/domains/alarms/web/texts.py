"""Rules in words."""

from __future__ import annotations

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from sen.domains.alarms.choices import Direction, RuleKind
from sen.domains.alarms.engine.spec import MICRO, Spec, SpecError, parse
from sen.domains.alarms.models import Rule, SeverityChoices
from sen.domains.alarms.web.resources import SEVERITY_TONES

_BARE = (RuleKind.RANGE, RuleKind.COMPOUND)


def spec_of(rule: Rule) -> Spec | None:
    try:
        return parse(rule.kind, rule.definition)
    except SpecError:
        return None


def levels_of(rule: Rule) -> list[dict[str, Any]]:
    """The levels of a rule as people read them."""
    spec = spec_of(rule)
    if spec is None:
        return []
    return [
        {
            "name": SeverityChoices(level.severity).label,
            "tone": SEVERITY_TONES[level.severity],
            "raise": "" if spec.kind in _BARE else number(level.raise_at),
            "clear": "" if spec.kind in _BARE else number(level.clear_at),
        }
        for level in spec.levels
    ]


def settings_of(rule: Rule) -> list[tuple[str, str]]:
    """What else the rule says."""
    spec = spec_of(rule)
    if spec is None:
        return []
    found = [(_("Chiều so sánh"), _direction(spec))]
    if spec.for_us:
        found.append((_("Kéo dài"), seconds(spec.for_us // MICRO)))
    if spec.clear_for_us:
        found.append((_("Hết hẳn sau"), seconds(spec.clear_for_us // MICRO)))
    if spec.kind is RuleKind.RATE:
        found.append((_("Cửa sổ tốc độ"), seconds(spec.window_us // MICRO)))
        found.append((_("Tốc độ tính trên"), seconds(int(spec.per_s))))
    if spec.members:
        joint = _(" và ") if spec.operator == "AND" else _(" hoặc ")
        found.append((_("Quy tắc thành phần"), joint.join(spec.members)))
    found += _learned(spec)
    return found


def _direction(spec: Spec) -> str:
    return {
        Direction.ABOVE: _("Trên ngưỡng"),
        Direction.BELOW: _("Dưới ngưỡng"),
        Direction.BOTH: _("Cả hai phía"),
    }[spec.direction]


def _learned(spec: Spec) -> list[tuple[str, str]]:
    if not spec.model.n:
        return []
    found = [
        (_("Học từ số liệu"), number(spec.model.n)),
        (_("Độ lệch chuẩn của phần dư"), number(spec.model.sigma)),
    ]
    found += [
        (_("Hệ số theo %(by)s") % {"by": reference.by}, number(reference.weight))
        for reference in spec.model.references
    ]
    return found


def number(value: float) -> str:
    return str(number_format(round(value, 3), use_l10n=True))


def seconds(value: int) -> str:
    """A duration in words."""
    if value % 3_600 == 0:
        return _("%(n)s giờ") % {"n": value // 3_600}
    if value % 60 == 0:
        return _("%(n)s phút") % {"n": value // 60}
    return _("%(n)s giây") % {"n": value}
