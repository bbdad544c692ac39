from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.test import Client, override_settings

from sen.kernel.events.relay import lag
from sen.kernel.health import checks
from sen.kernel.health.checks import Status
from sen.kernel.health.metrics import Figure, exposition, sources
from sen.kernel.jobs.models import JobRun
from sen.kernel.testing.processes import NatsServer, free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path)
    yield server
    server.kill()


def test_a_process_that_answers_is_alive(client: Client) -> None:
    assert client.get("/healthz/live").json() == {"status": "ok"}
    assert client.post("/healthz/live").status_code == 405


def test_ready_says_how_each_part_is(client: Client, nats: NatsServer) -> None:
    with override_settings(NATS_URL=nats.url):
        answer = client.get("/healthz/ready")
    found = {check["name"]: check for check in answer.json()["checks"]}
    assert answer.status_code == 200
    assert found["database"]["detail"].startswith("PostgreSQL 15")
    assert {name for name, check in found.items() if check["status"] == "ok"} >= {
        "database",
        "migrations",
        "nats",
        "outbox",
        "files",
    }


def test_a_broker_that_is_away_degrades_and_does_not_fail(client: Client) -> None:
    with override_settings(NATS_URL=f"nats://127.0.0.1:{free_port()}"):
        answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")


def test_something_else_at_the_address_of_the_broker_is_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            peer, _address = listener.accept()
            with peer:
                peer.sendall(b"220 smtp\r\n")
                time.sleep(0.1)

        threading.Thread(target=greet, daemon=True).start()
        with override_settings(NATS_URL=f"nats://127.0.0.1:{listener.getsockname()[1]}"):
            assert checks.nats().status is Status.DEGRADED


def test_a_missing_migration_fails(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'kernel_events'")
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "failed")
    assert "kernel_events.0001_initial" in str(answer.json()["checks"])


def test_without_its_database_a_process_is_alive_and_not_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", refuse)
    assert client.get("/healthz/live").status_code == 200
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "failed")
    elsewhere = Client(REMOTE_ADDR="10.0.0.7").get("/healthz/ready")
    assert b"refused" not in elsewhere.content


def test_particulars_and_metrics_stay_on_this_machine() -> None:
    for elsewhere in (Client(REMOTE_ADDR="10.0.0.7"), Client(HTTP_X_FORWARDED_FOR="10.0.0.7")):
        assert "checks" not in elsewhere.get("/healthz/ready").json()
        assert elsewhere.get("/metrics").status_code == 404


def test_metrics_are_prometheus_text(client: Client) -> None:
    answer = client.get("/metrics")
    assert answer["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.content.decode().splitlines()
    assert "# TYPE sen_outbox_waiting gauge" in lines
    # Tests that commit may have left some behind.
    queued = JobRun.objects.filter(status=JobRun.Status.QUEUED).count()
    assert f"sen_outbox_waiting {lag().waiting}" in lines
    assert f'sen_job_runs{{status="queued"}} {queued}' in lines
    assert "sen_metrics_sources_failed 0" in lines
    values = [line for line in lines if not line.startswith("#")]
    assert all(float(line.rpartition(" ")[2]) >= 0 for line in values)


def test_a_source_that_fails_does_not_hide_the_others() -> None:
    def broken() -> list[Figure]:
        raise OSError("gone")

    sources.add("broken", broken)
    try:
        text = exposition()
    finally:
        sources.remove("broken")
    assert "sen_metrics_sources_failed 1" in text
    assert "sen_outbox_waiting" in text
