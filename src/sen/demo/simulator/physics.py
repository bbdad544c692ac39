"""Weather, water, traffic and how a bridge answers them, as functions of time alone. Pure.

Every value follows from a seed and a moment: asked for again, in any order or in pieces, it is the
same. Chance comes from a hash of the seed and the number of the step instead of from a generator.

Units:
    Times are seconds since 1970 (UTC); the province is seven hours ahead.
Shapes:
    Functions of ``at`` take (n,) and return (n,).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Times = NDArray[np.float64]

HOUR_S: Final = 3_600.0
DAY_S: Final = 86_400.0
ZONE_S: Final = 7 * HOUR_S
YEAR_D: Final = 365.2425
#: Temperature at which bridges are said to be at rest.
REST_C: Final = 28.0
#: Main tides at the mouths of the Mekong: period (hours), amplitude (m), phase (rad).
TIDES: Final = (
    (12.4206, 0.78, 0.4),
    (12.0000, 0.30, 1.7),
    (23.9345, 0.55, 2.3),
    (25.8193, 0.42, 0.9),
)
#: Share of the day's traffic in each hour, of weekdays and of Sundays.
_WEEKDAY: Final = np.array(
    [5, 4, 4, 6, 13, 32, 62, 78, 66, 55, 52, 50, 44, 46, 52, 58, 70, 82, 66, 46, 34, 24, 15, 8],
    float,
)
_SUNDAY: Final = np.array(
    [8, 6, 5, 6, 10, 20, 34, 46, 56, 60, 60, 54, 46, 48, 54, 60, 68, 74, 66, 52, 40, 28, 18, 11],
    float,
)


def chance(seed: int, number: NDArray[np.int64]) -> Floats:
    """Numbers between 0 and 1 that hang on the seed and the number alone (splitmix64)."""
    with np.errstate(over="ignore"):
        z = number.astype(np.uint64) + np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    found: Floats = (z >> np.uint64(11)).astype(np.float64) / 2.0**53
    return found


def noise(seed: int, at: Times, step_s: float = 60.0) -> Floats:
    """Normal noise of deviation 1, constant within a step."""
    number = np.floor(at / step_s).astype(np.int64)
    first = np.maximum(chance(seed, number), 1e-12)
    second = chance(seed + 1_000_003, number)
    drawn: Floats = np.sqrt(-2.0 * np.log(first)) * np.cos(2.0 * np.pi * second)
    return drawn


def smooth(seed: int, at: Times, step_s: float) -> Floats:
    """Noise that changes gently: straight lines between draws ``step_s`` apart."""
    place = at / step_s
    low = np.floor(place)
    share = place - low
    left: Floats = noise(seed, low * step_s + step_s / 2, step_s)
    right: Floats = noise(seed, (low + 1) * step_s + step_s / 2, step_s)
    return left * (1 - share) + right * share


def hour_of_day(at: Times) -> Floats:
    hours: Floats = ((at + ZONE_S) % DAY_S) / HOUR_S
    return hours


def _season(at: Times, peak_day: float) -> Floats:
    """1 on the peak day of the year, -1 half a year from it."""
    day = (at + ZONE_S) / DAY_S % YEAR_D
    wave: Floats = np.cos(2.0 * np.pi * (day - peak_day) / YEAR_D)
    return wave


def air_temperature(seed: int, at: Times) -> Floats:
    """Degrees Celsius: warmest in April, at half past two in the afternoon."""
    daily = 4.2 * np.cos(2.0 * np.pi * (hour_of_day(at) - 14.5) / 24.0)
    cooled = 0.04 * np.minimum(rain(seed, at), 60.0)
    found: Floats = (
        27.4 + 1.6 * _season(at, 110.0) + daily + 0.9 * smooth(seed, at, 30 * HOUR_S) - cooled
    )
    return found


def deck_temperature(seed: int, at: Times) -> Floats:
    """A deck follows the air two hours late and is warmed by the sun."""
    sun = np.clip(np.cos(2.0 * np.pi * (hour_of_day(at) - 13.0) / 24.0), 0.0, None)
    found: Floats = air_temperature(seed, at - 2 * HOUR_S) + 7.0 * sun**1.5
    return found


def rain(seed: int, at: Times) -> Floats:
    """Millimetres an hour: short storms, most of them on afternoons from May to November."""
    found = np.zeros(len(at))
    day = np.floor((at + ZONE_S) / DAY_S)
    for shift in (0, -1):  # a storm may last past midnight
        number = (day + shift).astype(np.int64)
        begin_of_day = (day + shift) * DAY_S - ZONE_S
        likely = 0.38 + 0.30 * _season(begin_of_day, 258.0)
        falls = chance(seed + 11, number) < likely
        begin = begin_of_day + (13.0 + 6.0 * chance(seed + 12, number)) * HOUR_S
        lasts = (0.5 + 4.0 * chance(seed + 13, number) ** 2) * HOUR_S
        peak = 4.0 + 70.0 * chance(seed + 14, number) ** 3
        share = (at - begin) / lasts
        inside = falls & (share > 0.0) & (share < 1.0)
        shape = np.sin(np.pi * np.clip(share, 0.0, 1.0)) ** 2
        found += np.where(inside, peak * shape, 0.0)
    return found


def tide(at: Times, *, late_s: float = 0.0) -> Floats:
    """Metres about the mean of the sea, ``late_s`` later up the river."""
    found = np.zeros(len(at))
    for period_h, height_m, phase in TIDES:
        found += height_m * np.cos(2.0 * np.pi * (at - late_s) / (period_h * HOUR_S) - phase)
    return found


def water_level(seed: int, at: Times, *, upstream_km: float) -> Floats:
    """Metres of the national datum: the tide weakens and comes later upstream, floods grow there.

    Floods reach their height at the beginning of October.
    """
    reach = float(np.exp(-upstream_km / 160.0))
    flood = (0.35 + 0.018 * upstream_km) * np.clip(_season(at, 275.0), 0.0, None) ** 2
    found: Floats = (
        0.25
        + flood
        + reach * tide(at, late_s=upstream_km / 25.0 * HOUR_S)
        + 0.05 * smooth(seed, at, 20 * HOUR_S)
    )
    return found


def vehicles_per_hour(seed: int, at: Times, *, per_day: float) -> Floats:
    """Traffic by hour, quieter on Sundays and in heavy rain."""
    hours = hour_of_day(at)
    sunday = np.floor((at + ZONE_S) / DAY_S).astype(np.int64) % 7 == 3  # 1970 began on a Thursday
    profile = np.where(sunday, np.interp(hours, range(24), _SUNDAY, period=24),
                       np.interp(hours, range(24), _WEEKDAY, period=24))  # fmt: skip
    wet = np.clip(1.0 - rain(seed, at) / 180.0, 0.6, 1.0)
    found: Floats = per_day * profile / _WEEKDAY.sum() * wet * (1 + 0.08 * noise(seed + 21, at))
    return np.maximum(found, 0.0)


def mean_speed(seed: int, at: Times, *, per_day: float, free_km_h: float) -> Floats:
    """Kilometres an hour: slower the fuller the road and in rain."""
    fill = vehicles_per_hour(seed, at, per_day=per_day) / max(per_day * 0.085, 1.0)
    slowed = 1.0 - 0.28 * np.clip(fill, 0.0, 1.4) ** 2 - np.clip(rain(seed, at) / 250.0, 0.0, 0.2)
    found: Floats = free_km_h * slowed + 1.5 * noise(seed + 22, at)
    return np.clip(found, 5.0, None)


def heaviest_load(
    seed: int, at: Times, *, per_day: float, truck_share: float, step_s: float = 60.0
) -> Floats:
    """Tonnes of the heaviest vehicles that stand on the bridge together within the step."""
    trucks = vehicles_per_hour(seed, at, per_day=per_day) * truck_share
    spread = 1.0 + 0.25 * np.minimum(np.abs(noise(seed + 23, at, step_s)), 1.8)  # lawful loads
    found: Floats = (9.0 + 5.5 * np.log1p(trucks)) * spread
    return found


@dataclass(frozen=True, slots=True)
class Span:
    """One instrumented span of a bridge.

    Units:
        ``stiffness_t_mm`` tonnes for a millimetre of deflection; ``per_degree_mm`` millimetres a
        degree; ``frequency_hz`` at rest; ``crack_mm`` width at rest; ``step_s`` seconds between
        two vehicles that count, and between two draws of an instrument's noise.
    """

    seed: int
    per_day: float
    truck_share: float
    stiffness_t_mm: float
    per_degree_mm: float
    frequency_hz: float
    crack_mm: float
    step_s: float = 60.0

    def load(self, at: Times) -> Floats:
        return heaviest_load(
            self.seed,
            at,
            per_day=self.per_day,
            truck_share=self.truck_share,
            step_s=self.step_s,
        )

    def _noise(self, number: int, at: Times) -> Floats:
        return noise(self.seed + number, at, self.step_s)

    def temperature(self, at: Times) -> Floats:
        return deck_temperature(self.seed, at)

    def deflection(self, at: Times) -> Floats:
        """Millimetres down: load over stiffness, and the deck that bends as it warms."""
        warm = self.per_degree_mm * (self.temperature(at) - REST_C)
        found: Floats = self.load(at) / self.stiffness_t_mm + warm + 0.12 * self._noise(31, at)
        return found

    def strain(self, at: Times) -> Floats:
        """Microstrain at the lower edge of the girder."""
        found: Floats = (
            2.4 * self.load(at) + 4.0 * (self.temperature(at) - REST_C) + 1.5 * self._noise(32, at)
        )
        return found

    def frequency(self, at: Times) -> Floats:
        """Hertz of the first mode: a warm deck is softer."""
        found: Floats = self.frequency_hz * (
            1.0 - 0.0011 * (self.temperature(at) - REST_C) + 0.0015 * self._noise(33, at)
        )
        return found

    def crack(self, at: Times) -> Floats:
        """Millimetres: cracks close as the concrete warms."""
        found: Floats = (
            self.crack_mm - 0.004 * (self.temperature(at) - REST_C) + 0.002 * self._noise(34, at)
        )
        return np.maximum(found, 0.0)

    def tilt(self, at: Times) -> Floats:
        """Milliradians of the pier: the sun on one side, and next to nothing else."""
        found: Floats = 0.02 * (self.temperature(at) - REST_C) + 0.015 * smooth(
            self.seed + 35, at, 12 * HOUR_S
        )
        return found

    def settlement(self, at: Times) -> Floats:
        """Millimetres that the abutment sank since it was built: long over, and a level's noise."""
        found: Floats = 3.0 + 0.08 * smooth(self.seed + 36, at, DAY_S) + 0.03 * self._noise(37, at)
        return found

    def scour(self, at: Times) -> Floats:
        """Metres of the hole at the pier: deeper in the months of flood."""
        flood = np.clip(_season(at, 275.0), 0.0, None)
        found: Floats = 0.35 + 0.5 * flood + 0.02 * self._noise(38, at)
        return found
