"""Remarks pinned to moments of charts."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from sen.domains.operations.models import ChartNote
from sen.domains.operations.services.places import home_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck
from sen.kernel.usecase import use_case
from sen.lib.text import nfc


@use_case("operations.note.add")
def add_note(*, actor: Actor, chart: str, at: datetime, text: str) -> ChartNote:
    """Pin a remark to a chart (``kpi:permits.overdue``).

    Raises:
        InvalidInputError: no text, or too much of it.
    """
    said = nfc(text).strip()
    check = InputCheck()
    check.need(said, "text", _("Hãy ghi nội dung."))
    check.need(len(said) <= 300, "text", _("Ghi chú dài quá 300 ký tự."))
    check.done()
    home = home_of(actor=actor, permission="operations.note.add")
    note = ChartNote(
        chart=chart,
        at=at,
        text=said,
        written_by=actor.name,
        owner_org_id=home.owner_org_id,
        area_id=home.area_id,
    )
    note.save()
    return note


@use_case("operations.note.delete", check_result=False)
def remove_note(*, actor: Actor, note: ChartNote) -> None:
    """Take a remark off; history keeps it."""
    note.delete()
