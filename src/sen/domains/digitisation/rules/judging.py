"""Whether a page is good enough to be read and kept, and why not."""

from __future__ import annotations

from typing import Final

from sen.domains.digitisation.choices import Fault
from sen.domains.digitisation.data import Quality

#: Below these a page is read with more than 5 % wrong letters on the test sheets of
#: ``benchmarks/ocr.py``, or looks it to a person.
MIN_SHARPNESS: Final = 0.16
MAX_SKEW_DEG: Final = 5.0
MIN_CONTRAST: Final = 0.22
MIN_SURE: Final = 62.0


def faults(quality: Quality, *, min_dpi: int) -> tuple[Fault, ...]:
    """Why a page must be scanned again; nothing when it is good enough."""
    checks = {
        # Scanners round their resolution: 199 dpi is 200.
        Fault.COARSE: quality.dpi < min_dpi - 5,
        Fault.BLURRED: quality.sharpness < MIN_SHARPNESS,
        Fault.SKEWED: abs(quality.skew_deg) > MAX_SKEW_DEG,
        Fault.FAINT: quality.contrast < MIN_CONTRAST,
        Fault.UNSURE: quality.sure is not None and quality.sure < MIN_SURE,
    }
    return tuple(fault for fault, found in checks.items() if found)
