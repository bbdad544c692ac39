"""Checks of the chain of seals that leave their result in the log itself.

The nightly one goes on where the last good one ended; a whole one reads the log from its first
seal. Both compare the chain with the copies off this host that can be read here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

import structlog
from django.db import transaction

from sen.kernel.access.context import acting_as
from sen.kernel.access.scope import Actor
from sen.kernel.audit.models import AuditEntry
from sen.kernel.audit.services import record
from sen.kernel.audit.shipping import copies, shipped_lines
from sen.kernel.audit.verify import Verdict, verify_log
from sen.kernel.logbook.words import finding_text

logger = structlog.get_logger(__name__)

ACT: Final = "kernel.audit.verify"
RESOURCE: Final = "kernel.audit"
CHAIN: Final = "chain"


@dataclass(frozen=True, slots=True)
class Check:
    """The recorded result of one check."""

    entry: int
    at: datetime
    who: str
    is_whole: bool
    from_seal: int
    last_seal: int
    seals: int
    rows: int
    broken_seal: int
    findings: tuple[str, ...]

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        detail = entry.detail
        found: Sequence[dict[str, Any]] = detail["findings"]
        return cls(
            entry=entry.pk,
            at=entry.at,
            who="" if entry.actor_id is None else entry.actor_name,
            is_whole=not found,
            from_seal=detail["from_seal"],
            last_seal=detail["last_seal"],
            seals=detail["seals"],
            rows=detail["rows"],
            broken_seal=found[0]["seal"] if found else 0,
            findings=tuple(finding_text(f["damage"], f["table"], f["row"]) for f in found),
        )


def checks(limit: int) -> list[Check]:
    """The latest checks, the latest first."""
    entries = AuditEntry.objects.filter(resource=RESOURCE, object_id=CHAIN, act=ACT)
    return [Check.of(entry) for entry in entries.order_by("-id")[:limit]]


def last_check() -> Check | None:
    """The latest check; None before the first."""
    return next(iter(checks(1)), None)


def check_log(
    *, actor: Actor, whole: bool, progress: Callable[[int], None] = lambda _number: None
) -> Verdict:
    """Walk the chain and write down what was found, in the name of ``actor``.

    Not ``whole``: from the last seal that the latest check found whole. Call it outside a
    transaction: the walk is long, the note short.
    """
    before = None if whole else last_check()
    start = before.last_seal if before is not None and before.is_whole else 0
    shipped: dict[int, Any] = {}
    for path in copies():
        for number, line in shipped_lines(path, start).items():
            shipped.setdefault(number, line)
    verdict = verify_log(shipped=shipped, from_seal=start, progress=progress)
    with acting_as(actor), transaction.atomic():
        record(
            act=ACT,
            kind=AuditEntry.Kind.SYSTEM,
            resource=RESOURCE,
            object_id=CHAIN,
            detail={
                "from_seal": start,
                "last_seal": verdict.last or start,
                "seals": verdict.seals,
                "rows": verdict.rows,
                "copies": [str(path) for path in copies()],
                "findings": [
                    {"damage": f.damage.value, "seal": f.seal, "table": f.table, "row": f.row}
                    for f in verdict.findings
                ],
            },
        )
    if not verdict.is_whole:
        logger.error("audit.broken", seal=verdict.findings[0].seal)
    return verdict
