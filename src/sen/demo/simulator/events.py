"""What may happen to a station: scripted events that change what its instruments measure.

An event begins at a moment and changes values from then on as a function of time alone, so that
the same script gives the same payloads.

Units:
    Times are seconds since 1970 (UTC); durations seconds.
Shapes:
    Effects take times (n,) and values (n,) and return (n,).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sen.demo.simulator.physics import DAY_S, HOUR_S, Floats, Span, Times

MINUTE_S: Final = 60.0
_UNITS: Final = {"s": 1.0, "m": MINUTE_S, "h": HOUR_S, "d": DAY_S}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
_WORDS: Final = re.compile(
    r"(?P<kind>[a-z]+)(?::(?P<station>[\w.-]+))?(?:\+(?P<after>[\w.]+))?(?:/(?P<lasts>[\w.]+))?"
)

#: Of the event: share of its duration that is over (0…1, and on), the values, the span.
Effect = Callable[[Floats, Floats, Span], Floats]


class ScriptError(ValueError):
    """An event that cannot be played; the text says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of event: which streams it changes, by the tail of their codes."""

    name: str
    title: str
    lasts_s: float
    effects: dict[str, Effect]
    #: The stream that a station must have.
    needs: str


def _once(share: Floats) -> Floats:
    """1 while the event lasts."""
    found: Floats = ((share >= 0.0) & (share < 1.0)).astype(float)
    return found


def _gently(share: Floats) -> Floats:
    """From 0 to 1 while the event lasts, and 1 from then on."""
    part = np.clip(share, 0.0, 1.0)
    found: Floats = part * part * (3.0 - 2.0 * part)
    return found


def _flood(share: Floats) -> Floats:
    """Rises in a third of the time, falls in the rest."""
    found: Floats = np.where(
        share < 1 / 3, _gently(share * 3.0), 1.0 - _gently((share - 1 / 3) * 1.5)
    )
    return np.where(share < 0.0, 0.0, found)


#: Tonnes of five lorries of 34 t close behind each other.
_CONVOY_T: Final = 170.0
_SETTLED_MM: Final = 42.0
_CRACK_MM: Final = 1.1
_FLOOD_M: Final = 2.9
_SCOUR_M: Final = 3.4


def _stuck(share: Floats, values: Floats, _span: Span) -> Floats:
    """The last value for four tenths, then spikes, then nonsense beyond the range."""
    spikes = np.where(np.floor(share * 997.0) % 3 == 0, values + 90.0, values)
    found = np.where(share < 0.4, 12.34, np.where(share < 0.7, spikes, 9_999.0))
    return np.where(_once(share) > 0.0, found, values)


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind(
            "overload",
            "đoàn xe quá tải",
            10 * MINUTE_S,
            {
                "TT": lambda share, values, _span: values + _CONVOY_T * _once(share),
                "DV": lambda share, values, span: (
                    values + _CONVOY_T / span.stiffness_t_mm * _once(share)
                ),
                "BD": lambda share, values, _span: values + 2.4 * _CONVOY_T * _once(share),
            },
            "TT",
        ),
        Kind(
            "settlement",
            "lún mố kéo dài",
            28 * DAY_S,
            {
                "LU": lambda share, values, _span: values + _SETTLED_MM * _gently(share),
                "NG": lambda share, values, _span: values + 1.6 * _gently(share),
                "DV": lambda share, values, _span: values + 0.3 * _SETTLED_MM * _gently(share),
            },
            "LU",
        ),
        Kind(
            "crack",
            "vết nứt mở rộng đột ngột",
            DAY_S,
            {
                "VN": lambda share, values, _span: values + _CRACK_MM * (share >= 0.0),
                "TS": lambda share, values, _span: values * (1.0 - 0.02 * (share >= 0.0)),
            },
            "VN",
        ),
        Kind(
            "scour",
            "lũ gây xói trụ",
            6 * DAY_S,
            {
                "MN": lambda share, values, _span: values + _FLOOD_M * _flood(share),
                "XO": lambda share, values, _span: values + _SCOUR_M * _gently(share * 3.0),
                "NG": lambda share, values, _span: values + 0.9 * _gently(share * 2.0),
                "TS": lambda share, values, _span: values * (1.0 - 0.04 * _gently(share * 3.0)),
            },
            "XO",
        ),
        Kind("broken", "cảm biến độ võng hỏng", 2 * HOUR_S, {"DV": _stuck}, "DV"),
        Kind("outage", "mất mạng, gửi bù sau", 30 * MINUTE_S, {}, ""),
    )
}


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a script; ``station`` is empty where the first fitting one is meant."""

    kind: Kind
    station: str
    after_s: float
    lasts_s: float
    begin_s: float = 0.0

    def change(self, tail: str, at: Times, values: Floats, span: Span | None) -> Floats:
        """The values of a stream as they are while this happens."""
        effect = self.kind.effects.get(tail)
        if effect is None or span is None:
            return values
        return effect((at - self.begin_s) / self.lasts_s, values, span)

    def silences(self, at: Times) -> Floats:
        """1 where the station cannot send."""
        if self.kind.name != "outage":
            return np.zeros(len(at))
        return _once((at - self.begin_s) / self.lasts_s)


def seconds_of(text: str) -> float:
    """``90s``, ``10m``, ``2h``, ``30d`` as seconds.

    Raises:
        ScriptError: it is none of these.
    """
    found = _DURATION.fullmatch(text)
    if found is None or float(found[1]) <= 0:
        raise ScriptError(f"“{text}” không phải khoảng thời gian; viết như 90s, 10m, 2h, 30d.")
    return float(found[1]) * _UNITS[found[2]]


def read_event(text: str) -> Event:
    """``kind[:station][+after][/lasts]``, such as ``overload:QT-CAU-012+5m/20m``.

    Raises:
        ScriptError: it is not understood.
    """
    found = _WORDS.fullmatch(text)
    if found is None or found["kind"] not in KINDS:
        known = ", ".join(KINDS)
        raise ScriptError(
            f"Không hiểu kịch bản “{text}”. Viết LOẠI[:TRẠM][+BẮT ĐẦU SAU][/KÉO DÀI],"
            f" loại là một trong: {known}."
        )
    kind = KINDS[found["kind"]]
    return Event(
        kind,
        found["station"] or "",
        seconds_of(found["after"]) if found["after"] else 0.0,
        seconds_of(found["lasts"]) if found["lasts"] else kind.lasts_s,
    )


def check_times(events: Sequence[Event], *, span_s: float) -> None:
    """All of them must begin within what is played.

    Raises:
        ScriptError: one begins after its end.
    """
    for event in events:
        if span_s and event.after_s >= span_s:
            raise ScriptError(
                f"Kịch bản “{event.kind.name}” bắt đầu sau khi khoảng thời gian phát đã hết;"
                " giảm +BẮT ĐẦU SAU hoặc tăng --history."
            )
