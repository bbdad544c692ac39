"""Noting whether the services of others answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from sen.domains.imagery.events import OverlayChecked
from sen.domains.imagery.models import Overlay, OverlayHealth
from sen.kernel.access.context import as_system
from sen.kernel.events import publish

#: After a failure nobody waits for the service again for so long.
REST: Final = timedelta(seconds=30)
#: A success is noted at most so often.
STEP: Final = timedelta(minutes=5)


@transaction.atomic
def note_health(overlay: Overlay, error: str = "") -> None:
    """Keep the outcome of a request; the change between good and bad is published."""
    now = timezone.now()
    known = OverlayHealth.objects.filter(pk=overlay.pk).first()
    was = known.error if known else ""
    fresh = known is not None and now - known.checked_at < STEP
    if fresh and not error and not was:
        return
    values = {"checked_at": now, "error": error[:300]}
    if not error:
        values["answered_at"] = now
    OverlayHealth.objects.update_or_create(overlay_id=overlay.pk, defaults=values)
    if bool(was) != bool(error):
        with as_system("tình trạng dịch vụ bản đồ ngoài"):
            publish(
                OverlayChecked(overlay_id=overlay.pk, is_healthy=not error, error=error[:300]),
                key=overlay.pk,
                on=overlay,
            )


def is_resting(overlay: Overlay) -> bool:
    """Whether the service failed a moment ago: then our threads do not wait for it again."""
    known = OverlayHealth.objects.filter(pk=overlay.pk).exclude(error="").first()
    return known is not None and timezone.now() - known.checked_at < REST
