"""Entries of the audit log about signing in: who, from where, with what, and how it ended."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from sen.kernel.access.accounts.addresses import client_ip, client_port, user_agent
from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import acting_as
from sen.kernel.access.models import User
from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.audit import services as audit
from sen.kernel.audit.models import AuditEntry

SIGN_IN = AuditEntry.Kind.SIGN_IN
REFUSED = AuditEntry.Kind.REFUSED


def note(
    request: HttpRequest,
    *,
    act: str,
    kind: AuditEntry.Kind,
    user: User | None = None,
    label: str = "",
    **detail: object,
) -> None:
    """Record an act of signing in, in the name of ``user`` once they have proved who they are.

    Opens its own transaction: allauth reports some acts after the view's one was committed.
    """
    proved = kind is SIGN_IN and user is not None
    facts: dict[str, Any] = {"user_agent": user_agent(request), **detail}
    if port := client_port(request):
        facts["port"] = port
    with acting_as(
        actor_for(user) if proved and user is not None else ANONYMOUS,
        request_id=getattr(request, "request_id", ""),
        ip=client_ip(request),
    ):
        audit.record(
            act=act,
            kind=kind,
            on=user,
            resource="" if user else "kernel.accounts",
            label=label,
            detail=facts,
        )
