"""The form of a segmentation: its layers with what the address says of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from sen.domains.network.selectors.segments import LayerChoice, layer_tracks, rules_of


@dataclass(frozen=True, slots=True)
class LayerField:
    """One layer as the form offers it."""

    name: str
    title: str
    unit: str
    is_number: bool
    chosen: bool
    rules: list[tuple[str, str, bool]]
    low: str
    high: str
    values: list[tuple[str, str, bool]]


def layer_fields(query: QueryDict) -> list[LayerField]:
    """All layers with what the address says of each."""
    asked = dict(text.partition(":")[::2] for text in query.getlist("layer"))
    words = rule_words()
    found: list[LayerField] = []
    for track in layer_tracks():
        rule = asked.get(track.name) or query.get(f"rule-{track.name}", "")
        chosen_values = query.getlist(f"is-{track.name}")
        found.append(
            LayerField(
                name=track.name,
                title=str(track.title),
                unit=str(track.unit),
                is_number=track.is_number,
                chosen=track.name in asked,
                rules=[(r.value, words[r.value], r.value == rule) for r in rules_of(track)],
                low=query.get(f"min-{track.name}", ""),
                high=query.get(f"max-{track.name}", ""),
                values=[
                    (code, str(title), code in chosen_values)
                    for code, title in track.choices.items()
                ],
            )
        )
    return found


def rule_words() -> dict[str, str]:
    return {
        "mean": _("trung bình theo chiều dài"),
        "min": _("nhỏ nhất"),
        "max": _("lớn nhất"),
        "dominant": _("chiếm phần lớn"),
        "list": _("liệt kê tất cả"),
    }


def titles(layers: Sequence[LayerChoice]) -> list[str]:
    """Headers of the value columns: title, unit, and the rule where it is not the usual one."""
    words = rule_words()
    found = []
    for layer in layers:
        text = str(layer.track.title)
        if layer.track.unit:
            text += f" ({layer.track.unit})"
        if layer.rule is not rules_of(layer.track)[0]:
            text += f", {words[layer.rule.value]}"
        found.append(text)
    return found
