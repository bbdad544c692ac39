"""Fixtures around accounts: people with roles, signed-in clients, codes of a second factor."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

import psycopg
import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    reset_hashers,
)
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from django.test.testcases import LiveServerThread

from sen.kernel.access.models import Area, Organisation, User
from sen.kernel.access.scope import Actor
from sen.kernel.access.services import grant_role, put_role

PASSWORD = "Lua-chin-vang-dong-2030"  # noqa: S105  secret-scan: allow, of test accounts
_numbers = itertools.count(1)


class QuickArgon2(Argon2PasswordHasher):
    """The same algorithm at no cost: tests make many accounts."""

    time_cost = 1
    memory_cost = 16
    parallelism = 1


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> None:
    name = f"{QuickArgon2.__module__}.{QuickArgon2.__qualname__}"
    settings.PASSWORD_HASHERS = [name]
    reset_hashers(setting="PASSWORD_HASHERS")


class MakeAccount(Protocol):
    def __call__(
        self,
        *permissions: str,
        kind: str = "OFFICIAL",
        clearance: int = 2,
        organisation: Organisation | None = None,
        area: Area | None = None,
        needs_mfa: bool = False,
        password: str | None = PASSWORD,
        **fields: Any,
    ) -> User: ...


#: Emptied after a test that commits; CASCADE reaches everything that points at them.
_EMPTIED: Final = (
    "kernel_access_user",
    "kernel_access_role",
    "kernel_access_organisation",
    "kernel_access_area",
    "kernel_access_signinthrottle",
    "kernel_audit_auditentry",
    "kernel_audit_rowversion",
    "kernel_audit_seal",
    "kernel_events_outboxevent",
    "kernel_events_inboxentry",
    "kernel_events_delivery",
    "django_session",
)


@pytest.fixture
def committing(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Real commits, for what several processes or a live server have to see.

    Django's own way of emptying the database is TRUNCATE, which the log refuses.
    """
    with django_db_blocker.unblock():
        yield
        url = settings.DATABASE_SUPERUSER_URL.rpartition("/")[0]
        name = connection.settings_dict["NAME"]
        for one in connections.all():
            one.close()
        with psycopg.connect(f"{url}/{name}", autocommit=True) as server:
            server.execute("SET session_replication_role = replica")
            server.execute(f"TRUNCATE {', '.join(_EMPTIED)} CASCADE")
    cache.clear()


@pytest.fixture
def live_site(committing: None) -> Iterator[str]:
    """The address of the whole site on a free port, in a thread of this process."""
    thread = LiveServerThread("127.0.0.1", StaticFilesHandler, port=0)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield f"http://localhost:{thread.port}"
    thread.terminate()
    thread.join()


@pytest.fixture
def make_account() -> MakeAccount:
    """Makes an account that holds one role with the given permission patterns."""

    def make(
        *permissions: str,
        kind: str = "OFFICIAL",
        clearance: int = 2,
        organisation: Organisation | None = None,
        area: Area | None = None,
        needs_mfa: bool = False,
        password: str | None = PASSWORD,
        **fields: Any,
    ) -> User:
        number = next(_numbers)
        username = fields.pop("username", f"can-bo-{number}")
        fields.setdefault("full_name", f"Cán bộ số {number}")
        user = User.objects.create_user(
            username, password, kind=kind, organisation=organisation, **fields
        )
        if permissions:
            role = put_role(
                code=f"thu-{number}",
                name_vi=f"Vai trò thử {number}",
                name_en=f"Test role {number}",
                permissions=permissions,
                clearance=clearance,
                needs_mfa=needs_mfa,
            )
            grant_role(user=user, role=role, organisation=organisation, area=area)
        return user

    return make


@pytest.fixture
def sign_in() -> Callable[[User], Client]:
    """Gives a client that is signed in as an account, without the pages of signing in."""

    def client_of(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return client_of


def totp_code(secret: str, *, steps: int = 0) -> str:
    """The code that an authenticator shows now, or ``steps`` × 30 s from now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def post_sign_in(client: Client, login: str, password: str = PASSWORD, **extra: Any) -> Any:
    """Send the sign-in form."""
    return client.post("/tai-khoan/dang-nhap/", {"login": login, "password": password, **extra})


def actor_behind(response: Any) -> Actor:
    """The actor in whose name a test client's request was answered."""
    actor = response.wsgi_request.actor
    assert isinstance(actor, Actor)
    return actor
