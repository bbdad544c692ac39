"""Long checks and imports in the background, and harvests by the clock."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.kernel.imports import drafts
from sen.kernel.imports.engine import run
from sen.kernel.imports.harvesting import harvest, owner_of, take_due
from sen.kernel.imports.models import ImportDraft, Source
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job
from sen.kernel.jobs.services import enqueue


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


@job(name="kernel.harvest_source", title=_("Lấy dữ liệu từ nguồn khác"))
def harvest_source(context: JobContext, *, source_id: int) -> dict[str, int | str]:
    """Fetch one source and follow its rule."""
    made = harvest(
        actor=context.actor,
        source=Source.objects.get(pk=source_id),
        say=lambda text, n, total: context.progress(n, total or None, text),
    )
    return {"state": made.state, "added": made.added, "changed": made.changed}


@job(
    name="kernel.harvest_due",
    title=_("Lấy các nguồn đến hạn"),
    schedule="*/10 * * * *",
    alone=True,
)
def harvest_due(context: JobContext) -> int:
    """Queue every source whose time has come, in the name of whoever registered it."""
    due = take_due(timezone.now())
    for source in due:
        enqueue(
            harvest_source,
            actor=owner_of(source),
            title=str(source),
            once_key=f"source-{source.pk}",
            source_id=source.pk,
        )
    return len(due)
