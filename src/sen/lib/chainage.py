"""Chainage (lý trình): ``Km12+500``, ranges, and calibration on km-posts.

A chainage is a *label* counted in metres: ``Km12+500`` is 12,500. Real km-posts do not stand
1,000 m apart, because roads were straightened after the posts had been set; so the label is not the
distance along the line. A `Calibration` knows the posts of one route and turns labels into
distances and back.

Source:
    Chainage as written on the km-posts of QCVN 41:2024/BGTVT.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from sen.lib.errors import InputError, gettext_noop

METRES_PER_KM: Final = 1_000
MAX_CHAINAGE_M: Final = 9_999_999.999
_PRECISION: Final = 3
_POSITION_SLACK_M: Final = 0.001

_CHAINAGE: Final = re.compile(
    r"(?P<prefix>km\s*)?(?P<km>\d{1,4})(?:\s*\+\s*(?P<m>\d+)(?:[.,](?P<part>\d+))?\s*m?)?",
    re.IGNORECASE,
)
_RANGE: Final = re.compile(
    r"(?P<start>.+?)(?:\s*(?:–|—|÷|~|->|→|-)\s*|\s+(?:đến|tới|to)\s+)(?P<end>.+)", re.IGNORECASE
)


class ChainageError(InputError):
    """A chainage, a range or a set of km-posts is wrong."""


@dataclass(frozen=True, slots=True, order=True)
class Chainage:
    """A place on a route by its label.

    Units:
        ``metres``: metres of the label, 0 to 9,999,999.999, kept to the millimetre; two chainages
        that differ by less are equal.

    Raises:
        ChainageError: The value is negative, not a number, or beyond Km9999.
    """

    metres: float

    def __post_init__(self) -> None:
        metres = round(float(self.metres), _PRECISION)
        if not 0 <= metres <= MAX_CHAINAGE_M:
            raise ChainageError(
                gettext_noop("Lý trình %(metres)s m nằm ngoài khoảng từ Km0+000 đến Km9999+999."),
                metres=self.metres,
            )
        object.__setattr__(self, "metres", metres + 0.0)

    @classmethod
    def parse(cls, text: str) -> Chainage:
        """Read a chainage; see `parse_chainage`."""
        return parse_chainage(text)

    @property
    def km(self) -> int:
        """The number before the plus sign."""
        return int(self.metres // METRES_PER_KM)

    @property
    def metre_part(self) -> float:
        """The number behind the plus sign."""
        return round(self.metres - self.km * METRES_PER_KM, _PRECISION)

    def __str__(self) -> str:
        return format_chainage(self.metres)


@dataclass(frozen=True, slots=True, order=True)
class ChainageRange:
    """A stretch of a route from one label to a greater one.

    Raises:
        ChainageError: The end lies before the start.
    """

    start: Chainage
    end: Chainage

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ChainageError(
                gettext_noop(
                    "Điểm cuối %(end)s nhỏ hơn điểm đầu %(start)s. "
                    "Hãy ghi lý trình nhỏ trước, lý trình lớn sau."
                ),
                start=str(self.start),
                end=str(self.end),
            )

    @classmethod
    def parse(cls, text: str) -> ChainageRange:
        """Read a range; see `parse_range`."""
        return parse_range(text)

    @property
    def length_m(self) -> float:
        """Difference of the labels, which is the real length only where posts are true."""
        return round(self.end.metres - self.start.metres, _PRECISION)

    def contains(self, place: Chainage) -> bool:
        """Say whether a place lies in the range, ends included."""
        return self.start <= place <= self.end

    def overlaps(self, other: ChainageRange) -> bool:
        """Say whether two ranges share more than an end."""
        return self.start < other.end and other.start < self.end

    def __str__(self) -> str:
        return f"{self.start}–{self.end}"


def parse_chainage(text: str) -> Chainage:
    """Read a chainage as people write it.

    ``Km12+500``, ``Km 12+500.5``, ``km12+050``, ``12+500``, ``KM12 + 500,5 m`` and ``Km12`` (which
    is ``Km12+000``). The number behind the plus sign counts metres: ``Km12+5`` is five metres
    behind the post. Parts of a metre are kept to the millimetre.

    Raises:
        ChainageError: The text is no chainage; the message says why.
    """
    cleaned = " ".join(text.split())
    match = _CHAINAGE.fullmatch(cleaned)
    if match is None or (match["m"] is None and match["prefix"] is None):
        raise ChainageError(_complaint(cleaned), text=text)
    metres_text = match["m"] or "0"
    if len(metres_text) > len("999"):
        raise ChainageError(
            gettext_noop(
                "Phần mét trong lý trình “%(text)s” phải nhỏ hơn 1000. "
                "Nếu vượt quá cọc Km tiếp theo, hãy ghi theo cọc đó, ví dụ Km13+050."
            ),
            text=text,
        )
    part = f"0.{match['part']}" if match["part"] else "0"
    return Chainage(int(match["km"]) * METRES_PER_KM + int(metres_text) + float(part))


def _complaint(text: str) -> str:
    """Choose the sentence that says what is wrong with a text that is no chainage."""
    if not text:
        return gettext_noop("Chưa nhập lý trình. Hãy ghi như Km12+500.")
    if re.search(r"\d{5,}\s*\+", text):
        return gettext_noop("Số Km trong “%(text)s” có quá 4 chữ số. Hãy ghi như Km12+500.")
    if re.fullmatch(r"(km\s*)?\d+\s*[-–.,]\s*\d+\s*m?", text, re.IGNORECASE):
        return gettext_noop(
            "Lý trình “%(text)s” thiếu dấu cộng giữa số Km và số mét. Hãy ghi như Km12+500."
        )
    if re.fullmatch(r"\d+", text):
        return gettext_noop("“%(text)s” chưa rõ là Km hay mét. Hãy ghi như Km12+500 hoặc Km12.")
    return gettext_noop("“%(text)s” không phải là lý trình. Hãy ghi như Km12+500.")


def parse_range(text: str) -> ChainageRange:
    """Read a range such as ``Km12+500–Km13+200``, ``Km12+500 - 13+200``, ``Km1 đến Km2+100``.

    Raises:
        ChainageError: One of the ends is no chainage, there is only one, or the end is smaller.
    """
    match = _RANGE.fullmatch(" ".join(text.split()))
    if match is None:
        raise ChainageError(
            gettext_noop("“%(text)s” không phải là đoạn lý trình. Hãy ghi như Km12+500–Km13+200."),
            text=text,
        )
    return ChainageRange(parse_chainage(match["start"]), parse_chainage(match["end"]))


def format_chainage(metres: float) -> str:
    """Write a chainage as on a plan: ``Km12+050``, with parts of a metre only where there are any.

    Units:
        ``metres``: metres of the label; rounded to the millimetre.

    Raises:
        ChainageError: The value is negative, not a number, or beyond Km9999.
    """
    place = Chainage(metres)
    whole, _, part = f"{place.metre_part:07.3f}".partition(".")
    part = part.rstrip("0")
    return f"Km{place.km}+{whole}" + (f".{part}" if part else "")


@dataclass(frozen=True, slots=True)
class KmPost:
    """A post whose label is known and whose place on the line was measured.

    Units:
        ``measure_m``: metres of the label (Km12 is 12,000). ``position_m``: metres along the line
        from its first vertex.
    """

    measure_m: float
    position_m: float
    name: str = ""

    def __str__(self) -> str:
        return self.name or format_chainage(self.measure_m)


@dataclass(frozen=True, slots=True)
class Span:
    """The stretch between two neighbouring posts, for reports on doubtful posts.

    Units:
        ``label_m``: difference of the labels. ``real_m``: distance along the line.
    """

    start: KmPost
    end: KmPost

    @property
    def label_m(self) -> float:
        """Length that the labels say."""
        return self.end.measure_m - self.start.measure_m

    @property
    def real_m(self) -> float:
        """Length along the line."""
        return self.end.position_m - self.start.position_m

    @property
    def scale(self) -> float:
        """Real metres per metre of the label; 1 where the posts are true."""
        return self.real_m / self.label_m


class Calibration:
    """Converts between the label and the distance along one line.

    Between two posts both run linearly. Beyond the first and the last post one metre of the label
    is one metre of the line (the stretch of the last span says nothing about what follows), as far
    as the line goes; a label that would lie off the line is an error. The ends of the line are
    taken with one millimetre of grace.

    Args:
        posts: At least one post; their order does not matter.
        length_m: Length of the line.

    Units:
        Metres throughout.

    Raises:
        ChainageError: No post; two posts with one label; posts off the line; posts whose places
            are not in the order of their labels. The posts are named.
    """

    def __init__(self, posts: Iterable[KmPost], length_m: float) -> None:
        self.posts: tuple[KmPost, ...] = tuple(sorted(posts, key=lambda post: post.measure_m))
        self.length_m = float(length_m)
        _check_posts(self.posts, self.length_m)
        self._measures = [post.measure_m for post in self.posts]
        self._positions = [post.position_m for post in self.posts]

    @classmethod
    def uniform(cls, length_m: float, start_m: float = 0.0) -> Calibration:
        """Return the calibration of a line without posts: labels are distances from ``start_m``."""
        return cls([KmPost(start_m, 0.0)], length_m)

    @property
    def start_m(self) -> float:
        """Label of the first vertex of the line; negative where the line begins before Km0."""
        return self._measures[0] - self._positions[0]

    @property
    def end_m(self) -> float:
        """Label of the last vertex of the line."""
        return self._measures[-1] + self.length_m - self._positions[-1]

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """The stretches between neighbouring posts."""
        return tuple(Span(start, end) for start, end in pairwise(self.posts))

    def doubtful_spans(self, tolerance: float = 0.2) -> list[Span]:
        """Return the spans whose real length differs from the label by more than a share of it."""
        return [span for span in self.spans if abs(span.scale - 1) > tolerance]

    def position_at(self, measure_m: float) -> float:
        """Return the distance along the line of a label.

        Raises:
            ChainageError: The label lies beyond an end of the line.
        """
        position = _interpolate(self._measures, self._positions, measure_m)
        if not -_POSITION_SLACK_M <= position <= self.length_m + _POSITION_SLACK_M:
            raise ChainageError(
                gettext_noop("%(place)s nằm ngoài tuyến: tuyến chỉ có từ %(start)s đến %(end)s."),
                place=format_chainage(measure_m) if measure_m >= 0 else f"{measure_m:.0f} m",
                start=format_chainage(max(self.start_m, 0.0)),
                end=format_chainage(self.end_m),
            )
        return min(max(position, 0.0), self.length_m)

    def measure_at(self, position_m: float) -> float:
        """Return the label of a distance along the line.

        The result is negative where the line begins more than the label of its first post before
        that post.

        Raises:
            ChainageError: The distance is negative or greater than the length of the line.
        """
        if not -_POSITION_SLACK_M <= position_m <= self.length_m + _POSITION_SLACK_M:
            raise ChainageError(
                gettext_noop("Vị trí %(position).1f m nằm ngoài tuyến: tuyến dài %(length).1f m."),
                position=position_m,
                length=self.length_m,
            )
        return _interpolate(self._positions, self._measures, position_m)


def _interpolate(known: Sequence[float], wanted: Sequence[float], value: float) -> float:
    """Interpolate linearly, and go on one to one beyond both ends."""
    if value <= known[0]:
        return wanted[0] - (known[0] - value)
    if not value < known[-1]:  # not a number goes through and is refused as off the line
        return wanted[-1] + (value - known[-1])
    at = bisect_right(known, value)
    share = (value - known[at - 1]) / (known[at] - known[at - 1])
    return wanted[at - 1] + share * (wanted[at] - wanted[at - 1])


def _check_posts(posts: Sequence[KmPost], length_m: float) -> None:
    """Raise when posts cannot calibrate a line."""
    if not posts:
        raise ChainageError(gettext_noop("Cần ít nhất một cọc Km để hiệu chỉnh lý trình."))
    off = [
        post
        for post in posts
        if not -_POSITION_SLACK_M <= post.position_m <= length_m + _POSITION_SLACK_M
    ]
    if off:
        raise ChainageError(
            gettext_noop("Cọc nằm ngoài tuyến dài %(length).1f m: %(posts)s."),
            length=length_m,
            posts=_names(off),
        )
    pairs = list(pairwise(posts))
    twins = [pair for pair in pairs if pair[0].measure_m == pair[1].measure_m]
    if twins:
        raise ChainageError(
            gettext_noop("Hai cọc trùng lý trình: %(posts)s. Hãy bỏ bớt một cọc."),
            posts="; ".join(_names(pair) for pair in twins),
        )
    wrong = [pair for pair in pairs if pair[0].position_m >= pair[1].position_m]
    if not wrong:
        return
    if len(wrong) == len(pairs) > 1:
        raise ChainageError(
            gettext_noop(
                "Lý trình các cọc giảm dần theo chiều vẽ tuyến (%(posts)s). "
                "Hãy đảo chiều đường vẽ của tuyến."
            ),
            posts=_names([posts[0], posts[-1]]),
        )
    raise ChainageError(
        gettext_noop(
            "Cọc không theo thứ tự dọc tuyến: %(posts)s. Hãy kiểm tra vị trí hoặc lý trình của cọc."
        ),
        posts="; ".join(_names(pair) for pair in wrong),
    )


def _names(posts: Iterable[KmPost]) -> str:
    """List posts by name with their places."""
    return ", ".join(f"{post} ({post.position_m:.1f} m)" for post in posts)
