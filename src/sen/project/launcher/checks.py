"""``./sen ci``: what the integration machine checks, each as a named step with its time."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import House
from sen.project.launcher.terminal import bold, green, red, say, table
from sen.project.launcher.testing import Outcome, run_tiers, tests_ready

MANAGE = ("python", "-m", "sen.project.manage")
TESTS = "pytest"
SEN = ("python", "-m", "sen.project.cli")


@dataclass(frozen=True)
class Check:
    """One command that must end with code 0."""

    name: str
    argv: Sequence[str]


CHECKS = (
    Check("ruff check", ("ruff", "check", ".")),
    Check("ruff format", ("ruff", "format", "--check", ".")),
    Check("mypy", ("mypy",)),
    Check("import-linter", ("lint-imports",)),
    Check("djlint", ("djlint", "src", "--lint", "--quiet")),
    # ruff's S rules are bandit's, each exception with its reason; bandit itself judges the worst.
    Check("bandit", ("bandit", "-q", "-r", "src", "tools", "--severity-level", "high")),
    Check("secrets", ("python", "tools/scan_secrets.py")),
    Check("front end types", ("npm", "run", "--silent", "check")),
    Check("database", (*SEN, "prepare-database", "--quiet")),
    Check("migrations", (*MANAGE, "makemigrations", "--check", "--dry-run", "--verbosity", "1")),
    Check("translations", (*SEN, "check-translations")),
    Check("contracts", (*SEN, "check-contracts")),
    Check("doctor", (*SEN, "doctor")),
)


def run_check(house: House, check: Check, env: Mapping[str, str]) -> tuple[bool, float]:
    """Run one check; its output is shown only when it fails."""
    began = time.monotonic()
    try:
        result = subprocess.run(
            check.argv, cwd=house.root, env=env, check=False, capture_output=True, text=True
        )
        good, output = result.returncode == 0, result.stdout + result.stderr
    except FileNotFoundError as error:
        good, output = False, f"không có lệnh {error.filename}"
    seconds = time.monotonic() - began
    mark = green("đạt") if good else red("KHÔNG ĐẠT")
    say(f"── {check.name}: {mark} ({seconds:.1f} giây)")
    if not good:
        say(output.rstrip())
    return good, seconds


def chosen(names: Sequence[str]) -> tuple[list[Check], bool]:
    """The checks of these names, and whether the tests run too; without names all of it.

    Raises:
        LauncherError: There is no check of that name.
    """
    known = [check.name for check in CHECKS]
    unknown = set(names) - {*known, TESTS}
    if unknown:
        shown = ", ".join([*known, TESTS])
        raise LauncherError(f"Không có bước {', '.join(unknown)}", f"Các bước: {shown}.")
    checks = [check for check in CHECKS if not names or check.name in names]
    return checks, not names or TESTS in names


def run_checks(house: House, names: Sequence[str] = ()) -> int:
    """The checks, then all tests; the closing line of pytest comes last."""
    began = time.monotonic()
    checks, with_tests = chosen(names)
    outcome = Outcome()
    with tests_ready(house) as env:
        results = [(check.name, *run_check(house, check, env)) for check in checks]
        if with_tests:
            outcome = run_tiers(house, env)
            results.append((TESTS, outcome.code == 0, outcome.seconds))
    failed = [name for name, good, _ in results if not good]
    rows = [
        [name, green("đạt") if good else red("không đạt"), f"{seconds:.1f}"]
        for name, good, seconds in results
    ]
    say()
    say(table(["Bước", "Kết quả", "Giây"], rows))
    total = time.monotonic() - began
    verdict = f"{len(failed)} bước không đạt: {', '.join(failed)}" if failed else "tất cả đạt"
    say(bold(f"Tổng: {len(results)} bước, {total:.0f} giây, {verdict}"))
    if with_tests:
        say(outcome.closing_line)
    return 1 if failed else 0
