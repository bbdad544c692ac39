"""A device that is asked, from its registers to the store: the processes as they run."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from sen.domains.telemetry.choices import Quality
from sen.domains.telemetry.models import Device, PullState
from sen.domains.telemetry.pulls.runner import wait_s
from sen.domains.telemetry.tests.flowing import make_sender, running_flow, stored, wait
from sen.domains.telemetry.tests.test_pulls import LOCAL, _modbus, modbus_server
from sen.kernel.access.context import as_system
from sen.kernel.testing.processes import database_of_its_own, free_port


@pytest.mark.slow
def test_what_a_device_says_is_in_the_store(
    django_db_setup: None, django_db_blocker: Any, tmp_path: Path
) -> None:
    port = free_port()
    loop = asyncio.new_event_loop()
    with (
        django_db_blocker.unblock(),
        database_of_its_own("pulls") as variables,
        running_flow(tmp_path, {**variables, "SEN_PULL_NETWORKS": LOCAL}),
    ):
        sender = make_sender("ASKED", streams=1)
        with as_system("set up a test"):
            Device.objects.filter(pk=sender.device.pk).update(
                protocol="MODBUS",
                connection=_modbus(port, [{"stream": "ASKED-1", "address": 0}], interval_s=1),
            )
        server = modbus_server(port, [77])
        loop.run_until_complete(server.__aenter__())
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        try:
            wait(lambda: stored(*sender.streams), seconds=30)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(5)
            loop.run_until_complete(server.__aexit__(None, None, None))
            loop.close()
        assert next(row[2:4] for row in stored(*sender.streams)) == (77.0, Quality.GOOD)

        def is_noted() -> bool:
            with as_system("look"):
                state = PullState.objects.filter(device=sender.device, failures__gt=0).first()
                device = Device.objects.get(pk=sender.device.pk)
            return bool(state and state.error and state.read_at and device.state == "ACTIVE")

        wait(is_noted, seconds=30)


def test_waiting_grows_after_failures_and_has_an_end() -> None:
    assert wait_s(60, 0) == 60
    assert 45 < wait_s(60, 1) <= 60 < wait_s(60, 3) <= 240
    assert wait_s(60, 50) <= 300
    assert wait_s(3600, 50) <= 3600
