"""uv and the virtual environment."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from sen.project.launcher import debian
from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import House
from sen.project.launcher.steps import Argv, run_logged

SYSTEM_PYTHON = Path("/usr/bin/python3.11")
PIP_WHEELS = Path("/usr/share/python-wheels")
NETWORK = (
    "Hãy kiểm tra mạng tới kho gói PyPI (biến PIP_INDEX_URL, UV_INDEX_URL nếu dùng kho riêng)."
)


def digest(*files: Path) -> str:
    """One hash over the contents of files."""
    total = hashlib.sha256()
    for file in files:
        total.update(file.read_bytes())
    return total.hexdigest()


def interpreter() -> Path:
    """The Python that the virtual environment is made from.

    A named one: ``python3`` may be a shim in somebody's home, closed to service accounts.
    """
    return SYSTEM_PYTHON if os.access(SYSTEM_PYTHON, os.X_OK) else Path(sys.executable)


class PythonEnvironment:
    """Brings uv and the packages of a lock file."""

    def __init__(self, house: House, apt: debian.PrivateApt) -> None:
        self.house = house
        self.apt = apt
        self.log = house.logs / "setup-python.log"
        self.directory = house.var / "uv"
        self.uv = self.directory / "bin" / "uv"

    def bring_uv(self) -> str:
        """Put the pinned uv under ``var``; no pip or venv need be installed on the machine."""
        lock = self.house.requirement("bootstrap.lock")
        stamp = self.directory / "lock.sha256"
        if os.access(self.uv, os.X_OK) and stamp.is_file() and stamp.read_text() == digest(lock):
            return "đã có"
        flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-warn-script-location"]
        target: Argv = ["--upgrade", "--target", self.directory, "--require-hashes", "-r", lock]
        run_logged(
            [*self._pip(), "install", *flags, *target], self.log, "Tải uv", env={}, mend=NETWORK
        )
        stamp.write_text(digest(lock))
        return ""

    def _pip(self) -> list[str]:
        """A command that runs pip: the machine's own, or the wheel in Debian's packages."""
        python = str(interpreter())
        probe = [python, "-m", "pip", "--version"]
        if subprocess.run(probe, check=False, capture_output=True).returncode == 0:
            return [python, "-m", "pip"]
        wheel = next(PIP_WHEELS.glob("pip-*.whl"), None) or self._pip_of_debian()
        return [python, str(wheel / "pip")]

    def _pip_of_debian(self) -> Path:
        tree = self.house.var / "pip"
        debian.unpack(self.apt.fetch((), always=["python3-pip-whl"]), tree)
        wheel = next(tree.glob("usr/share/python-wheels/pip-*.whl"), None)
        if wheel is None:
            raise LauncherError(
                "Không có pip để tải uv", "Hãy chạy: sudo apt-get install -y python3-pip"
            )
        return wheel

    def bring_packages(self, *, dev: bool) -> str:
        """Make the virtual environment equal to its lock file.

        An environment that already has the development packages keeps them.
        """
        venv, stamp = self.house.venv, self.house.venv / "sen-lock.sha256"
        dev = dev or (venv / "bin" / "pytest").exists()
        lock = self.house.requirement("dev.lock" if dev else "run.lock")
        wanted = f"{venv} {lock.name} {digest(lock)}"
        known = stamp.read_text() if stamp.is_file() else ""
        # Programs of an environment name their interpreter by its full path.
        moved = bool(known) and not known.startswith(f"{venv} ")
        if moved or not self._works():
            create: Argv = [self.uv, "venv", "--quiet", "--clear", "--python", interpreter(), venv]
            run_logged(create, self.log, "Tạo môi trường Python", env=self._uv_env())
        elif known == wanted:
            self._add_source()
            return "đã có"
        sync: Argv = [self.uv, "pip", "sync", "--quiet", "--require-hashes", lock]
        env = {**self._uv_env(), "VIRTUAL_ENV": str(venv)}
        run_logged(sync, self.log, "Cài gói Python", env=env, mend=NETWORK, cwd=self.house.root)
        self._add_source()
        stamp.write_text(wanted)
        return ""

    def _works(self) -> bool:
        python = self.house.python
        if not os.access(python, os.X_OK):
            return False
        probe = [str(python), "-c", "import sys; sys.exit(sys.version_info[:2] != (3, 11))"]
        return subprocess.run(probe, check=False, capture_output=True).returncode == 0

    def _uv_env(self) -> dict[str, str]:
        env = {"UV_PYTHON_DOWNLOADS": "never"}
        home = Path(os.environ.get("HOME", "/nonexistent"))
        if "UV_CACHE_DIR" not in os.environ and not os.access(home, os.W_OK):
            env["UV_CACHE_DIR"] = str(self.house.var / "cache" / "uv")
        return env

    def _add_source(self) -> None:
        """Make the checkout's own packages importable in the environment."""
        packages = next(self.house.venv.glob("lib/python3.*/site-packages"))
        link = packages / "sen.pth"
        line = f"{self.house.root / 'src'}\n"
        if not link.is_file() or link.read_text() != line:
            link.write_text(line)
