"""Splitting scanned files, and making the documents that the operator accepted."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from sen.domains.digitisation.adapters import pictures, steps
from sen.domains.digitisation.adapters.programs import recogniser
from sen.domains.digitisation.adapters.reading import chunks_of
from sen.domains.digitisation.choices import SheetRole
from sen.domains.digitisation.models import BatchFile, Part
from sen.domains.digitisation.services import accept_part, note_survey
from sen.domains.digitisation.services.batches import MOST_SHEETS
from sen.kernel.access.context import acting_as
from sen.kernel.access.scope import Actor
from sen.kernel.files.backends import backend


def split_scanned_file(*, actor: Actor, item: BatchFile) -> int:
    """Look at every sheet of a file and propose documents; how many sheets there are."""
    error, sheets = "", list[dict[str, Any]]()
    with pictures.workroom() as room:
        try:
            with backend().local(item.file.sha256) as path:
                found = steps.survey(
                    path, item.file.mime, Path(room), most=MOST_SHEETS, recogniser=recogniser()
                )
            sheets = found["sheets"]
            if not sheets:
                error = _("Tệp có %(pages)s trang, tối đa %(most)s trang một tệp.") % {
                    "pages": found["pages"],
                    "most": MOST_SHEETS,
                }
        except steps.ConfinedError:
            error = _("Không đọc được tệp này; hãy quét lại hoặc lưu lại ở dạng PDF.")
        for sheet in sheets:
            pictures.keep_thumbnail(
                item.file.sha256, sheet["page"], Path(room) / f"{sheet['page']}.webp"
            )
    with acting_as(actor):
        note_survey(actor=actor, file=item, sheets=sheets, error=error)
    return len(sheets)


def make_document(*, actor: Actor, part: Part) -> Part:
    """Put the kept sheets of a part together and enter them as a document.

    Raises:
        ConfinedError: a sheet cannot be read.
        SenError: the document cannot be entered.
    """
    rows = part.sheets.filter(role=SheetRole.KEPT.value).select_related("file__file")
    with ExitStack() as opened, pictures.workroom() as room:
        sheets: list[dict[str, Any]] = []
        paths: dict[str, Path] = {}
        for row in rows:
            file = row.file.file
            if file.sha256 not in paths:
                paths[file.sha256] = opened.enter_context(backend().local(file.sha256))
            sheets.append(
                {
                    "path": str(paths[file.sha256]),
                    "mime": file.mime,
                    "page": row.page,
                    "rotation": row.rotation,
                }
            )
        made = Path(room) / "document.pdf"
        steps.assemble(sheets, made)
        with acting_as(actor):
            return accept_part(actor=actor, batch=part.batch, part=part, chunks=chunks_of(made))
