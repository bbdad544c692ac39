"""Telling people something, and noting that they saw it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.db.models import Count
from django.utils import timezone

from sen.kernel.access.context import current_actor
from sen.kernel.access.models import User
from sen.kernel.access.scope import AccessRule, Actor, DataClass
from sen.kernel.events.publishing import Audience
from sen.kernel.jobs.services import enqueue
from sen.kernel.live.push import push
from sen.kernel.live.topics import declare_topic
from sen.kernel.notices.models import Notice

#: What screens listen to for the bell. No role can hold a permission of four words: a notice
#: reaches nobody but the person whom it is for, whatever others may see.
TOPIC: Final = "kernel.notices"
declare_topic(
    TOPIC,
    rule=AccessRule("kernel.notices.own", public=False, subject_field="user_id"),
    hz=2,
)

#: The number at the bell is told again for so long; one's own reading shows at once.
REUSE_S: Final = 30


@transaction.atomic
def notify(
    user_ids: Iterable[int],
    *,
    key: str,
    title: str,
    text: str = "",
    url: str = "",
    tone: Notice.Tone = Notice.Tone.INFO,
    mail: bool = True,
    is_demo: bool = False,
) -> int:
    """Tell some people something, each once for a key; by mail too where they have an address.

    Returns:
        How many were told now, not counting those who knew already.
    """
    from sen.kernel.notices.jobs import send_mails

    wanted = set(user_ids)
    known = Notice.objects.filter(user_id__in=wanted, key=key).values_list("user_id", flat=True)
    made = Notice.objects.bulk_create(
        [
            Notice(
                user_id=user_id,
                key=key,
                title=title[:250],
                text=text[:1000],
                url=url,
                tone=tone,
                is_demo=is_demo,
            )
            for user_id in sorted(wanted - set(known))
        ],
        ignore_conflicts=True,
    )
    for notice in made:
        cache.delete(_cache_key(notice.user_id))
    told = [notice.user_id for notice in made]
    transaction.on_commit(lambda: _ring(told, title[:250], url, tone))
    if mail and User.objects.filter(pk__in=told).exclude(email="").exists():
        enqueue(send_mails, actor=current_actor(), once_key=key[:120], key=key)
    return len(made)


def mark_read(*, actor: Actor, ids: Iterable[int] | None = None) -> int:
    """Note that a person saw some of their notices, or all of them."""
    rows = Notice.objects.filter(user_id=actor.id or 0, read_at=None)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    changed = rows.update(read_at=timezone.now())
    cache.delete(_cache_key(actor.id))
    if changed and actor.id is not None:
        reader = actor.id
        transaction.on_commit(lambda: _ring([reader]))
    return changed


def _ring(
    user_ids: Sequence[int], title: str = "", url: str = "", tone: str = Notice.Tone.INFO
) -> None:
    """Show on the open screens of people how much they have not seen, and what is new."""
    counted = dict(
        Notice.objects.filter(user_id__in=user_ids, read_at=None)
        .values_list("user_id")
        .annotate(n=Count("id"))
    )
    for user_id in user_ids:
        push(
            TOPIC,
            user_id,
            {"unread": counted.get(user_id, 0), "title": title, "url": url, "tone": str(tone)},
            audience=Audience(data_class=int(DataClass.INTERNAL), subject_id=user_id),
            # Two notices within a second are two words: the newest does not stand for both.
            urgent=bool(title),
        )


def unread(actor: Actor) -> int:
    """How many notices a person has not seen."""
    if actor.id is None:
        return 0
    key = _cache_key(actor.id)
    known: int | None = cache.get(key)
    if known is None:
        try:
            known = Notice.objects.filter(user_id=actor.id, read_at=None).count()
        except DatabaseError:  # the page of an error is drawn in a transaction that failed
            return 0
        cache.set(key, known, REUSE_S)
    return known


def _cache_key(user_id: int | None) -> str:
    return f"notices:{user_id}"
