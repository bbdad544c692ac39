"""What telemetry looks at by itself."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.domains.telemetry.services import mark_silent
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job


@job(
    name="telemetry.mark_silent",
    title=_("Tìm thiết bị mất liên lạc"),
    schedule="*/5 * * * *",
    alone=True,
    retry=1,
)
def find_silent(context: JobContext) -> dict[str, int]:
    """Devices that sent nothing for longer than they may."""
    return mark_silent(actor=context.actor)


@job(
    name="telemetry.keep_lake",
    title=_("Đưa số liệu các ngày đã xong vào kho lạnh"),
    schedule="40 1 * * *",
    alone=True,
    atomic=False,
    retry=1,
)
def keep_lake(context: JobContext) -> dict[str, int]:
    """Finished days to the lake; what has its time behind it leaves the hot store."""
    # DuckDB is imported when it is needed: workers start faster without it.
    from sen.domains.telemetry.lake import keeping

    return keeping.keep_lake(timezone.localdate(), say=context.progress)
