"""Live streams: 5,000 idle clients at most 25 kB each, an event on the screen within a second."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sen.kernel.testing.processes import database_of_its_own

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.acceptance
@pytest.mark.slow
def test_five_thousand_clients_are_cheap_and_see_events_within_a_second(
    django_db_setup: None, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock(), database_of_its_own("live") as addresses:
        done = subprocess.run(
            [
                *(sys.executable, str(ROOT / "benchmarks" / "live_clients.py")),
                *("--clients", "5000", "--events", "6", "--pause", "1", "--idle", "3"),
            ],
            env={**os.environ, **addresses},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    figures = json.loads(done.stdout)
    assert figures["arrivals"] == figures["arrivals_expected"] == 30_000
    assert figures["kb_a_client"] <= 25
    assert figures["kb_a_client_afterwards"] <= 25
    assert figures["p99_ms"] < 1000
