"""The book of proposals: forms of all registers put their changes into change-sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sen.domains.stewardship.models import ChangeSet
from sen.domains.stewardship.selectors import open_sets_of
from sen.domains.stewardship.services import begin_set, keep_proposals, url_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import NotFoundError
from sen.kernel.web.register.proposing import Proposal, books
from sen.kernel.web.register.resource import Resource

OWN = "stewardship"


class ChangeBook:
    """Keeps proposals in change-sets."""

    def offered(self, actor: Actor, resource: Resource[Any]) -> bool:
        """Everybody who may write sets, in every register but those of the sets themselves."""
        return resource.domain != OWN and actor.may("stewardship.changeset.add")

    def open_sets(self, actor: Actor) -> Sequence[tuple[str, str]]:
        """The actor's own drafts."""
        return [(str(row.pk), str(row)) for row in open_sets_of(actor)]

    @transaction.atomic
    def take(
        self, *, actor: Actor, proposals: Sequence[Proposal], into: str, tried: bool = False
    ) -> str:
        """Keep proposals in a draft, a new one where none is named.

        Raises:
            NotFoundError: there is no such set for the actor.
            InvalidInputError: tried out, a change fails; none is kept.
        """
        if into:
            rows = ChangeSet.objects.visible_to(actor, "change")
            row = rows.filter(pk=int(into) if into.isdigit() else 0).first()
            if row is None:
                raise NotFoundError(_("bộ thay đổi"), into)
        else:
            first = proposals[0]
            row = begin_set(
                actor=actor,
                title=_("Cập nhật %(register)s") % {"register": first.resource.title},
                area=first.row.area if first.row is not None else first.cleaned.get("area"),
            )
        keep_proposals(actor=actor, row=row, proposals=proposals, tried=tried)
        return url_of(row)


books.add(OWN, ChangeBook())
