"""Checking files after they came in."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.kernel.files.checks import check_file
from sen.kernel.files.models import StoredFile
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job


@job(name="kernel.check_file", title=_("Kiểm tra tệp tải lên"), retry=20)
def check(context: JobContext, *, file_id: int) -> dict[str, str]:
    """Check one file; a file that was erased meanwhile needs no check."""
    file = StoredFile.objects.filter(pk=file_id).first()
    if file is None or file.state != StoredFile.State.QUARANTINE:
        return {"state": "" if file is None else file.state}
    return {"state": check_file(actor=context.actor, file=file).state}
