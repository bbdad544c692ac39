"""Spans of days: ``[start, end)``, open at the end when it is None."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Span:
    """From a day until before another; None: without end."""

    start: date
    end: date | None = None

    def overlaps(self, other: Span) -> bool:
        return (other.end is None or self.start < other.end) and (
            self.end is None or other.start < self.end
        )

    def before(self, other: Span) -> Span | None:
        """What of this span lies before ``other``."""
        if self.start >= other.start:
            return None
        return Span(self.start, _earlier(self.end, other.start))

    def after(self, other: Span) -> Span | None:
        """What of this span lies after ``other``."""
        if other.end is None or (self.end is not None and self.end <= other.end):
            return None
        return Span(max(self.start, other.end), self.end)

    def within(self, other: Span) -> Span | None:
        """What of this span lies within ``other``."""
        if not self.overlaps(other):
            return None
        return Span(max(self.start, other.start), _earlier(self.end, other.end))


def is_in(span: Span, day: date) -> bool:
    return span.start <= day and (span.end is None or day < span.end)


def pieces_of(spans: Iterable[Span]) -> list[Span]:
    """The stretches of time between all the days on which one of the spans begins or ends."""
    listed = list(spans)
    days = sorted({span.start for span in listed} | {s.end for s in listed if s.end is not None})
    is_open = any(span.end is None for span in listed)
    ends: list[date | None] = [*days[1:], None] if is_open else [*days[1:]]
    return [
        Span(start, end)
        for start, end in zip(days, ends, strict=False)
        if any(is_in(span, start) for span in listed)
    ]


def _earlier(one: date | None, other: date | None) -> date | None:
    if one is None or other is None:
        return one or other
    return min(one, other)
