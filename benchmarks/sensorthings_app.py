"""SensorThings with everything on, over the insert of the floor instead of broker and writer."""

from __future__ import annotations

from typing import Any

import django

django.setup()

from sensorthings_floor import INSERT, Floor  # noqa: E402

from sen.domains.telemetry.sta.app import SensorThings  # noqa: E402
from sen.domains.telemetry.wire import Batch  # noqa: E402

store = Floor()


async def deliver(batch: Batch) -> None:
    times = batch.times().astype("datetime64[us]").tolist()
    await store.open()
    await store.rows(INSERT, [batch.stream_ids().tolist(), times, batch.numbers().tolist()])


service = SensorThings(deliver)


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await service.handle(scope, receive, send)
