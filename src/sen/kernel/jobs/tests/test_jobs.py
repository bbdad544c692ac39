from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import current, current_actor
from sen.kernel.access.models import User
from sen.kernel.access.scope import ANONYMOUS, Actor, Entitlement, system
from sen.kernel.errors import ConflictError, InvalidInputError, PermissionDeniedError
from sen.kernel.events import Event, publish
from sen.kernel.events.models import OutboxEvent
from sen.kernel.jobs.context import JobCancelledError, JobContext
from sen.kernel.jobs.definition import Job, job, jobs
from sen.kernel.jobs.execution import MAX_CRASHES, RunFailedError, execute
from sen.kernel.jobs.models import JobRun, JobSchedule
from sen.kernel.jobs.scheduling import enqueue_due, sync_schedules
from sen.kernel.jobs.selectors import counts_by_status, visible_runs
from sen.kernel.jobs.services import cancel_run, enqueue, retry_run
from sen.kernel.jobs.testing import run_queued

pytestmark = pytest.mark.django_db

Declare = Callable[..., Job]


@dataclass(frozen=True, kw_only=True)
class LoadWeighed(Event):
    type = "vn.dongthap.sen.testing.load.weighed.v1"
    load_id: int


@pytest.fixture
def declare() -> Iterator[Declare]:
    """Declare jobs for one test: ``declare(function, retry=1)``."""
    names: list[str] = []

    def make(function: Callable[..., Any], **options: Any) -> Job:
        names.append(f"testing.{function.__name__}")
        return job(name=names[-1], **options)(function)

    yield make
    for name in names:
        jobs.remove(name)


@pytest.fixture
def asker() -> Actor:
    return actor_for(User.objects.create_user("nv.can", full_name="Lê Văn Cân", kind="OFFICIAL"))


def test_a_run_gets_its_arguments_back_and_works_in_the_name_of_the_asker(
    declare: Declare, asker: Actor
) -> None:
    seen: list[object] = []

    def weigh(context: JobContext, *, on_date: date, loads_t: list[Decimal]) -> dict[str, Any]:
        seen.extend([on_date, loads_t, current_actor(), current().reason])
        return {"total": sum(loads_t)}

    weigh_job = declare(weigh, title="Cân tải trọng")
    run = enqueue(weigh_job, actor=asker, on_date=date(2026, 1, 2), loads_t=[Decimal("1.5")] * 2)
    assert run.status == JobRun.Status.QUEUED
    [done] = run_queued()
    assert seen == [date(2026, 1, 2), [Decimal("1.5")] * 2, asker, "Cân tải trọng"]
    assert (done.status, done.result, done.attempts) == ("SUCCEEDED", {"total": "3.0"}, 1)
    assert done.finished_at is not None


def test_nothing_is_queued_by_a_transaction_that_fails(declare: Declare, asker: Actor) -> None:
    def weigh(context: JobContext) -> None: ...

    weigh_job = declare(weigh)
    with transaction.atomic():
        enqueue(weigh_job, actor=asker)
        assert ProcrastinateJob.objects.count() == 1
        transaction.set_rollback(True)
    assert not ProcrastinateJob.objects.exists()
    assert not JobRun.objects.exists()


def test_wrong_arguments_are_refused_when_asking(declare: Declare, asker: Actor) -> None:
    def weigh(context: JobContext, *, load_id: int) -> None: ...

    weigh_job = declare(weigh)
    for wrong in ({}, {"load": 1}, {"load_id": object()}):
        with pytest.raises(TypeError):
            enqueue(weigh_job, actor=asker, **wrong)


