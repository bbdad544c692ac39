"""The one error of the launcher."""

from __future__ import annotations

from pathlib import Path


class LauncherError(Exception):
    """Something that stops the launcher, said so that a newcomer can mend it.

    Args:
        what: What went wrong and where.
        mend: What to do about it.
        log: File whose last lines show more.
    """

    def __init__(self, what: str, mend: str = "", log: Path | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend
        self.log = log


def tail(path: Path, lines: int = 20) -> str:
    """Last lines of a log file, empty when there is none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
