"""Debian's packages, unpacked under ``var`` without installing them.

Package lists and archives lie in private directories, so that no root is needed and nobody else's
hold of the apt or dpkg lock matters.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sen.project.launcher.errors import LauncherError
from sen.project.launcher.steps import run_logged

LOCK_WAIT_S = 600


class PrivateApt:
    """apt with lists and archives of its own."""

    def __init__(self, directory: Path, log: Path) -> None:
        self.directory = directory
        self.log = log
        self._updated = False
        self._lock = threading.Lock()

    def _options(self) -> list[str]:
        options = {
            "Dir::State::Lists": self.directory / "lists",
            "Dir::Cache": self.directory / "cache",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "APT::Sandbox::User": "",
            "APT::Get::List-Cleanup": "false",
            "Debug::NoLocking": "1",
        }
        return [part for name, value in options.items() for part in ("-o", f"{name}={value}")]

    def _apt(self, *arguments: str, cwd: Path | None = None) -> None:
        run_logged(
            ["apt-get", "-q", *self._options(), *arguments],
            self.log,
            "Tải gói phần mềm của Debian",
            cwd=cwd,
            env={"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"},
            mend=(
                "Hãy kiểm tra mạng và nguồn gói trong /etc/apt. Cũng có thể đặt DATABASE_URL "
                "tới một PostgreSQL 15 có PostGIS sẵn có."
            ),
        )

    def update(self) -> None:
        """Fetch the package lists, once."""
        with self._lock:
            if self._updated:
                return
            if shutil.which("apt-get") is None:
                raise LauncherError(
                    "Máy này không có apt-get nên không tải được PostgreSQL kèm theo",
                    "Hãy dùng Debian 12, hoặc đặt DATABASE_URL tới một PostgreSQL 15 có PostGIS.",
                )
            for part in ("lists/partial", "cache/archives/partial"):
                (self.directory / part).mkdir(parents=True, exist_ok=True)
            try:
                self._apt("update")
            except LauncherError:
                # A broken third-party source also ends in an error; the download tells.
                if not any((self.directory / "lists").glob("*_Packages*")):
                    raise
            self._updated = True

    def fetch(self, closure: Sequence[str], always: Sequence[str] = ()) -> list[Path]:
        """Archives of packages.

        Args:
            closure: Fetched with all that they depend on and that this machine lacks.
            always: Fetched even if this machine has them installed.
        """
        self.update()
        with self._lock:
            archives = self.directory / "cache" / "archives"
            before = set(archives.glob("*.deb"))
            if closure:
                flags = ("-y", "--no-install-recommends", "--download-only")
                self._apt(*flags, "install", *closure)
            if always:
                self._apt("download", *always, cwd=archives)
            return sorted(set(archives.glob("*.deb")) - before)

    def clear(self) -> None:
        """Remove lists and archives."""
        shutil.rmtree(self.directory, ignore_errors=True)


def unpack(archives: Sequence[Path], target: Path) -> None:
    """Unpack archives over each other into a directory."""
    target.mkdir(parents=True, exist_ok=True)

    def extract(archive: Path) -> None:
        command = ["dpkg-deb", "-x", str(archive), str(target)]
        result = subprocess.run(command, check=False, capture_output=True, text=True)
        if result.returncode != 0:
            raise LauncherError(
                f"Không giải nén được {archive.name}: {result.stderr.strip()}",
                "Hãy kiểm tra dung lượng đĩa còn trống rồi chạy lại.",
            )

    # The first archive alone, so that the shared directories exist before two meet in them.
    for archive in archives[:1]:
        extract(archive)
    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 2, 4)) as pool:
        list(pool.map(extract, archives[1:]))


def finish_alternatives(target: Path) -> None:
    """Make the links that update-alternatives would make for extension control files."""
    for directory in target.glob("usr/share/postgresql/*/extension"):
        for versioned in directory.glob("*-3.control"):
            link = versioned.with_name(versioned.name.replace("-3.control", ".control"))
            if not link.exists():
                link.symlink_to(versioned.name)


def library_path(tree: Path) -> str:
    """``LD_LIBRARY_PATH`` for programs of an unpacked tree, empty for the system's own."""
    found: list[str] = []
    # Not every package knows that /lib and /usr/lib are one.
    bases = [*sorted(tree.glob("usr/lib/*-linux-gnu*")), *sorted(tree.glob("lib/*-linux-gnu*"))]
    for base in bases:
        found += [str(base), *(str(p) for p in sorted(base.iterdir()) if any(p.glob("*.so*")))]
    return ":".join(found)


def install(packages: Sequence[str], log: Path, what: str) -> None:
    """Install packages system-wide as root, waiting for the package lock.

    Raises:
        LauncherError: Not root, or apt failed.
    """
    command = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if os.geteuid() != 0:
        raise LauncherError(f"{what}: cần quyền root", f"Hãy chạy: sudo {command}")
    apt = ["apt-get", "-q", "-o", f"DPkg::Lock::Timeout={LOCK_WAIT_S}", "-o", "Acquire::Retries=3"]
    flags = ["install", "-y", "--no-install-recommends", *packages]
    env = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    try:
        run_logged([*apt, *flags], log, what, env=env)
    except LauncherError:
        run_logged([*apt, "update"], log, what, env=env)
        run_logged([*apt, *flags], log, what, env=env, mend=f"Hãy chạy: {command}")
