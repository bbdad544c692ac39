"""What keeps the tables of events small."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job

OUTBOX_DAYS: Final = 14
#: Longer than anything could be delivered again.
INBOX_DAYS: Final = 60
STEP: Final = 5000


@job(
    name="kernel.prune_events",
    title=_("Dọn sự kiện đã chuyển"),
    schedule="20 2 * * *",
    alone=True,
    atomic=False,
)
def prune_events(context: JobContext) -> dict[str, int]:
    """Delete sent events and notes of handled ones after a while, in small steps."""
    sent = _delete(
        context,
        "DELETE FROM kernel_events_outboxevent WHERE id IN"
        " (SELECT id FROM kernel_events_outboxevent"
        " WHERE sent_at IS NOT NULL AND created_at < %s LIMIT %s)",
        OUTBOX_DAYS,
    )
    noted = _delete(
        context,
        "DELETE FROM kernel_events_inboxentry WHERE id IN"
        " (SELECT id FROM kernel_events_inboxentry WHERE at < %s LIMIT %s)",
        INBOX_DAYS,
    )
    return {"sent": sent, "noted": noted}


def _delete(context: JobContext, statement: str, days: int) -> int:
    before = timezone.now() - timedelta(days=days)
    total = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [before, STEP])
            deleted: int = cursor.rowcount
        total += deleted
        if deleted < STEP:
            return total
        context.check_cancelled()
