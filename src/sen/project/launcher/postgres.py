"""The private PostgreSQL with PostGIS: its programs, its cluster, its roles."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sen.project.launcher import debian
from sen.project.launcher.environment import DATABASE, ROLES, secret
from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import House, owner_of, run_as, service_account, write_private
from sen.project.launcher.state import stat_fields
from sen.project.launcher.steps import Argv, run_logged

VERSION = "15"
FAST_SHUTDOWN = signal.SIGINT
STRAY_TIMEOUT_S = 30.0
CLOSURE = (
    f"postgresql-{VERSION}",
    f"postgresql-{VERSION}-postgis-3",
    f"postgresql-{VERSION}-pgrouting",
)
# Server and extensions must lie in one tree, also where the machine has some of them installed.
TOGETHER = (
    *CLOSURE,
    f"postgresql-client-{VERSION}",
    f"postgresql-{VERSION}-postgis-3-scripts",
    f"postgresql-{VERSION}-pgrouting-scripts",
)
ROLE_OPTIONS = {
    "sen_owner": "LOGIN CREATEDB",
    "sen_app": "LOGIN",
    "sen_readonly": "LOGIN",
    "sen_backup": "LOGIN REPLICATION IN ROLE pg_read_all_data",
}
COMMON_SETTINGS = """\
# Written by ./sen at every start; own settings belong into postgresql.conf after the include.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
max_connections = 100
jit = off
max_parallel_workers_per_gather = 0
random_page_cost = 1.1
effective_io_concurrency = 100
timezone = 'UTC'
log_timezone = 'Asia/Ho_Chi_Minh'
log_line_prefix = '%m [%p] %q%u@%d %a '
log_lock_waits = on
"""
PLATFORM_SETTINGS = """\
shared_buffers = '256MB'
effective_cache_size = '1GB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
wal_level = replica
wal_compression = lz4
max_wal_size = '2GB'
checkpoint_completion_target = 0.9
log_min_duration_statement = '1s'
idle_in_transaction_session_timeout = '5min'
"""
TEST_SETTINGS = """\
shared_buffers = '128MB'
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = '2GB'
autovacuum_naptime = '10min'
"""


@dataclass(frozen=True)
class Programs:
    """Where the server's programs lie, and what their environment needs."""

    bin: Path
    tree: Path | None

    def env(self) -> dict[str, str]:
        return {
            "LC_ALL": "C.UTF-8",
            "LD_LIBRARY_PATH": self.libraries,
            "PROJ_DATA": self.proj_data,
        }

    @property
    def libraries(self) -> str:
        """The search path of an unpacked tree; empty for installed programs."""
        return debian.library_path(self.tree) if self.tree else ""

    @property
    def proj_data(self) -> str:
        return str((self.tree or Path("/")) / "usr/share/proj")

    def version(self) -> str:
        """``15.20``, empty when the program does not run."""
        probe = [str(self.bin / "postgres"), "--version"]
        env = {**os.environ, **self.env()}
        try:
            result = subprocess.run(probe, capture_output=True, text=True, check=False, env=env)
        except OSError:
            return ""
        words = result.stdout.split()
        return words[2] if result.returncode == 0 and len(words) > 2 else ""


def is_complete(prefix: Path) -> bool:
    """Whether server, PostGIS and pgRouting lie under the prefix (``/`` or an unpacked tree)."""
    extensions = prefix / f"usr/share/postgresql/{VERSION}/extension"
    server = prefix / f"usr/lib/postgresql/{VERSION}/bin/initdb"
    parts = [extensions / f"{name}.control" for name in ("postgis", "pgrouting")]
    return server.exists() and all(part.exists() for part in parts)


def programs_under(prefix: Path) -> Programs:
    """The programs of a complete tree."""
    system = prefix == Path("/")
    return Programs(prefix / f"usr/lib/postgresql/{VERSION}/bin", None if system else prefix)


def end_stray_server(data: Path) -> bool:
    """Stop a server that still runs on the cluster, left over by a killed parent."""
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError, IndexError):
        return False
    if str(data).encode() not in command:
        return False
    deadline = time.monotonic() + STRAY_TIMEOUT_S
    os.kill(pid, FAST_SHUTDOWN)
    while Path(f"/proc/{pid}/stat").exists() and stat_fields(pid)[:1] != ["Z"]:
        if time.monotonic() > deadline:
            raise LauncherError(
                f"Máy chủ PostgreSQL cũ (PID {pid}) trên {data} không dừng",
                f"Hãy chạy: kill -QUIT {pid}",
            )
        time.sleep(0.05)
    return True


