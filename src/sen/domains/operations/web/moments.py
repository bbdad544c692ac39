"""``?luc=2026-11-20T14:05``: the moment of the past that a screen shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from sen.kernel.errors import InvalidInputError

#: The right to open the operations screen.
BOARD: Final = "operations.board.view"
REACH: Final = timedelta(days=366)


def moment_of(request: HttpRequest) -> datetime | None:
    """The moment that is asked for; None: now.

    Raises:
        InvalidInputError: it is no time, lies ahead, or further back than a year.
    """
    text = request.GET.get("luc", "").strip()
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise InvalidInputError(
            {"luc": _("“%(text)s” không phải thời điểm, ví dụ 2026-11-20T14:05.") % {"text": text}}
        )
    moment = timezone.make_aware(found) if timezone.is_naive(found) else found
    now = timezone.now()
    if not now - REACH <= moment <= now:
        raise InvalidInputError({"luc": _("Chỉ xem lại được trong vòng một năm đến hiện tại.")})
    return moment
