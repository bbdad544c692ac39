"""What the launcher shows on the terminal."""

from __future__ import annotations

import os
import sys
import threading
import time
import unicodedata
from collections.abc import Sequence

from sen.project.launcher.errors import LauncherError, tail

STARTED = time.monotonic()
_lock = threading.Lock()
_colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def paint(text: str, code: str) -> str:
    """The text in an ANSI colour where the terminal shows colours."""
    return f"\033[{code}m{text}\033[0m" if _colours else text


def green(text: str) -> str:
    return paint(text, "32")


def red(text: str) -> str:
    return paint(text, "31")


def yellow(text: str) -> str:
    return paint(text, "33")


def bold(text: str) -> str:
    return paint(text, "1")


def dim(text: str) -> str:
    return paint(text, "2")


def say(text: str = "") -> None:
    """One line of output, whole even when several steps speak at once."""
    with _lock:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def progress(mark: str, text: str, detail: str = "") -> None:
    """One line of progress with the seconds since the command began."""
    elapsed = f"{time.monotonic() - STARTED:6.1f}s"
    say(f"{dim(elapsed)} {mark} {text}{'  ' + dim(detail) if detail else ''}")


def show_error(error: LauncherError) -> None:
    """The error, what to do about it, and the end of its log."""
    say()
    say(red(f"Lỗi: {error.what}"))
    if error.log is not None and (last := tail(error.log)):
        say(dim(f"--- {error.log} (các dòng cuối)"))
        say(last)
        say(dim("---"))
    if error.mend:
        say(f"Cách xử lý: {error.mend}")


def width(text: str) -> int:
    """Columns that the text takes on a terminal."""
    return sum(
        0
        if unicodedata.combining(letter)
        else 2
        if unicodedata.east_asian_width(letter) in "WF"
        else 1
        for letter in text
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows as aligned columns under a head."""
    widths = [max(width(row[i]) for row in [head, *rows]) for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell + " " * (size - width(cell)) for cell, size in zip(cells, widths, strict=True)
        )
        return "  ".join(padded).rstrip()

    rule = "  ".join("─" * size for size in widths)
    return "\n".join([bold(line(head)), dim(rule), *(line(row) for row in rows)])


def duration(seconds: float) -> str:
    """``3 ngày 4 giờ``, ``12 phút``, ``8 giây``."""
    whole = int(seconds)
    units = ((86_400, "ngày"), (3_600, "giờ"), (60, "phút"), (1, "giây"))
    parts = []
    for size, name in units:
        amount, whole = divmod(whole, size)
        if amount:
            parts.append(f"{amount} {name}")
    return " ".join(parts[:2]) or "0 giây"
