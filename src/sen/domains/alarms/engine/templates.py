"""From a template of what is watched on a work to rules on its streams: no ORM, no clock."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from sen.lib.errors import gettext_noop

FOLDER: Final = Path(__file__).parents[1] / "seed"
#: A silent stream is told of after so many of its intervals, and never sooner than an hour.
MISSED: Final = 6
_HOUR_S: Final = 3_600
_DAY_S: Final = 86_400
#: Units: significant digits of a derived level.
_DIGITS: Final = 4
#: A norm as an asker finds it: value, citation, whether somebody compared it with the text.
Cited = tuple[float, str, bool]
AskNorm = Callable[[str, Mapping[str, Any]], Cited | None]

NAMES: Final = {
    "limit": gettext_noop("%(name)s so với trị số thiết kế"),
    "baseline": gettext_noop("%(name)s lệch khỏi nền đã trừ nhiệt độ"),
    "change": gettext_noop("%(name)s đổi mức lâu dài"),
    "neighbour": gettext_noop("%(name)s mất tương quan với kênh bên cạnh"),
    "flat": gettext_noop("%(name)s: số liệu đứng yên"),
    "spike": gettext_noop("%(name)s: xung bất thường"),
    "range": gettext_noop("%(name)s: ngoài dải đo"),
    "missing": gettext_noop("%(name)s: mất số liệu"),
}
SENSOR_CAUSE: Final = gettext_noop("Cảm biến kẹt, đứt dây, nhiễu, mất nguồn hoặc mất đường truyền.")
SENSOR_ADVICE: Final = gettext_noop(
    "Kiểm tra nguồn, dây và đường truyền; so với cảm biến bên cạnh; xem lần hiệu chuẩn cuối."
)
SENSOR_PLAYBOOK: Final = "KB-TBI-01"


@dataclass(frozen=True, slots=True)
class Watched:
    """A stream as a template sees it; ``span_m`` is the span at which it sits."""

    id: int
    quantity: str
    unit: str
    interval_s: int | None
    valid_min: float | None
    valid_max: float | None
    span_m: float | None


@dataclass(frozen=True, slots=True)
class Planned:
    """A rule that a template asks for on a stream.

    ``lacks`` says why it cannot be made; ``learns`` that it needs a model of the past first.
    """

    key: str
    template: str
    kind: str
    concern: str
    stream_id: int
    unit: str
    definition: dict[str, Any] = field(default_factory=dict)
    reference: float | None = None
    basis: str = ""
    lacks: str = ""
    learns: bool = False

    @property
    def code(self) -> str:
        return f"MAU-{self.template}-{self.key}-{self.stream_id}"


@cache
def templates_of(asset_type: str) -> tuple[dict[str, Any], ...]:
    """The templates for a type of work; none where none is shipped."""
    path = FOLDER / f"{asset_type}.toml"
    if not path.is_file():
        return ()
    return tuple(tomllib.loads(path.read_text(encoding="utf-8"))["templates"])


def template_for(asset_type: str, quantity: str) -> dict[str, Any] | None:
    return next((t for t in templates_of(asset_type) if quantity in t["quantities"]), None)


def span_at(attributes: Mapping[str, Any], position: str) -> float | None:
    """The span at which an instrument sits; the shortest where its place does not say which.

    Units:
        metres.
    """
    spans = [float(span) for span in attributes.get("spans_m") or ()]
    if not spans:
        return None
    words = position.replace(",", " ").split()
    for word, after in pairwise(words):
        if word.lower() in ("nhịp", "span") and after.isdecimal() and 0 < int(after) <= len(spans):
            return spans[int(after) - 1]
    return min(spans)


def plan(
    asset_type: str,
    attributes: Mapping[str, Any],
    streams: Sequence[Watched],
    ask: AskNorm,
) -> list[Planned]:
    """Every rule that the templates ask for on the streams of a work."""
    known = {stream.quantity for stream in streams}
    found: list[Planned] = []
    for stream in streams:
        template = template_for(asset_type, stream.quantity)
        if template is None:
            continue
        found += _on_structure(template, attributes, stream, known, ask)
        found += _on_sensor(template, stream, known)
    return found


def _on_structure(
    template: Mapping[str, Any],
    attributes: Mapping[str, Any],
    stream: Watched,
    known: set[str],
    ask: AskNorm,
) -> list[Planned]:
    concern = template.get("concern", "STRUCTURE")
    found: list[Planned] = []
    if "references" in template:
        found.append(_limit(template, attributes, stream, ask, concern))
    explained_by = [code for code in template.get("explained_by", ()) if code in known]
    if "sigmas" in template or "mean_shares" in template:
        is_share = "mean_shares" in template
        levels = template["mean_shares" if is_share else "sigmas"]
        definition: dict[str, Any] = {
            "direction": "BELOW" if is_share else "BOTH",
            "explained_by": explained_by,
            "for_s": _HOUR_S,
            "clear_for_s": _HOUR_S,
            "max_age_s": max(_HOUR_S, 3 * (stream.interval_s or 0)),
        }
        if is_share:
            definition["of_mean"] = {str(k): v for k, v in levels.items()}
            definition["levels"] = _levels({k: -v for k, v in levels.items()}, 0.5)
        else:
            definition["in_sigma"] = True
            definition["levels"] = _levels(levels, 0.6)
        found.append(_planned("baseline", template, "PATTERN", concern, stream, definition, True))
    if "change" in template or "change_share" in template:
        definition = {"direction": "BOTH", "explained_by": explained_by}
        least = template.get("change")
        if least is None:
            definition["of_mean"] = {"2": template["change_share"]}
            least = 1.0
        definition["levels"] = _levels({"2": least, "3": 3 * least}, 1.0)
        found.append(_planned("change", template, "CHANGE", concern, stream, definition))
    return found


def _planned(
    key: str,
    template: Mapping[str, Any],
    kind: str,
    concern: str,
    stream: Watched,
    definition: dict[str, Any],
    learns: bool = False,
) -> Planned:
    return Planned(
        key, template["code"], kind, concern, stream.id, stream.unit, definition, learns=learns
    )


def _limit(
    template: Mapping[str, Any],
    attributes: Mapping[str, Any],
    stream: Watched,
    ask: AskNorm,
    concern: str,
) -> Planned:
    given = {"key": "limit", "template": template["code"], "kind": "THRESHOLD", "concern": concern}
    if stream.unit != template["unit"]:
        lacks = gettext_noop("Kênh đo dùng đơn vị khác với mẫu.")
        return Planned(**given, stream_id=stream.id, unit=stream.unit, lacks=lacks)
    for reference in template["references"]:
        found = _reference(reference, attributes, stream, ask)
        if found is None:
            continue
        value, basis, _verified = found
        definition = {
            "direction": template.get("direction", "ABOVE"),
            "for_s": template.get("for_s", 0),
            "clear_for_s": template.get("clear_for_s", template.get("for_s", 0)),
            "levels": _levels_of(template, value),
        }
        return Planned(
            **given,
            stream_id=stream.id,
            unit=stream.unit,
            definition=definition,
            reference=value,
            basis=basis,
        )
    lacks = gettext_noop("Hồ sơ cầu chưa có trị số thiết kế hoặc sơ đồ nhịp để suy ra ngưỡng.")
    return Planned(**given, stream_id=stream.id, unit=stream.unit, lacks=lacks)


def _reference(
    reference: Mapping[str, Any],
    attributes: Mapping[str, Any],
    stream: Watched,
    ask: AskNorm,
) -> Cited | None:
    if "attribute" in reference:
        value = attributes.get(reference["attribute"])
        return None if value is None else (float(value), reference["attribute"], True)
    case = {key: attributes.get(key) for key in reference.get("by", ())}
    return _FORMULAS[reference["formula"]](reference["norm"], case, stream.span_m, ask)


def _as_given(norm: str, case: dict[str, Any], span_m: float | None, ask: AskNorm) -> Cited | None:
    return ask(norm, case)


def _span_over(norm: str, case: dict[str, Any], span_m: float | None, ask: AskNorm) -> Cited | None:
    found = ask(norm, case)
    if found is None or span_m is None:
        return None
    return span_m * 1000 / found[0], f"{found[1]}: {span_m:g} m / {found[0]:g}", found[2]


def _span_times(
    norm: str, case: dict[str, Any], span_m: float | None, ask: AskNorm
) -> Cited | None:
    found = ask(norm, case)
    if found is None or span_m is None:
        return None
    return span_m * 1000 * found[0], f"{found[1]}: {span_m:g} m × {found[0]:g}", found[2]


def _thousandth(
    norm: str, case: dict[str, Any], span_m: float | None, ask: AskNorm
) -> Cited | None:
    found = ask(norm, case)
    return None if found is None else (found[0] * 1000, found[1], found[2])


def _load_on_span(
    norm: str, case: dict[str, Any], span_m: float | None, ask: AskNorm
) -> Cited | None:
    vehicle, metre = (ask(norm, {**case, "part": part}) for part in ("vehicle", "metre"))
    if vehicle is None or metre is None or span_m is None:
        return None
    sums = f"{vehicle[0]:g} t + {metre[0]:g} t/m × {span_m:g} m"
    basis = f"{vehicle[1]}: {case.get('design_load')}, {sums}"
    return vehicle[0] + metre[0] * span_m, basis, vehicle[2] and metre[2]


_FORMULAS: Final = {
    "as_given": _as_given,
    "span_over": _span_over,
    "span_times": _span_times,
    "thousandth": _thousandth,
    "load_on_span": _load_on_span,
}


def of_mean(planned: Planned, mean: float) -> dict[str, Any]:
    """The definition of a plan whose levels are shares of what is usual.

    Units:
        ``mean`` in the unit of the stream.
    """
    shares = planned.definition.get("of_mean")
    if not shares:
        return planned.definition
    if planned.kind == "CHANGE":
        least = abs(mean) * float(shares["2"])
        return {**planned.definition, "levels": _levels({"2": least, "3": 3 * least}, 1.0)}
    values = {severity: -abs(mean) * share for severity, share in shares.items()}
    return {**planned.definition, "levels": _levels(values, 0.5)}


def _levels_of(template: Mapping[str, Any], value: float) -> list[dict[str, Any]]:
    if "offsets" in template:
        return [
            {
                "severity": int(severity),
                "raise": _rounded(value + offset),
                "clear": _rounded(value + offset - template["clear_offset"]),
            }
            for severity, offset in template["offsets"].items()
        ]
    shares = {severity: value * share for severity, share in template["levels"].items()}
    return _levels(shares, template["clear_share"])


def _levels(values: Mapping[Any, float], clear_share: float) -> list[dict[str, Any]]:
    return [
        {
            "severity": int(severity),
            "raise": _rounded(value),
            "clear": _rounded(value * clear_share),
        }
        for severity, value in values.items()
    ]


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _on_sensor(template: Mapping[str, Any], stream: Watched, known: set[str]) -> list[Planned]:
    """What only an instrument can be at fault for."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    found["flat"] = (
        "FLAT",
        {"levels": [{"severity": 1, "raise": template["flat_h"] * _HOUR_S, "clear": 1}]}
        if "flat_h" in template
        else {},
    )
    if "spike" in template:
        levels = [{"severity": 1, "raise": template["spike"], "clear": template["spike"] / 2}]
        found["spike"] = ("SPIKE", {"levels": levels, "clear_for_s": _HOUR_S})
    if stream.valid_min is not None or stream.valid_max is not None:
        limits = {"low": stream.valid_min, "high": stream.valid_max}
        given = {name: value for name, value in limits.items() if value is not None}
        found["range"] = ("RANGE", {"levels": [{"severity": 1}], **given})
    if stream.interval_s:
        silence = max(MISSED * stream.interval_s, _HOUR_S)
        levels = [{"severity": 1, "raise": silence}, {"severity": 2, "raise": silence + _DAY_S}]
        found["missing"] = ("MISSING", {"levels": levels})
    beside = [c for c in template.get("neighbours", ()) if c in known and c != stream.quantity]
    if beside:
        levels = [{"severity": 1, "raise": 0.4, "clear": 0.3}]
        found["neighbour"] = ("NEIGHBOUR", {"levels": levels, "explained_by": beside})
    return [
        _planned(key, template, kind, "SENSOR", stream, definition)
        for key, (kind, definition) in found.items()
        if definition
    ]
