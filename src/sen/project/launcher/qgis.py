"""QGIS reads our services in the acceptance tests: Debian's, with Debian's own Python."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from sen.project.launcher import debian
from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import House

PYTHON = Path("/usr/bin/python3")
PACKAGE = "python3-qgis"


def works() -> bool:
    """Whether Debian's Python can import QGIS."""
    if not PYTHON.exists():
        return False
    tried = subprocess.run(
        [str(PYTHON), "-c", "import qgis.core"], capture_output=True, check=False
    )
    return tried.returncode == 0


def bring_qgis(house: House) -> str:
    """Install QGIS as root; elsewhere say that its test will be skipped.

    QGIS cannot be unpacked under ``var``: its plugins and data are found by absolute paths.
    """
    if works():
        return "có sẵn"
    if os.geteuid() != 0:
        return f"không có; bỏ qua bài thử với QGIS (sudo apt-get install {PACKAGE})"
    try:
        debian.install([PACKAGE], house.logs / "setup-qgis.log", "Cài QGIS")
    except LauncherError as error:
        return f"không cài được, bỏ qua bài thử với QGIS: {error}"
    return "đã cài"
