"""The running service keeps to its OpenAPI documents, whatever is sent.

Two ways: values that are known to hurt (NUL, numbers beyond every column, cursors of others,
broken JSON) in every parameter of every operation, and values that schemathesis draws from the
documents. No answer is a 5xx, and status, content type and body are documented.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
import schemathesis
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation, Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sen.kernel.access.accounts.tokens import create_api_token
from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import acting_as
from sen.kernel.access.models import Grant, Role, User
from sen.kernel.access.scope import ActorKind
from sen.kernel.testing.database import on_database
from sen.lib.keyset import encode_cursor
from tests.conftest import Platform

pytestmark = pytest.mark.acceptance
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
AUDIENCES = ("public", "citizen", "partner", "internal", "device")
EXAMPLES = 2
#: Every so many operations are drawn for: partners see those of officials, registers are alike.
EVERY = {"public": 3, "internal": 3, "partner": 9}
HOSTILE = (
    "\x00",
    "1\x00",
    "9" * 30,
    "-" + "9" * 30,
    "1e999999",
    "NaN",
    "²",
    "'\"%_\\",
    "\ud7ff\u202e",
    "0001-01-01",
    "x" * 3000,
    encode_cursor(["code", 5, 1]),
    encode_cursor(["name", "\x00", 1]),
    encode_cursor(["-code", "a", 10**30]),
    encode_cursor(["location_key", None, True]),
    "W1tdLDEsMV0",
    "e30",
)
BODIES = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b'{"code": "\\u0000", "version": 1}',
    b'{"version": 99999999999999999999999999, "code": {"a": []}, "name": 1e400}',
    b'{"code": "X1", "name": "x", "owner_org": 99999999999999999999, "area": "a"}',
    b"[" * 100_000,
)


@pytest.fixture(scope="module")
def keys(platform: Platform, django_db_blocker: Any) -> dict[str, dict[str, str]]:
    """The header of each audience: nothing for the public, a token for programs."""
    found: dict[str, dict[str, str]] = {name: {} for name in AUDIENCES}
    with django_db_blocker.unblock(), on_database(platform.database):
        official = User.objects.get(username="hatang")
        service = User.objects.create_user(
            username="fuzz.service",
            kind=ActorKind.SERVICE.value,
            organisation=official.organisation,
        )
        Grant.objects.create(user=service, role=Role.objects.get(code="infrastructure_editor"))
        for name, user in (("internal", official), ("partner", service)):
            found[name] = {"Authorization": f"Bearer {_token(user)}"}
    return found


def _token(user: User) -> str:
    actor = actor_for(user)
    with acting_as(actor):
        _row, secret = create_api_token(
            actor=actor,
            user=user,
            name="fuzz",
            scopes=["places.*.*", "network.*.*", "assets.*.*", "parties.*.*"],
            expires_at=timezone.now() + timedelta(days=1),
        )
    return secret


def operations(platform: Platform, audience: str) -> list[APIOperation[Any, Any, Any, Any]]:
    document = f"{platform.url}/api/{audience}/v1/openapi.json"
    schema = schemathesis.openapi.from_url(document, timeout=60)  # also on a machine at its limit
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_drawn_values_get_documented_answers(
    platform: Platform, keys: dict[str, dict[str, str]], audience: str
) -> None:
    session = requests.Session()
    for operation in operations(platform, audience)[:: EVERY.get(audience, 1)]:

        @settings(
            max_examples=EXAMPLES,
            phases=[Phase.generate],
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Case[Any]) -> None:
            case.call_and_validate(session=session, headers=keys[audience], checks=CHECKS)

        ask()


@pytest.mark.parametrize("audience", ["public", "internal"])
def test_hostile_values_are_refused_in_words(
    platform: Platform, keys: dict[str, dict[str, str]], audience: str
) -> None:
    session = requests.Session()
    session.headers.update(keys[audience])
    faults = []
    for turn, operation in enumerate(operations(platform, audience)[:: EVERY[audience]]):
        url = f"{platform.url}{operation.full_path}".replace("{row_id}", "1")
        names = [item.name for item in operation.query] or ["q"]
        if operation.method == "get":
            asked = [{names[(turn + n) % len(names)]: value} for n, value in enumerate(HOSTILE)]
            answers = [session.get(url, params=parameters) for parameters in asked]
        else:
            kind = {"Content-Type": "application/json"}
            answers = [
                session.request(operation.method, url, data=body, headers=kind) for body in BODIES
            ]
        faults += [
            f"{answer.status_code} {operation.method} {answer.url} {answer.text[:200]}"
            for answer in answers
            if answer.status_code >= 500
            or (answer.status_code >= 400 and "problem+json" not in answer.headers["Content-Type"])
        ]
    assert not faults, "\n".join(faults[:20])
