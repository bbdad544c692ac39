"""Keys of screens on walls."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.operations.models import Display
from sen.domains.operations.services.places import home_of
from sen.kernel.access.accounts.tokens import create_api_token, patterns_of, revoke_api_token
from sen.kernel.access.models import User
from sen.kernel.access.scope import KERNEL, Actor, DataClass
from sen.kernel.errors import InputCheck
from sen.kernel.usecase import use_case
from sen.lib.text import nfc


def looking(patterns: list[str]) -> list[str]:
    """Of the patterns that somebody holds, what only looks at the business."""
    found = set()
    for pattern in patterns:
        domain, name, verb = pattern.split(".")
        if domain != KERNEL and verb in ("view", "*"):
            found.add(f"{domain}.{name}.view")
    return sorted(found)


@use_case("operations.display.add")
def create_display(
    *, actor: Actor, name: str, place: str, days: int, is_public: bool
) -> tuple[Display, str]:
    """A screen with the actor's sight, up to INTERNAL (or PUBLIC only); the key is told once.

    Raises:
        InvalidInputError: no name, or an impossible life of the key.
    """
    most = settings.SEN_TOKEN_DAYS_MOST
    check = InputCheck()
    check.need(nfc(name).strip(), "name", _("Hãy đặt tên màn hình."))
    check.need(
        0 < days <= most, "days", _("Thời hạn khóa từ 1 đến %(most)d ngày.") % {"most": most}
    )
    check.done()
    home = home_of(actor=actor, permission="operations.display.add")
    user = User.objects.get(pk=actor.id or 0)
    token, secret = create_api_token(
        actor=actor,
        user=user,
        name=_("Màn hình %(name)s") % {"name": nfc(name).strip()[:60]},
        scopes=looking(patterns_of(actor)),
        expires_at=timezone.now() + timedelta(days=days),
        max_class=(DataClass.PUBLIC if is_public else DataClass.INTERNAL).value,
    )
    display = Display(
        name=nfc(name).strip(),
        place=nfc(place).strip(),
        token=token,
        person=user,
        owner_org_id=home.owner_org_id,
        area_id=home.area_id,
    )
    display.save()
    return display, secret


@use_case("operations.display.delete")
def revoke_display(*, actor: Actor, display: Display) -> Display:
    """End the key of a screen: it shows nothing from its next question on."""
    if display.token.revoked_at is None:
        revoke_api_token(actor=actor, user=display.person, token_id=display.token_id)
    return display
