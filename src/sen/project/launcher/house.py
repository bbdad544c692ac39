"""Where things lie: the checkout, its ``var`` directory, and the account of the servers."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from sen.project.launcher.errors import LauncherError

CHECKOUT = Path(__file__).resolve().parents[4]


class RunAs(TypedDict, total=False):
    """Arguments of ``subprocess`` that start a process under another account."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class House:
    """The paths of one checkout."""

    root: Path
    var: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def secrets(self) -> Path:
        return self.var / "secrets"

    @property
    def state_file(self) -> Path:
        return self.run / "state.json"

    @property
    def demo_accounts(self) -> Path:
        return self.var / "demo-accounts.json"

    def requirement(self, name: str) -> Path:
        return self.root / "requirements" / name


def service_account() -> pwd.struct_passwd | None:
    """The account under which servers run that refuse root; nothing when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "sen"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    subprocess.run(
        ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "sen"],
        check=True,
        capture_output=True,
    )
    return pwd.getpwnam("sen")


def owner_of(path: Path) -> pwd.struct_passwd | None:
    """The account to which a server's files belong; nothing when that is ourselves.

    It stays the same when a better service account appears later, as with an installed PostgreSQL.
    """
    owner = path.stat().st_uid
    return None if os.geteuid() != 0 or owner == 0 else pwd.getpwuid(owner)


def run_as(account: pwd.struct_passwd | None) -> RunAs:
    """Arguments of ``subprocess`` that switch to the account."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def can_enter(directory: Path, account: pwd.struct_passwd) -> bool:
    """Whether the account may pass through the directory and all its parents."""
    test = ["/usr/bin/test", "-x", str(directory)]
    return subprocess.run(test, check=False, cwd="/", **run_as(account)).returncode == 0


def outside_home(root: Path) -> Path:
    """A directory for ``var`` that a service account can reach, its own for each checkout."""
    digest = hashlib.sha256(str(root).encode()).hexdigest()[:8]
    return Path("/var/lib") / f"sen-{digest}"


def open_house(root: Path = CHECKOUT) -> House:
    """The house of a checkout, with its directories made.

    The database server never runs as root. Where its account cannot reach the checkout (``/root``
    is closed to others), ``var`` becomes a link to a directory under ``/var/lib``.
    """
    wanted = Path(os.environ.get("SEN_VAR") or root / "var")
    account = service_account()
    if account is not None and not can_enter(root, account) and "SEN_VAR" not in os.environ:
        move_out(wanted, outside_home(root))
    try:
        wanted.mkdir(mode=0o755, parents=True, exist_ok=True)
        var = wanted.resolve()
        house = House(root, var)
        for name in ("log", "run", "collected"):
            (var / name).mkdir(mode=0o755, exist_ok=True)
        house.secrets.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise LauncherError(
            f"Không ghi được vào thư mục dữ liệu {wanted}: {error.strerror}",
            "Hãy chạy bằng tài khoản sở hữu thư mục này, hoặc đặt SEN_VAR tới thư mục ghi được.",
        ) from error
    if account is not None and not can_enter(var, account):
        raise LauncherError(
            f"Tài khoản dịch vụ “{account.pw_name}” không vào được thư mục {var}",
            "Hãy đặt SEN_VAR tới một thư mục mà tài khoản đó vào được, ví dụ /var/lib/sen.",
        )
    return house


def move_out(link: Path, target: Path) -> None:
    """Make ``link`` point at ``target``, taking along what ``link`` held as a directory."""
    if link.is_symlink():
        link.resolve().mkdir(mode=0o755, parents=True, exist_ok=True)
        return
    if link.is_dir():
        target.mkdir(mode=0o755, parents=True, exist_ok=True)
        for entry in link.iterdir():
            shutil.move(entry, target / entry.name)
        link.rmdir()
    target.mkdir(mode=0o755, parents=True, exist_ok=True)
    link.symlink_to(target)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    partial.replace(path)
