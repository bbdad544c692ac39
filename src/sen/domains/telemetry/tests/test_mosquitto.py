"""The files that the doors write for Mosquitto."""

from __future__ import annotations

from pathlib import Path

import pytest

from sen.domains.telemetry.ingest.mosquitto import Entry, Mosquitto, texts
from sen.domains.telemetry.tests.flowing import make_sender
from sen.kernel.access.accounts.devices import broker_hash
from sen.kernel.access.context import as_system


def test_a_device_may_write_below_its_own_names_only() -> None:
    _passwords, rights = texts([Entry("k1", "w", 7, "CAU-1"), Entry("k2", "w", 8, "có dấu")])
    assert rights.splitlines() == [
        "user k1",
        *[
            f"topic write sen/v1/{name}/{end}" if end else f"topic read sen/v1/{name}/commands/#"
            for name in ("7", "CAU-1")
            for end in ("obs", "obs/#", "raw", "")
        ],
        "user k2",
        "topic write sen/v1/8/obs",
        "topic write sen/v1/8/obs/#",
        "topic write sen/v1/8/raw",
        "topic read sen/v1/8/commands/#",
    ]
    # A code of digits would be the number of another device.
    _passwords, rights = texts([Entry("k3", "w", 9, "8")])
    assert {line.split("/")[2] for line in rights.splitlines()[1:]} == {"9"}
    assert broker_hash("x") != broker_hash("x")


@pytest.mark.django_db
def test_the_files_follow_the_directory(tmp_path: Path) -> None:
    sender = make_sender("FILES", streams=1)
    front = Mosquitto(tmp_path, None)  # type: ignore[arg-type]
    assert front.renew()
    assert not front.renew()
    assert (tmp_path / "passwords").read_text().startswith(f"{sender.name}:$7$1$")
    assert (tmp_path / "passwords").stat().st_mode & 0o077 == 0
    with as_system("set up a test"):
        type(sender.device).objects.filter(pk=sender.device.pk).update(state="QUARANTINED")
    assert front.renew()
    assert (tmp_path / "passwords").read_text() == ""
