"""Printing large maps apart from the page that asked for them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.kernel.errors import InvalidInputError
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job
from sen.kernel.printing.reading import MOST_EVER, TooMuchError
from sen.kernel.printing.request import PrintRequest


@job(name="kernel.print_map", title=gettext_lazy("In bản đồ ra tệp"), retry=1)
def print_to_file(context: JobContext, *, order: dict[str, Any]) -> dict[str, int]:
    """Draw a map with the rights of whoever asked, and keep it."""
    from sen.kernel.printing.document import print_map  # the PDF library is for workers
    from sen.kernel.printing.services import keep_map

    asked = PrintRequest.from_plain(order)
    sheets = [0]

    def progress(done: int, total: int) -> None:
        sheets[0] = total
        context.progress(done, total, _("Tờ %(n)s/%(total)s") % {"n": done, "total": total})

    try:
        content = print_map(asked, context.actor, most=MOST_EVER, progress=progress)
    except TooMuchError as error:
        raise InvalidInputError(
            {"lop": _("Một tờ chứa hơn %(n)s đối tượng; hãy chọn ít lớp hơn hoặc tỷ lệ lớn hơn.")
             % {"n": error.most}}
        ) from error  # fmt: skip
    made = keep_map(actor=context.actor, order=asked, content=content, pages=sheets[0])
    return {"printed_map": made.pk, "sheets": sheets[0], "bytes": len(content)}