def test_a_failure_undoes_what_was_written_and_is_tried_again(
    declare: Declare, asker: Actor
) -> None:
    fails = [True, False]

    def weigh(context: JobContext) -> int:
        publish(LoadWeighed(load_id=context.attempt), key=1)
        if fails.pop(0):
            raise ValueError("cân hỏng")
        return context.attempt

    run = enqueue(declare(weigh, retry=1), actor=asker)
    [run] = run_queued()
    assert (run.status, run.attempts) == ("QUEUED", 1)
    assert "cân hỏng" in run.error
    assert "Traceback" in run.traceback
    assert run.next_try_at is not None
    assert not OutboxEvent.objects.exists()
    execute(run.pk)
    run.refresh_from_db()
    assert (run.status, run.result, run.error) == ("SUCCEEDED", 2, "")
    assert OutboxEvent.objects.count() == 1


def test_the_last_failure_is_final_and_can_be_asked_for_again(
    declare: Declare, asker: Actor
) -> None:
    works: list[bool] = []

    def weigh(context: JobContext) -> None:
        if not works:
            raise ValueError("cân hỏng")

    enqueue(declare(weigh), actor=asker)
    [run] = run_queued()
    assert run.status == "FAILED"
    works.append(True)
    again = retry_run(actor=asker, run=run)
    assert again.queue_job_id != run.queue_job_id
    [run] = run_queued()
    assert (run.status, run.attempts) == ("SUCCEEDED", 1)
    with pytest.raises(ConflictError):
        retry_run(actor=asker, run=run)


def test_an_error_that_a_person_can_mend_is_not_repeated(declare: Declare, asker: Actor) -> None:
    def weigh(context: JobContext) -> None:
        raise InvalidInputError({"file": "Tệp không có cột “ma_cau”."})

    enqueue(declare(weigh, retry=5), actor=asker)
    [run] = run_queued()
    assert (run.status, run.error, run.traceback) == ("FAILED", "Tệp không có cột “ma_cau”.", "")


def test_a_run_that_ended_is_not_done_twice(declare: Declare, asker: Actor) -> None:
    count: list[int] = []

    def weigh(context: JobContext) -> None:
        count.append(1)

    run = enqueue(declare(weigh), actor=asker)
    execute(run.pk)
    execute(run.pk)
    assert count == [1]


def test_a_run_that_kills_its_worker_is_given_up(declare: Declare, asker: Actor) -> None:
    def weigh(context: JobContext) -> None: ...

    run = enqueue(declare(weigh), actor=asker)
    JobRun.objects.filter(pk=run.pk).update(status="RUNNING", crashes=MAX_CRASHES - 1)
    with pytest.raises(RunFailedError, match="bị ngắt 3 lần"):
        execute(run.pk)
    run.refresh_from_db()
    assert run.status == "FAILED"


def test_a_waiting_run_is_cancelled_at_once(declare: Declare, asker: Actor) -> None:
    def weigh(context: JobContext) -> None: ...

    run = cancel_run(actor=asker, run=enqueue(declare(weigh), actor=asker))
    assert run.status == "CANCELLED"
    assert ProcrastinateJob.objects.get(pk=run.queue_job_id).status == "cancelled"
    assert run_queued() == []
    with pytest.raises(ConflictError):
        cancel_run(actor=asker, run=run)


def test_a_running_job_ends_as_cancelled_and_leaves_nothing(declare: Declare, asker: Actor) -> None:
    def weigh(context: JobContext) -> None:
        publish(LoadWeighed(load_id=1), key=1)
        raise JobCancelledError

    enqueue(declare(weigh), actor=asker)
    [run] = run_queued()
    assert run.status == "CANCELLED"
    assert not OutboxEvent.objects.exists()


def test_everyone_sees_their_own_runs_and_some_see_all(declare: Declare, asker: Actor) -> None:
    def weigh(context: JobContext) -> None: ...

    weigh_job = declare(weigh)
    own = enqueue(weigh_job, actor=asker)
    house = enqueue(weigh_job, actor=system("lịch"))
    assert list(visible_runs(asker)) == [own]
    assert not visible_runs(ANONYMOUS).exists()
    watcher = Actor(
        asker.kind, id=-1, entitlements=(Entitlement("r", frozenset({"kernel.jobs.view"}), 1),)
    )
    assert list(visible_runs(watcher)) == [house, own]
    assert counts_by_status(watcher) == {"QUEUED": 2}
    for act in (cancel_run, retry_run):
        with pytest.raises(PermissionDeniedError):
            act(actor=watcher, run=own)


