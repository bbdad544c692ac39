"""The browser of the end-to-end tests: Debian's Chromium, without the window around the page."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from sen.project.launcher import debian
from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import House

#: Draws the same pages as the whole browser for two thirds of the time.
SHELL = Path("/usr/bin/chromium-headless-shell")
WHOLE = Path("/usr/bin/chromium")
PACKAGES = ("chromium-headless-shell", "fonts-dejavu-core")
SCRIPT = """\
#!/bin/sh
export LD_LIBRARY_PATH='{libraries}'
export FONTCONFIG_FILE='{tree}/fonts.conf'
exec '{tree}/usr/lib/chromium/chromium-headless-shell' "$@"
"""
FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{tree}/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{tree}/fontcache</cachedir>
</fontconfig>
"""


def works(program: Path) -> bool:
    """Whether the browser starts."""
    if not os.access(program, os.X_OK):
        return False
    probe = [str(program), "--no-sandbox", "--version"]
    return subprocess.run(probe, check=False, capture_output=True, timeout=60).returncode == 0


def bring_chromium(house: House, apt: debian.PrivateApt) -> Path:
    """Path of a browser that starts: given, installed, or unpacked under ``var``.

    Raises:
        LauncherError: None of these.
    """
    given = os.environ.get("SEN_CHROMIUM")
    if given:
        if works(Path(given)):
            return Path(given)
        raise LauncherError(f"SEN_CHROMIUM={given} không chạy được", "Hãy sửa hoặc bỏ biến này.")
    if works(SHELL):
        return SHELL
    try:
        return _bring_shell(house, apt)
    except LauncherError:
        if works(WHOLE):
            return WHOLE
        raise


def _bring_shell(house: House, apt: debian.PrivateApt) -> Path:
    if os.geteuid() == 0:
        debian.install(PACKAGES, house.logs / "setup-chromium.log", "Cài Chromium")
        return SHELL
    tree = house.var / "chromium"
    script = tree / "chromium-headless-shell"
    if not works(script):
        own = ("chromium-headless-shell", "chromium-common")
        debian.unpack(apt.fetch(PACKAGES, always=own), tree)
        libraries = debian.library_path(tree)
        (tree / "fonts.conf").write_text(FONTS.format(tree=tree), encoding="utf-8")
        script.write_text(SCRIPT.format(libraries=libraries, tree=tree), encoding="utf-8")
        script.chmod(0o755)
    if not works(script):
        raise LauncherError(
            "Không chạy được Chromium giải nén từ gói Debian",
            "Hãy chạy: sudo apt-get install -y chromium-headless-shell",
        )
    return script
