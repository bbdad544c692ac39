"""Where the recogniser lies: named in the settings, installed, or unpacked by the launcher."""

from __future__ import annotations

import os
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings

LANGUAGE: Final = "vie"
FOLDERS: Final = ("/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tessdata")


def recogniser() -> dict[str, object] | None:
    """Program and environment of tesseract with Vietnamese; None where there is none yet."""
    tree = Path(os.environ.get("SEN_OCR_TREE", "") or Path(settings.SEN_VAR) / "ocr")
    return _found(tree, os.environ.get("SEN_TESSERACT", ""), _stamp(tree))


def _stamp(tree: Path) -> float:
    """Changes when the launcher has brought the programs."""
    try:
        return (tree / "ready").stat().st_mtime
    except OSError:
        return 0.0


@lru_cache(maxsize=8)
def _found(tree: Path, given: str, _stamp: float) -> dict[str, object] | None:
    candidates = [
        (given, "", os.environ.get("TESSDATA_PREFIX", "")),
        (shutil.which("tesseract") or "", "", ""),
    ]
    if (tree / "ready").exists():
        libraries = (tree / "ready").read_text(encoding="utf-8").strip()
        data = str(tree / "usr/share/tesseract-ocr/5/tessdata")
        candidates.append((str(tree / "usr/bin/tesseract"), libraries, data))
    for program, libraries, data in candidates:
        folder = data or next(
            (f for f in FOLDERS if Path(f, f"{LANGUAGE}.traineddata").exists()), ""
        )
        if program and os.access(program, os.X_OK) and _speaks(folder):
            environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TESSDATA_PREFIX": folder}
            if libraries:
                environment["LD_LIBRARY_PATH"] = libraries
            return {"program": program, "environment": environment, "language": LANGUAGE}
    return None


def _speaks(folder: str) -> bool:
    return bool(folder) and Path(folder, f"{LANGUAGE}.traineddata").exists()
