"""Analyses of observations, written once in Ibis for whatever engine computes them.

Each takes the table ``observations`` (``datastream_id, observed_at, result, quality``; times in UTC
without a zone) and returns a table. Arithmetic that engines do differently (fractions of epochs,
approximate quantiles) is left out on purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sen.domains.telemetry.choices import Quality
from sen.lib.errors import gettext_noop

if TYPE_CHECKING:
    import ibis.expr.types as ir

#: Hours by which the house is ahead of UTC; the law knows one zone (no daylight saving).
HOUSE_H: Final = 7
_BAD: Final = int(Quality.BAD)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that an analysis asks for; ``default`` None: it must be given."""

    name: str
    title: str
    default: float | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """One shipped analysis."""

    code: str
    title: str
    build: Callable[..., ir.Table]
    parameters: tuple[Parameter, ...] = ()


def hourly(observations: ir.Table) -> ir.Table:
    """Count, least, mean and greatest value of every stream and hour."""
    rows = _good(observations).mutate(hour=observations.observed_at.truncate("h"))
    return (
        rows.group_by("datastream_id", "hour")
        .agg(
            n=rows.result.count(),
            least=rows.result.min(),
            mean=rows.result.mean(),
            greatest=rows.result.max(),
        )
        .order_by("datastream_id", "hour")
    )


def daily_profile(observations: ir.Table) -> ir.Table:
    """How a stream goes over the day: mean and spread of every hour of the day (UTC+7)."""
    rows = _good(observations)
    rows = rows.mutate(hour=(rows.observed_at.hour() + HOUSE_H) % 24)
    return (
        rows.group_by("datastream_id", "hour")
        .agg(
            n=rows.result.count(),
            mean=rows.result.mean(),
            spread=rows.result.std(how="pop"),
            least=rows.result.min(),
            greatest=rows.result.max(),
        )
        .order_by("datastream_id", "hour")
    )


def exceedance(observations: ir.Table, *, limit: float) -> ir.Table:
    """How often a stream was above ``limit``, from when to when, and its greatest value."""
    import ibis

    rows = _good(observations)
    above = rows.result > ibis.literal(limit, "float64")
    counted = rows.group_by("datastream_id").agg(
        n=rows.result.count(),
        above=above.sum(),
        first_above=rows.observed_at.min(where=above),
        last_above=rows.observed_at.max(where=above),
        greatest=rows.result.max(),
    )
    return counted.filter(counted.above > 0).order_by("datastream_id")


def completeness(observations: ir.Table, *, interval_s: float) -> ir.Table:
    """Share of the values due that came, by stream and day (UTC+7)."""
    import ibis

    rows = observations.mutate(
        day=(observations.observed_at + ibis.interval(hours=HOUSE_H)).truncate("D")
    )
    return (
        rows.group_by("datastream_id", "day")
        .agg(n=rows.count())
        # A factor that is said to be a float: Spark takes a literal for a decimal and rounds.
        .mutate(share=lambda t: t.n.cast("float64") * ibis.literal(interval_s / 86_400, "float64"))
        .order_by("datastream_id", "day")
    )


def gaps(observations: ir.Table, *, longest_s: float) -> ir.Table:
    """Silences longer than ``longest_s``: the last value before and the first after each."""
    import ibis

    order = ibis.window(group_by="datastream_id", order_by="observed_at")
    rows = observations.mutate(before=observations.observed_at.lag(1).over(order))
    limit = rows.before + ibis.interval(seconds=int(longest_s))
    found = rows.filter(rows.observed_at > limit)
    return found.select("datastream_id", begin=found.before, end=found.observed_at).order_by(
        "datastream_id", "begin"
    )


def relation(observations: ir.Table, *, cause: float, effect: float) -> ir.Table:
    """How the hourly means of one stream follow those of another: slope and correlation."""
    means = hourly(observations)
    left = means.filter(means.datastream_id == int(cause)).select("hour", x=means.mean)
    right = means.filter(means.datastream_id == int(effect)).select("hour", y=means.mean)
    both = left.join(right, "hour")
    return both.agg(
        n=both.count(),
        slope=both.x.cov(both.y, how="pop") / both.x.var(how="pop"),
        correlation=both.x.corr(both.y, how="pop"),
        mean_cause=both.x.mean(),
        mean_effect=both.y.mean(),
    )


def _good(observations: ir.Table) -> ir.Table:
    rows = observations.filter(observations.quality != _BAD)
    return rows.filter(rows.result.notnull() & ~rows.result.isnan())


ANALYSES: Final = {
    item.code: item
    for item in (
        Analysis(
            "hourly", gettext_noop("Theo giờ: số lượng, nhỏ nhất, trung bình, lớn nhất"), hourly
        ),
        Analysis("daily-profile", gettext_noop("Biểu đồ ngày đặc trưng"), daily_profile),
        Analysis(
            "exceedance",
            gettext_noop("Vượt ngưỡng"),
            exceedance,
            (Parameter("limit", gettext_noop("ngưỡng")),),
        ),
        Analysis(
            "completeness",
            gettext_noop("Tỷ lệ số liệu nhận được theo ngày"),
            completeness,
            (Parameter("interval_s", gettext_noop("chu kỳ gửi (giây)"), 60.0),),
        ),
        Analysis(
            "gaps",
            gettext_noop("Khoảng mất số liệu"),
            gaps,
            (Parameter("longest_s", gettext_noop("dài hơn (giây)"), 900.0),),
        ),
        Analysis(
            "relation",
            gettext_noop("Tương quan giữa hai kênh đo"),
            relation,
            (
                Parameter("cause", gettext_noop("kênh nguyên nhân")),
                Parameter("effect", gettext_noop("kênh kết quả")),
            ),
        ),
    )
}


def built(code: str, observations: ir.Table, parameters: dict[str, Any]) -> ir.Table:
    """The expression of one analysis.

    Raises:
        KeyError: there is no such analysis.
        ValueError: a parameter is missing or unknown; says which.
    """
    analysis = ANALYSES[code]
    known = {item.name: item.default for item in analysis.parameters}
    unknown = set(parameters) - set(known)
    given = {**{k: v for k, v in known.items() if v is not None}, **parameters}
    missing = set(known) - set(given)
    if unknown or missing:
        raise ValueError(", ".join(sorted(unknown | missing)))
    return analysis.build(observations, **given)
