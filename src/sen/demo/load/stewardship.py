"""Who owes which data, tasks of some months, changes under way, and scores of past days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from sen.domains.stewardship import api as stewardship
from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import Area, Organisation, User
from sen.kernel.access.scope import Actor
from sen.kernel.quality.counting import count_faults
from sen.kernel.quality.keeping import keep_register
from sen.kernel.seeds import seeds
from sen.kernel.web.register.proposing import ProposalForm, posted_value, proposed
from sen.kernel.web.register.resource import Resource, resources

REGISTER: Final = "assets.bridges"
DUTY: Final = "minh-hoa-cau-xa"
#: Every so many tasks of a month stays undone, and every so many is done late.
UNDONE, LATE = 17, 6
#: Registers whose scores have a past.
SCORED: Final = ("network.roads", REGISTER, "projects.projects", "documents.documents")
#: How long ago scores changed, and how many faults there were for ten of today.
PAST: Final = ((150, 16), (100, 14), (60, 13), (21, 11))


def load_duties(actor: Actor) -> int:
    """Data sets of bridges by commune, a monthly duty of the province, tasks of two months."""
    seeds["stewardship"](actor)
    sets = stewardship.lay_out_data_sets(
        actor=actor, register_key=REGISTER, slice_by="AREA", is_demo=True
    )
    today = timezone.localdate()
    first = (today.replace(day=1) - timedelta(days=40)).replace(day=1)
    top = sets[0]
    root = Area.objects.get(pk=top.area.parent_id or top.area_id)
    owner = Organisation.objects.get(pk=top.owner_org.parent_id or top.owner_org_id)
    stewardship.create_obligation(
        actor=actor,
        code=DUTY,
        title="Rà soát số liệu cầu trên địa bàn",
        kind="UPDATE",
        register_key=REGISTER,
        owner_org=owner,
        area=root,
        recurrence="MONTHLY",
        due_days=["20"],
        lead_days=15,
        remind_days=[7, 1],
        escalate_days=[1, 5],
        legal_ref="Quy định của tỉnh (minh họa)",
        starts_on=first,
        is_demo=True,
    )
    days = _openings(first, today)
    tasks = [task for day in days for task in stewardship.make_tasks(actor=actor, on=day)]
    stewardship.bulk_record_done(actor=actor, rows=_done(tasks, today))
    stewardship.make_tasks(actor=actor, on=today)
    return len(sets) + len(tasks)


def _openings(first: date, today: date) -> list[date]:
    """A day of each month on which its tasks are open."""
    found: list[date] = []
    day = first
    while day <= today:
        found.append(min(day + timedelta(days=10), today))
        day = (day + timedelta(days=32)).replace(day=1)
    return found


def _done(tasks: list[Any], today: date) -> list[tuple[Any, datetime, str]]:
    """Most tasks as done on their day or some days around it."""
    done = []
    for number, task in enumerate(tasks):
        if number % UNDONE == 0 or task.data_set_id is None:
            continue
        shift = 3 if number % LATE == 0 else -(number % 5)
        on = task.due_on + timedelta(days=shift)
        if on < today:
            at = timezone.make_aware(datetime.combine(on, time(9, number % 60)))
            done.append((task, at, "NO_CHANGE"))
    return done


def load_reminders(actor: Actor) -> int:
    """What people were told by today."""
    sent = stewardship.send_reminders(actor=actor, on=timezone.localdate())
    return sum(sent.values())


def load_change_sets(actor: Actor) -> int:
    """Two sets under way: one waits for its check, one for its approval."""
    people = {user.username: actor_for(user) for user in User.objects.filter(is_demo=True)}
    one = _set(people["xa.caolanh"], "Cập nhật cầu trên địa bàn phường Cao Lãnh (minh họa)", 2)
    two = _set(people["xa.tanphudong"], "Bổ sung năm đưa vào khai thác (minh họa)", 1)
    for made, author in ((one, "xa.caolanh"), (two, "xa.tanphudong")):
        with acting_as(people[author]):
            stewardship.submit_set(actor=people[author], row=made, version=None)
    checker = people["hatang"]
    with acting_as(checker):
        two.refresh_from_db()
        stewardship.check_set(actor=checker, row=two, version=None, reason="Đã đối chiếu hồ sơ.")
    return 2


def _own_rows(author: Actor, count: int) -> tuple[Resource[Any], list[Any]]:
    """Some bridges of the author's commune; an island without bridges has other works."""
    for key in (REGISTER, "assets.culverts", "assets.ferries", "assets.signs"):
        rows = list(resources[key].rows(author, "change").order_by("id")[:count])
        if rows:
            return resources[key], rows
    raise ValueError(f"{author.username}: no works to change")


def _set(author: Actor, title: str, count: int) -> Any:
    """A set of some bridges of the author's commune, each with another year of opening."""
    with acting_as(author):
        resource, rows = _own_rows(author, count)
        made = stewardship.begin_set(actor=author, title=title, area=rows[0].area, is_demo=True)
        proposals = []
        for row in rows:
            blank = ProposalForm(resource, author, row)
            data = {
                name: ",".join(posted_value(field, blank.initial.get(name)))
                for name, field in blank.fields.items()
            }
            year = (row.opened_year or 2000) + 1
            data |= {"opened_year": str(year), "reason": "Theo biên bản nghiệm thu."}
            form = ProposalForm(resource, author, row, data)
            if not form.is_valid():
                raise ValueError(f"{row}: {form.errors}")
            proposals.append(proposed(form))
        stewardship.keep_proposals(actor=author, row=made, proposals=proposals)
    return made


def load_past_scores() -> int:
    """Today's scores as they are, and invented ones of some past days with more faults."""
    today = timezone.localdate()
    with as_system("count faults of the demonstration"):
        kept = sum(
            keep_register(key, count_faults(resources[key]), today, is_demo=True) for key in SCORED
        )
    starts = [today - timedelta(days=days) for days, _tenths in PAST]
    with connection.cursor() as cursor:
        for (_days, tenths), start, end in zip(PAST, starts, [*starts[1:], today], strict=True):
            cursor.execute(
                """INSERT INTO kernel_quality_qualityspan (register, check_name, owner_org_id,
                     area_id, data_class, applicable, faulty, valid_from, valid_to, is_demo)
                   SELECT register, check_name, owner_org_id, area_id, data_class, applicable,
                     least(applicable, (faulty * %s + 9) / 10), %s, %s, true
                   FROM kernel_quality_qualityspan WHERE valid_to IS NULL""",
                [tenths, start, end],
            )
    return kept
