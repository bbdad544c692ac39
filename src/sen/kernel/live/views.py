"""``/live/ticket``: what the page of a signed-in (or anonymous) client may listen to."""

from __future__ import annotations

import hashlib
import time
from typing import Final

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, NotFoundError, PermissionDeniedError, SenError
from sen.kernel.live.tickets import LIFETIME_S, Ticket, TopicGrant, sign, signing_key
from sen.kernel.live.topics import topics

MAX_TOPICS: Final = 12


@never_cache
@require_http_methods(["GET", "POST"])
def ticket(request: HttpRequest) -> JsonResponse:
    """Issue a ticket for ``topic`` (repeatable), narrowed to one thing by ``key``."""
    given = request.POST if request.method == "POST" else request.GET
    try:
        text = issue_ticket(
            actor_of(request),
            names=given.getlist("topic"),
            key=given.get("key", ""),
            session=_session_of(request),
            origin=f"{request.scheme}://{request.get_host()}",
        )
    except SenError as error:
        return JsonResponse(
            error.as_problem(), status=error.status, content_type="application/problem+json"
        )
    return JsonResponse(
        {
            "url": f"{settings.SEN_LIVE_URL}/live/stream?ticket={text}",
            "ticket": text,
            "expires_in": LIFETIME_S,
        }
    )


def issue_ticket(
    actor: Actor, *, names: list[str], key: str = "", session: str, origin: str
) -> str:
    """A signed ticket for the topics.

    Raises:
        InvalidInputError: no topic or too many.
        NotFoundError: a topic does not exist.
        PermissionDeniedError: the actor may see nothing of a topic.
    """
    if not 0 < len(names) <= MAX_TOPICS:
        raise InvalidInputError(
            {"topic": _("Hãy nêu từ 1 đến %(most)d chủ đề.") % {"most": MAX_TOPICS}}
        )
    grants = [_grant(actor, name, key) for name in dict.fromkeys(names)]
    return sign(
        Ticket(
            expires=int(time.time()) + LIFETIME_S,
            session=session,
            origin=origin,
            topics=grants,
            actor=actor.id,
        ),
        signing_key(settings.SECRET_KEY),
    )


def _grant(actor: Actor, name: str, key: str) -> TopicGrant:
    topic = topics.get(name)
    if topic is None:
        raise NotFoundError(_("chủ đề trực tiếp"), name)
    scope = actor.scope(topic.access_rule())
    if not scope.clauses:
        raise PermissionDeniedError(scope.rule.permission("view"))
    return TopicGrant.of(name, scope, hz=topic.hz, key=key)


def _session_of(request: HttpRequest) -> str:
    """A short name of the session that tells nothing; of the address for those without one."""
    name = request.session.session_key or f"{request.META.get('REMOTE_ADDR', '')}"
    digest = hashlib.blake2b(name.encode(), key=signing_key(settings.SECRET_KEY), digest_size=9)
    return digest.hexdigest()
