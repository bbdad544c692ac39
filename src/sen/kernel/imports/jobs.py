"""Long checks and imports, in the background."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from sen.kernel.imports import drafts
from sen.kernel.imports.engine import run
from sen.kernel.imports.models import ImportDraft
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job


@job(name="kernel.import_file", title=_("Nhập dữ liệu từ tệp"))
def import_file(context: JobContext, *, draft_id: UUID, dry_run: bool) -> dict[str, int]:
    """Check a draft or read it in: all of it in the transaction of the job, or nothing."""
    draft = ImportDraft.objects.get(pk=draft_id)
    done = run(
        importer=drafts.importer_of(draft),
        actor=context.actor,
        request=drafts.request_of(draft, dry_run=dry_run),
        say=lambda text, n, total: context.progress(n, total or None, text),
    )
    draft.run = done
    draft.save(update_fields=["run"])
    return {"rows": done.rows, "faults": done.fault_count, "run": done.pk}
