"""What the supervisor and a load balancer ask."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection
from django.test import Client, RequestFactory

from sen.project import health


def test_live_needs_no_database() -> None:
    response = health.live(RequestFactory().get("/healthz/live"))
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_ready_asks_the_database() -> None:
    response = Client().get("/healthz/ready")
    assert response.status_code == 200
    assert response.json() == {"database": True}


def test_ready_without_a_database_is_503(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DatabaseError("down")

    monkeypatch.setattr(connection, "cursor", refuse)
    response = health.ready(RequestFactory().get("/healthz/ready"))
    assert response.status_code == 503
    assert b"down" not in response.content
