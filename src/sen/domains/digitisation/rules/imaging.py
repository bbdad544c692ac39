"""What the picture of a page is like: measures, red channel, blank sheets.

Shapes:
    ``grey`` is (height, width), ``rgb`` (height, width, 3), both ``uint8``.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sen.domains.digitisation.data import Quality

Grey = NDArray[np.uint8]
Floats = NDArray[np.float32]

#: Red ink: the red channel stands clear of both others.
RED_STEP: Final = 55
#: Part of the page's dots that are red ink when it bears a stamp.
STAMP_SHARE: Final = 0.0006
#: Part of the dots that are ink on a sheet with anything on it, the rim left out.
BLANK_SHARE: Final = 0.0006
RIM: Final = 0.04
SKEW_REACH_DEG: Final = 6.0
SAMPLE: Final = 60_000


def red_share(rgb: Grey) -> float:
    """Part of the dots that are red ink."""
    small = rgb[::2, ::2].astype(np.int16)
    red, green, blue = small[..., 0], small[..., 1], small[..., 2]
    # Bright red only: brown wood and dark print stay out.
    ink = (red - green > RED_STEP) & (red - blue > RED_STEP) & (red > 110)
    return float(ink.mean())


def without_stamp(rgb: Grey) -> Grey:
    """The page as seen through red glass, with what is nearly paper made paper.

    In red light a stamp is almost as bright as the paper and print stays dark. JPEG smears the
    colours over squares of four dots, so that some of the stamp is left; it lies in the upper
    quarter between ink and paper, where print has nothing but its rims.
    """
    red = rgb[..., 0]
    ink, paper = levels(red)
    span = max(paper - ink, 1.0) * 0.75
    curve = np.clip((np.arange(256, dtype=np.float32) - ink) * (255 / span), 0, 255)
    cleaned: Grey = curve.astype(np.uint8)[red]
    return cleaned


def levels(grey: Grey) -> tuple[float, float]:
    """Grey of the ink and of the paper."""
    small = grey[::3, ::3]
    paper = float(np.percentile(small, 75))
    ink = float(np.percentile(small, 0.7))
    return ink, paper


def is_blank(grey: Grey) -> bool:
    """Whether a sheet bears nothing: dust, shadows of the rim and the back's print apart."""
    height, width = grey.shape
    rim_y, rim_x = round(height * RIM), round(width * RIM)
    inside = averaged(grey[rim_y : height - rim_y, rim_x : width - rim_x], 3)
    paper = float(np.median(inside))
    # Print that shines through from the back keeps more than half of the paper's light.
    return float((inside < paper * 0.55).mean()) < BLANK_SHARE


def averaged(grey: Grey, step: int) -> Floats:
    """Means of squares of ``step`` dots: single dark dots vanish."""
    height, width = (grey.shape[0] // step) * step, (grey.shape[1] // step) * step
    squares = grey[:height, :width].reshape(height // step, step, width // step, step)
    means: Floats = squares.mean(axis=(1, 3), dtype=np.float32)
    return means


def sharpness(grey: Grey, ink: float, paper: float) -> float:
    """How steep the edges of the print are, as part of the whole step from ink to paper.

    Print is a step within one or two dots; a page out of focus climbs over many. Noise is taken
    out by looking only at edges that go the whole way within a short run.
    """
    span = max(paper - ink, 1.0)
    rows = grey[:: max(1, grey.shape[0] // 1200)].astype(np.float32)
    step = np.abs(np.diff(rows, axis=1))
    run = np.abs(rows[:, 6:] - rows[:, :-6]) if rows.shape[1] > 6 else step
    whole = run > span * 0.5
    if int(whole.sum()) < 200:
        return 1.0
    windows = np.lib.stride_tricks.sliding_window_view(step, 6, axis=1)[:, : whole.shape[1]]
    steepest = windows[whole].max(axis=1)
    return float(min(1.0, np.median(steepest) / span))


def skew_deg(grey: Grey, ink: float, paper: float) -> float:
    """Angle of the lines of print: the turn at which the rows of ink stand out most."""
    small = averaged(grey, 2)
    rows, columns = np.nonzero(small < (ink + paper) / 2)
    if rows.size < 500:
        return 0.0
    chosen = np.random.default_rng(0).choice(rows.size, min(SAMPLE, rows.size), replace=False)
    y, x = rows[chosen].astype(np.float32), columns[chosen].astype(np.float32)
    coarse = best_turn(x, y, np.arange(-SKEW_REACH_DEG, SKEW_REACH_DEG + 0.01, 0.5))
    return best_turn(x, y, np.arange(coarse - 0.5, coarse + 0.51, 0.1))


def best_turn(x: Floats, y: Floats, degrees: NDArray[Any]) -> float:
    best, found = -1.0, 0.0
    for turn in degrees:
        lines = np.round(y - x * math.tan(math.radians(float(turn)))).astype(np.int32)
        counts = np.bincount(lines - lines.min()).astype(np.float64)
        clear = float((counts**2).sum())
        if clear > best:
            best, found = clear, float(turn)
    return round(found, 2)


def measure(rgb: Grey, dpi: int) -> Quality:
    """Measures of a page as scanned, before anything is recognised."""
    stamped = red_share(rgb) > STAMP_SHARE
    grey = rgb[..., 0]
    ink, paper = levels(grey)
    return Quality(
        dpi=dpi,
        sharpness=round(sharpness(grey, ink, paper), 3),
        skew_deg=skew_deg(grey, ink, paper),
        contrast=round((paper - ink) / 255, 3),
        has_stamp=stamped,
    )
