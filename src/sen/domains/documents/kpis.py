"""Figures on documents and dossiers."""

from __future__ import annotations

from typing import Final

from django.core.cache import cache
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from sen.domains.documents.models import Dossier
from sen.kernel.access.scope import Actor
from sen.kernel.web.kpis import Goal, kpi

KEPT_S: Final = 60


def _counts(actor: Actor) -> dict[str, int]:
    """One statement for both figures, kept for a minute for everybody with the same scope."""
    key = f"documents.kpis.{actor.scope(Dossier.access).digest}"
    found: dict[str, int] | None = cache.get(key)
    if found is None:
        found = Dossier.objects.visible_to(actor).aggregate(
            total=Count("id"), missing=Count("id", filter=Q(missing_count__gt=0))
        )
        cache.set(key, found, KEPT_S)
    return found


@kpi(
    "documents.incomplete",
    title=_("Hồ sơ còn thiếu phần"),
    icon="folder-open",
    url="/ql/documents/dossiers/?missing_count_min=1",
    order=40,
    rules=(Dossier.access,),
    definition=_("Hồ sơ công trình còn thiếu thành phần bắt buộc."),
    goal=Goal(0, far=100),
)
def incomplete(actor: Actor) -> int | None:
    """Dossiers in which a required part is missing; None where the actor sees no dossier."""
    counts = _counts(actor)
    return counts["missing"] if counts["total"] else None