class Postgres:
    """Brings the programs and keeps one cluster."""

    def __init__(self, house: House, apt: debian.PrivateApt, *, system: bool = False) -> None:
        self.house = house
        self.apt = apt
        self.system = system
        self.tree = house.var / "pgdist"
        self.log = house.logs / "setup-postgres.log"

    def programs(self) -> Programs:
        """The programs to use.

        Raises:
            LauncherError: None are there yet.
        """
        if not self.system and is_complete(self.tree):
            return programs_under(self.tree)
        if is_complete(Path("/")):
            return programs_under(Path("/"))
        raise LauncherError("Chưa có PostgreSQL", "Hãy chạy ./sen up.")

    def bring_programs(self) -> str:
        """Unpack Debian's packages under ``var``, or install them with ``--system``."""
        if self.system:
            return self._install()
        if not is_complete(self.tree):
            try:
                self._unpack()
            except LauncherError:
                if not is_complete(Path("/")):
                    raise
                return f"dùng PostgreSQL {self.programs().version()} của máy"
            return f"PostgreSQL {self.programs().version()}"
        return "đã có"

    def _install(self) -> str:
        if not is_complete(Path("/")):
            if os.geteuid() == 0:
                # No cluster of Debian's own: ours lies under var.
                config = Path("/etc/postgresql-common/createcluster.d/sen.conf")
                config.parent.mkdir(parents=True, exist_ok=True)
                config.write_text("create_main_cluster = false\n")
            debian.install(CLOSURE, self.log, "Cài PostgreSQL 15 và PostGIS")
        return f"PostgreSQL {self.programs().version()} của máy"

    def _unpack(self) -> None:
        partial = self.tree.with_name("pgdist.partial")
        shutil.rmtree(partial, ignore_errors=True)
        debian.unpack(self.apt.fetch(CLOSURE, always=TOGETHER), partial)
        debian.finish_alternatives(partial)
        for waste in ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/lintian"):
            shutil.rmtree(partial / waste, ignore_errors=True)
        if not is_complete(partial):
            raise LauncherError(
                "Gói PostgreSQL tải về thiếu thành phần",
                "Hãy kiểm tra nguồn gói Debian 12 (bookworm, main) rồi chạy lại.",
                self.log,
            )
        shutil.rmtree(self.tree, ignore_errors=True)
        partial.rename(self.tree)

    def bring_cluster(self, data: Path, settings: str) -> str:
        """Make the cluster with its roles and database, and write its settings."""
        programs = self.programs()
        end_stray_server(data)
        self._check_version(data, programs)
        fresh = not (data / "sen-ready").exists()
        if fresh:
            shutil.rmtree(data, ignore_errors=True)
            self._own_directory(data)
            self._initialise(programs, data)
        (data / "sen.conf").write_text(COMMON_SETTINGS + settings, encoding="utf-8")
        if fresh:
            self._create_roles(programs, data)
            (data / "sen-ready").touch()
        return "mới tạo" if fresh else "đã có"

    def _check_version(self, data: Path, programs: Programs) -> None:
        stored = data / "PG_VERSION"
        if stored.is_file() and stored.read_text().strip() != programs.version().split(".")[0]:
            raise LauncherError(
                f"Dữ liệu tại {data} thuộc PostgreSQL {stored.read_text().strip()}, "
                f"còn chương trình là {programs.version()}",
                "Hãy dùng đúng bản PostgreSQL, hoặc sao lưu rồi ./sen reset.",
            )

    def _own_directory(self, data: Path) -> None:
        data.mkdir(mode=0o700, parents=True)
        account = service_account()
        if account is not None:
            os.chown(data, account.pw_uid, account.pw_gid)

    def _initialise(self, programs: Programs, data: Path) -> None:
        command: Argv = [
            programs.bin / "initdb",
            "-D",
            data,
            "-U",
            "sen_super",
        ]
        locale = ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=vi", "-E", "UTF8"]
        flags = ["-A", "scram-sha-256", "--data-checksums", "--no-instructions"]
        with self._password_file(data) as password:
            run_logged(
                [*command, *locale, *flags, f"--pwfile={password}"],
                self.log,
                "Tạo cụm PostgreSQL",
                cwd=Path("/"),
                env=programs.env(),
                account=run_as(owner_of(data)),
            )
        with (data / "postgresql.conf").open("a", encoding="utf-8") as config:
            config.write("\ninclude = 'sen.conf'\n")

    @contextmanager
    def _password_file(self, data: Path) -> Iterator[Path]:
        """The superuser's password in a file that only the server's account reads."""
        path = self.house.run / "initdb-password"
        write_private(path, secret(self.house, "sen_super") + "\n")
        account = owner_of(data)
        try:
            if account is not None:
                os.chown(path, account.pw_uid, account.pw_gid)
            yield path
        finally:
            path.unlink()

    def _create_roles(self, programs: Programs, data: Path) -> None:
        """Roles and database, by the single-user server: nobody can connect before they exist."""
        statements = [
            f"CREATE ROLE {role} {ROLE_OPTIONS[role]} PASSWORD '{secret(self.house, role)}'"
            for role in ROLES
            if role in ROLE_OPTIONS
        ]
        statements += [
            f"CREATE DATABASE {DATABASE} OWNER sen_owner",
            f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
            f"GRANT CONNECT ON DATABASE {DATABASE} TO sen_app, sen_readonly, sen_backup",
        ]
        run_logged(
            [
                programs.bin / "postgres",
                "--single",
                "-c",
                "exit_on_error=on",
                "-D",
                data,
                "postgres",
            ],
            self.log,
            "Tạo tài khoản cơ sở dữ liệu",
            cwd=Path("/"),
            env=programs.env(),
            account=run_as(owner_of(data)),
            stdin="".join(f"{statement};\n" for statement in statements),
        )
