"""Set-up steps: independent ones side by side, each with its name and seconds on the screen."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import RunAs
from sen.project.launcher.terminal import dim, green, progress, red

Argv = list[str | Path]


@dataclass(frozen=True)
class Step:
    """One thing to set up.

    Args:
        code: Name by which other steps need it.
        title: Vietnamese name on the screen.
        action: Does it; the text that it returns is shown beside the seconds.
        needs: Steps that must be done before.
    """

    code: str
    title: str
    action: Callable[[], str]
    needs: tuple[str, ...] = ()


def run_steps(steps: Sequence[Step]) -> None:
    """Run all steps, as many at once as their needs allow.

    Raises:
        LauncherError: The first step that failed, after those under way have ended.
    """
    waiting = {step.code: step for step in steps}
    done: set[str] = set()
    running: dict[Future[str], tuple[Step, float]] = {}
    failure: LauncherError | None = None
    with ThreadPoolExecutor(max_workers=max(len(steps), 1)) as pool:
        while running or (waiting and failure is None):
            ready = [s for s in waiting.values() if done.issuperset(s.needs)] if not failure else []
            for step in ready:
                del waiting[step.code]
                progress(dim("·"), step.title, "bắt đầu")
                running[pool.submit(step.action)] = (step, time.monotonic())
            if not running:
                raise LauncherError(f"Các bước chờ nhau vòng quanh: {', '.join(waiting)}")
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                step, began = running.pop(future)
                error = report(step, began, future)
                failure = failure or error
                done.add(step.code)
    if failure is not None:
        raise failure


def report(step: Step, began: float, future: Future[str]) -> LauncherError | None:
    """Show how a step ended; its error, if it failed."""
    seconds = f"{time.monotonic() - began:.1f} giây"
    error = future.exception()
    if error is None:
        note = future.result()
        progress(green("✓"), step.title, f"{seconds}{', ' + note if note else ''}")
        return None
    progress(red("✗"), step.title, seconds)
    if isinstance(error, LauncherError):
        return error
    if isinstance(error, OSError):
        return LauncherError(f"{step.title}: {error}")
    raise error


def run_logged(
    argv: Sequence[str | Path],
    log: Path,
    what: str,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    mend: str = "",
    account: RunAs | None = None,
    stdin: str | None = None,
) -> None:
    """Run a command with its output in a log file.

    Raises:
        LauncherError: The command is missing or ended with an error.
    """
    arguments = [str(part) for part in argv]
    with log.open("a", encoding="utf-8") as output:
        output.write(f"\n$ {' '.join(arguments)}\n")
        output.flush()
        try:
            result = subprocess.run(
                arguments,
                stdout=output,
                stderr=subprocess.STDOUT,
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                text=True,
                cwd=cwd,
                env={**os.environ, **env} if env is not None else None,
                check=False,
                **(account or {}),
            )
        except FileNotFoundError as error:
            raise LauncherError(f"{what}: không có lệnh {arguments[0]}", mend) from error
    if result.returncode != 0:
        raise LauncherError(f"{what}: lệnh kết thúc với mã {result.returncode}", mend, log)
