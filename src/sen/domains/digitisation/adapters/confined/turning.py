"""Which way up a sheet lies: sheets come out of a feeder upside down or on their side."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

from PIL import Image

from sen.domains.digitisation.adapters.confined.recogniser import Recogniser

LANGUAGE: Final = "osd"
TURNS: Final = (0, 90, 180, 270)
#: Below this tesseract is guessing: stamps, drawings and a few words say little.
LEAST_SURE: Final = 2.0
ONE_S: Final = 20
_TURN: Final = re.compile(r"^Rotate: (\d+)$", re.MULTILINE)
_SURE: Final = re.compile(r"^Orientation confidence: ([\d.]+)$", re.MULTILINE)


def turn_of(picture: Image.Image, dpi: int, work: Path, recogniser: Recogniser) -> int:
    """By how many degrees clockwise a sheet must be turned to stand upright; 0 when unsure."""
    picture.convert("L").save(work, "PNG", compress_level=1)
    command = [
        *(recogniser.program, str(work), "stdout"),
        *("-l", LANGUAGE, "--psm", "0", "--dpi", str(dpi)),
    ]
    try:
        done = subprocess.run(  # noqa: S603  the program that the launcher brought
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ONE_S,
            check=True,
            env={**recogniser.environment, "OMP_THREAD_LIMIT": "1"},
        )
    except (subprocess.SubprocessError, OSError):
        return 0  # too few letters to tell, or no data to tell by: the operator turns it
    finally:
        work.unlink(missing_ok=True)
    return turn_said(done.stdout.decode(errors="replace"))


def turn_said(answer: str) -> int:
    """The turn in the words of tesseract."""
    turn, sure = _TURN.search(answer), _SURE.search(answer)
    if turn is None or sure is None or float(sure[1]) < LEAST_SURE:
        return 0
    return int(turn[1]) if int(turn[1]) in TURNS else 0
