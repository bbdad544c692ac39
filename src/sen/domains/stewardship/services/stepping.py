"""What all steps of change-sets share."""

from __future__ import annotations

from django.utils.timezone import now
from django.utils.translation import gettext as _

from sen.domains.stewardship.choices import Stage
from sen.domains.stewardship.models import ChangeSet
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError


def note_step(*, row: ChangeSet, actor: Actor, title: str, text: str = "", tone: str = "") -> None:
    said = {"title": title, "who": actor.name, "at": now().isoformat(), "text": text, "tone": tone}
    row.steps = [*row.steps, said]


def be_at(row: ChangeSet, *stages: Stage) -> None:
    if row.status not in stages:
        raise ConflictError(
            _("Bộ thay đổi đang ở giai đoạn “%(stage)s”.") % {"stage": row.get_status_display()}
        )
