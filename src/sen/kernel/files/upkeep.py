"""The night work of the store."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from sen.kernel.files.services import release_orphans
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job

#: What came in may wait so long for the row that will point at it.
KEPT: Final = timedelta(days=1)


@job(
    name="kernel.release_files",
    title=_("Dọn tệp không còn dùng"),
    schedule="50 3 * * *",
    alone=True,
)
def release_files(context: JobContext) -> dict[str, int]:
    """Erase contents that nothing points at: of removed rows, of interrupted uploads."""
    return {"erased": release_orphans(older_than=KEPT)}
