"""Daily work on accounts and sessions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.kernel.access.accounts import upkeep
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job


@job(
    name="kernel.accounts_upkeep",
    title=_("Khóa tài khoản lâu không dùng, dọn phiên đã hết"),
    schedule="10 2 * * *",
    alone=True,
)
def accounts_upkeep(context: JobContext) -> dict[str, int]:
    """Turn off what sleeps and drop what is over."""
    return {
        "locked": upkeep.lock_idle_accounts(),
        "sessions": upkeep.drop_sessions_that_are_over(),
        "counters": upkeep.drop_old_counters(),
    }
