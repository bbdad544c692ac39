"""What telemetry looks at by itself."""

from __future__ import annotations

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
