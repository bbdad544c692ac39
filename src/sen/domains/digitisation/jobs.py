"""Reading documents one after another, splitting scans, making documents of them."""

from __future__ import annotations

import time
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.domains.digitisation import services
from sen.domains.digitisation.adapters import pictures
from sen.domains.digitisation.adapters.intake import make_document, split_scanned_file
from sen.domains.digitisation.adapters.programs import recogniser
from sen.domains.digitisation.adapters.reading import read_document
from sen.domains.digitisation.adapters.steps import ConfinedError
from sen.domains.digitisation.models import BatchFile, Part, Reading
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import SenError
from sen.kernel.jobs.context import JobCancelledError, JobContext, JobInterruptedError
from sen.kernel.jobs.definition import Job, job
from sen.kernel.jobs.services import enqueue

REASON: Final = "nhận dạng văn bản đang chờ"
#: A reader lets others to the worker after so long, and goes on with its next run.
TURN_S: Final = 600.0
#: With several readers at once, one that died is known by its age only.
BROKEN_AFTER_MIN: Final = 120


def work_off(context: JobContext) -> dict[str, Any]:
    """Read waiting documents, oldest first, until none is left or the turn is over.

    Without the recogniser nothing is touched: the documents wait.
    """
    tools = recogniser()
    if tools is None:
        return {"read": 0, "waiting_for": "tesseract"}
    with as_system(REASON) as house:
        services.put_back(actor=house, minutes=0 if len(READERS) == 1 else BROKEN_AFTER_MIN)
    began, read = time.monotonic(), 0
    while time.monotonic() - began < TURN_S:
        with as_system(REASON) as house:
            reading = services.take_waiting(actor=house)
        if reading is None:
            return {"read": read}
        read_one(context, house, reading, tools, read)
        read += 1
    with as_system(REASON) as house:
        call_readers(house)
    return {"read": read}


def read_one(
    context: JobContext, house: Actor, reading: Reading, tools: dict[str, object], before: int
) -> None:
    """Read one document; whatever its file does, the next one has its turn."""

    def progress(done: int, total: int) -> None:
        text = _("Tài liệu thứ %(number)s, trang %(page)s/%(pages)s") % {
            "number": before + 1,
            "page": done + 1,
            "pages": total,
        }
        context.progress(done, total, text)

    try:
        read_document(actor=house, reading=reading, recogniser=tools, progress=progress)
    except (JobCancelledError, JobInterruptedError):
        with acting_as(house):
            services.put_back(actor=house, reading_id=reading.pk)
        raise
    except (ConfinedError, SenError, OSError) as error:
        with acting_as(house):
            services.note_failure(actor=house, reading=reading, error=str(error))


def _reader(number: int) -> Job:
    """One of the readers that may work at once; each of them never twice."""
    made: Job = job(
        name=f"digitisation.read_{number}",
        title=gettext_lazy("Nhận dạng văn bản"),
        schedule="*/5 * * * *",
        atomic=False,
        alone=True,
    )(work_off)
    return made


READERS: Final = tuple(_reader(number) for number in range(1, settings.SEN_OCR_AT_ONCE + 1))


def call_readers(actor: Actor) -> None:
    """Wake the readers; one that is called already is not called twice."""
    for reader in READERS:
        enqueue(reader, actor=actor, once_key="waiting")


@job(name="digitisation.split_file", title=gettext_lazy("Tách trang tệp quét"), atomic=False)
def split_file(context: JobContext, *, file_id: int) -> dict[str, int]:
    """Look at the sheets of one scanned file."""
    with as_system("tách trang tệp quét") as house:
        item = BatchFile.objects.filter(pk=file_id).select_related("file").first()
    if item is None or item.state != BatchFile.State.WAITING:
        return {"sheets": 0}
    return {"sheets": split_scanned_file(actor=house, item=item)}


@job(
    name="digitisation.make_document",
    title=gettext_lazy("Lập tài liệu từ trang quét"),
    atomic=False,
)
def make_scanned_document(context: JobContext, *, part_id: int) -> dict[str, int]:
    """Make one document, with the rights of whoever accepted it."""
    actor = context.actor
    with acting_as(actor):
        part = Part.objects.filter(pk=part_id).select_related("batch", "dossier").first()
    if part is None:
        return {"document": 0}
    try:
        made = make_document(actor=actor, part=part)
    except (ConfinedError, SenError) as error:
        with acting_as(actor):
            services.give_part_back(actor=actor, batch=part.batch, part=part, error=str(error))
        raise
    return {"document": made.document_id or 0}


@job(
    name="digitisation.prune_pictures",
    title=gettext_lazy("Dọn ảnh trang cũ"),
    schedule="20 3 * * *",
)
def prune_pictures(context: JobContext) -> dict[str, int]:
    """Keep the pictures of pages within their space."""
    return {"removed": pictures.prune()}
