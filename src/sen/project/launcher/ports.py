"""Free TCP ports, remembered from one start to the next."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass, field
from pathlib import Path

from sen.project.launcher.errors import LauncherError
from sen.project.launcher.terminal import progress, yellow

TRIES = 200


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


@dataclass
class Ports:
    """The ports of this platform: as asked for, else as last time, else the usual ones."""

    file: Path
    chosen: dict[str, int] = field(default_factory=dict)

    def _remembered(self) -> dict[str, int]:
        try:
            stored = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {name: port for name, port in stored.items() if isinstance(port, int)}

    def choose(self, name: str, usual: int, *, host: str, wanted: int | None = None) -> int:
        """A free port for one process; says so when it is not the one asked for.

        Raises:
            LauncherError: No free port within reach of the first choice.
        """
        first = wanted or self._remembered().get(name) or usual
        for port in range(first, min(first + TRIES, 65_536)):
            if port in self.chosen.values() or not is_free(host, port):
                continue
            if port != first:
                progress(yellow("!"), f"Cổng {first} ({name}) đang bận, dùng cổng {port}")
            self.chosen[name] = port
            return port
        raise LauncherError(
            f"Không có cổng trống từ {first} đến {first + TRIES - 1} cho {name}",
            "Hãy dừng chương trình đang giữ cổng hoặc chọn cổng khác: ./sen up --port SỐ.",
        )

    def remember(self) -> None:
        """Keep the choice for the next start."""
        self.file.write_text(json.dumps(self.chosen, indent=2) + "\n", encoding="utf-8")