def test_a_run_that_waits_already_is_not_queued_twice(declare: Declare, asker: Actor) -> None:
    def weigh(context: JobContext) -> None: ...

    weigh_job = declare(weigh)
    first = enqueue(weigh_job, actor=asker, once_key="Q1")
    assert enqueue(weigh_job, actor=asker, once_key="Q1") == first
    assert enqueue(weigh_job, actor=asker, once_key="Q2") != first
    execute(first.pk)
    assert enqueue(weigh_job, actor=asker, once_key="Q1") != first


def test_a_run_that_waits_gathers_what_is_asked_meanwhile(declare: Declare, asker: Actor) -> None:
    seen: list[tuple[list[int] | None, list[int] | None]] = []

    def draw(
        context: JobContext, road_ids: list[int] | None = None, asset_ids: list[int] | None = None
    ) -> None:
        seen.append((road_ids, asset_ids))

    draw_job = declare(draw)
    first = enqueue(draw_job, actor=asker, once_key="follow", gather=True, road_ids=[3, 1])
    added: list[dict[str, Any]] = [{"road_ids": [1, 2]}, {"asset_ids": [7]}]
    for more in added:
        assert enqueue(draw_job, actor=asker, once_key="follow", gather=True, **more) == first
    execute(first.pk)
    assert seen == [([3, 1, 2], [7])]
    assert enqueue(draw_job, actor=asker, once_key="follow", gather=True, road_ids=[1]) != first


def test_a_scheduled_job_is_queued_once_when_it_is_due(declare: Declare) -> None:
    def weigh(context: JobContext) -> None:
        assert context.actor.is_system

    weigh_job = declare(weigh, schedule="0 2 * * *")
    sync_schedules()
    JobSchedule.objects.exclude(job=weigh_job.name).delete()
    schedule = JobSchedule.objects.get(job=weigh_job.name)
    assert timezone.localtime(schedule.next_at).hour == 2
    assert enqueue_due() == 0
    JobSchedule.objects.update(next_at=timezone.now() - timedelta(days=3))
    assert (enqueue_due(), enqueue_due()) == (1, 0)
    [run] = run_queued()
    assert (run.status, run.asked_by) == ("SUCCEEDED", None)
    schedule.refresh_from_db()
    assert schedule.last_run == run
    assert schedule.next_at > timezone.now()


def test_a_schedule_is_in_the_time_of_the_province(declare: Declare) -> None:
    def weigh(context: JobContext) -> None: ...

    weigh_job = declare(weigh, schedule="30 6 * * 1")
    after = datetime(2026, 11, 22, 23, 0, tzinfo=UTC).timestamp()
    assert datetime.fromtimestamp(weigh_job.next_time(after), UTC) == datetime(
        2026, 11, 22, 23, 30, tzinfo=UTC
    )


def test_a_malformed_job_is_refused_when_it_is_declared(declare: Declare) -> None:
    def weigh(context: JobContext) -> None: ...

    with pytest.raises(ValueError, match="cron"):
        declare(weigh, schedule="every day")
    with pytest.raises(ValueError, match="expected"):
        job(name="weigh")(weigh)


def test_what_the_kernel_does_every_night_works(asker: Actor) -> None:
    old = enqueue(jobs["kernel.prune_runs"], actor=asker)
    JobRun.objects.filter(pk=old.pk).update(
        status="SUCCEEDED", finished_at=timezone.now() - timedelta(days=100)
    )
    nightly = [job for job in jobs if job.name.startswith("kernel.") and job.schedule]
    for one in nightly:
        enqueue(one, actor=system("lịch"))
    runs = run_queued()
    assert {(run.status, run.error) for run in runs} == {("SUCCEEDED", "")}
    assert len(runs) == len(nightly) >= 2
    assert not JobRun.objects.filter(pk=old.pk).exists()
