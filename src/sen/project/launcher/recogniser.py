"""The recogniser of scanned text: Debian's tesseract with Vietnamese, unpacked under ``var``.

Nothing waits for it. After a first start it is fetched behind the running platform; until then
scanned documents wait. Nothing is installed into the system, as root neither.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from sen.project.launcher import debian
from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import House

LAUNCHER: Final = Path(__file__).resolve().parent
PACKAGES: Final = ("tesseract-ocr", "tesseract-ocr-vie")
#: Program and libraries must be of one version, also where the machine has some of them.
TOGETHER: Final = (*PACKAGES, "libtesseract5", "liblept5")
DATA: Final = "usr/share/tesseract-ocr/5/tessdata"
SYSTEM_DATA: Final = Path("/") / DATA / "vie.traineddata"


def tree_of(house: House) -> Path:
    return house.var / "ocr"


def is_installed() -> bool:
    """Whether the machine has one that speaks Vietnamese."""
    return shutil.which("tesseract") is not None and SYSTEM_DATA.exists()


def version(house: House) -> str:
    """``tesseract 5.3.0``; empty when none starts."""
    tree = tree_of(house)
    program, env = shutil.which("tesseract") or "", dict(os.environ)
    if not is_installed():
        if not (tree / "ready").exists():
            return ""
        program = str(tree / "usr/bin/tesseract")
        env["LD_LIBRARY_PATH"] = (tree / "ready").read_text(encoding="utf-8").strip()
    probe = subprocess.run(
        [program, "--version"], check=False, capture_output=True, text=True, env=env
    )
    return (probe.stdout or probe.stderr).split("\n")[0] if probe.returncode == 0 else ""


def bring_recogniser(house: House) -> str:
    """Fetch and unpack what is missing; returns the version.

    Raises:
        LauncherError: it could not be fetched, or does not start.
    """
    if found := version(house):
        return found
    tree = tree_of(house)
    with (house.run / "ocr.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if found := version(house):
            return found
        log = house.logs / "setup-ocr.log"
        apt = debian.PrivateApt(house.var / "apt-ocr", log)
        began = time.monotonic()
        shutil.rmtree(tree, ignore_errors=True)
        debian.unpack(apt.fetch(PACKAGES, always=TOGETHER), tree)
        part = tree / "ready.part"
        part.write_text(debian.library_path(tree), encoding="utf-8")
        part.replace(tree / "ready")
        apt.clear()
        found = version(house)
        if not found:
            (tree / "ready").unlink()
            raise LauncherError(
                "Không chạy được tesseract giải nén từ gói Debian",
                f"Hãy chạy: sudo apt-get install -y {' '.join(PACKAGES)}",
                log,
            )
        with log.open("a", encoding="utf-8") as notes:
            notes.write(f"{found}: {time.monotonic() - began:.1f} s\n")
    return found


def bring_in_background(house: House) -> None:
    """Fetch it in a process of its own that outlives this command, if it is missing."""
    if is_installed() or (tree_of(house) / "ready").exists():
        return
    with (house.logs / "setup-ocr.log").open("ab") as output:
        subprocess.Popen(
            [sys.executable, "-P", str(LAUNCHER), "bring-ocr"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
            env={**os.environ, "SEN_VAR": str(house.var)},
        )
