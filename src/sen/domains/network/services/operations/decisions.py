"""Deciding what an operation could not carry over by itself."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.network.choices import PostCondition
from sen.domains.network.events import RouteEventsChanged
from sen.domains.network.models import Decision, KmPost, Road
from sen.domains.network.ports import road_followers
from sen.domains.network.services.cover import check_cover
from sen.domains.network.services.operations import carriageways, records, shared
from sen.domains.network.services.operations.running import POST
from sen.domains.network.services.route_events import refuse_overlap
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case


@use_case("network.decision.change", act="network.decide")
def decide(
    *,
    actor: Actor,
    row: Decision,
    version: int | None,
    choice: str = "",
    note: str = "",
    reason: str = "",
) -> Decision:
    """Settle one thing of the worklist, and do what was chosen.

    Raises:
        ConflictError: somebody decided it meanwhile.
        InvalidInputError: the choice is none of those offered, or cannot be done any more.
    """
    check_version(row, version)
    if row.status == Decision.Status.DONE:
        raise InvalidInputError(
            {"choice": _("Việc này đã được quyết định: %(answer)s.") % {"answer": row.answer}}
        )
    if choice not in row.choices:
        raise InvalidInputError(
            {
                "choice": _("Hãy chọn một trong: %(known)s.")
                % {"known": "; ".join(row.choices.values())}
            }
        )
    with as_system("a decision is carried out on what lies on the road"):
        _carry_out(actor, row, choice)
    row.choice, row.answer, row.note = choice, str(row.choices[choice])[:300], note.strip()
    row.status = Decision.Status.DONE
    row.decided_at = timezone.now()
    row.save()
    return row


def _carry_out(actor: Actor, row: Decision, choice: str) -> None:
    if row.subject == records.SUBJECT:
        if choice == "KEEP":
            _keep(row)
    elif row.subject == POST:
        _settle_post(row, choice)
    elif row.subject not in (shared.SUBJECT, carriageways.SUBJECT):
        follower = road_followers.get(row.subject)
        if follower is None:
            raise InvalidInputError(
                {"choice": _("Phần mềm quản lý đối tượng này đang tắt; hãy thử lại sau.")}
            )
        follower.decide(actor=actor, subject_id=row.subject_id, choice=choice, payload=row.payload)


def _keep(row: Decision) -> None:
    road = Road.objects.get(pk=row.road_id)
    made = records.kept_record(road, row.payload)
    if not made.may_overlap:
        refuse_overlap(made)
    made.save()
    if made.must_cover:
        check_cover(road.pk, made.kind)
    publish(RouteEventsChanged(road_id=road.pk, kinds=(made.kind,)), key=road.pk, on=made)


def _settle_post(row: Decision, choice: str) -> None:
    post = KmPost.objects.filter(pk=row.subject_id).first()
    if post is not None and choice == "GONE":
        post.condition = PostCondition.MISSING.value
        post.save()
