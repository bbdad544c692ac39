from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
from django.utils.timezone import now
from hypothesis import given
from hypothesis import strategies as st

from sen.domains.norms import ports, services
from sen.domains.norms.data import Row
from sen.domains.norms.models import (
    Document,
    DocumentLink,
    DraftTable,
    Norm,
    NormCase,
    NormDraft,
    NormVersion,
)
from sen.domains.norms.ports import Affected, Change, Effect, RuleUse, UseKind
from sen.domains.norms.rules import Difference, Span, compare_tables, pieces_of
from sen.domains.norms.selectors import (
    differences,
    effects_on,
    ruling,
    run_cases,
    timeline,
    version_on,
)
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import User
from sen.kernel.access.scope import Actor
from sen.kernel.audit.models import AuditEntry
from sen.kernel.errors import ConflictError, InvalidInputError, PermissionDeniedError
from sen.kernel.events.models import OutboxEvent
from sen.kernel.testing.house import official

FROM = date(2027, 7, 1)


@pytest.fixture(scope="module", autouse=True)
def _shipped_rules(database_with: Callable[[str], AbstractContextManager[None]]) -> Iterator[None]:
    with database_with("norms"):
        yield


@pytest.fixture(autouse=True)
def _stored(db: None) -> None:
    """Every test here writes."""


def person(name: str, *permissions: str) -> Actor:
    user = User.objects.create_user(name, "Mot-mat-khau-dai-2030", full_name=name.title())
    return official("norms.*.view", *permissions, user=user)


@pytest.fixture
def author() -> Actor:
    return person("tac.gia", "norms.draft.*", "norms.document.*", "norms.case.*")


@pytest.fixture
def leader() -> Actor:
    return person("lanh.dao", "norms.draft.*")


@pytest.fixture
def draft(author: Actor) -> NormDraft:
    with acting_as(author):
        new = services.create_document(
            actor=author,
            number="95/2027/NĐ-CP",
            name="Thay thế Nghị định 165/2024/NĐ-CP",
            effective_from=FROM,
        )
        old = Document.base.get(code="nd-165-2024")
        return services.create_draft(
            actor=author, title="Thay NĐ 165", act="REPLACE", document=new, target=old
        )


def table_of(draft: NormDraft, code: str, actor: Actor) -> DraftTable:
    with acting_as(actor):
        return DraftTable.objects.visible_to(actor).get(draft=draft, norm__code=code)


def widen(author: Actor, draft: NormDraft, *, value: int = 200, start: date = FROM) -> DraftTable:
    """The first band of bridges becomes wider; the other tables get their clause."""
    with acting_as(author):
        for table in DraftTable.objects.visible_to(author).filter(draft=draft):
            rows = [dict(row) for row in table.rows]
            if table.norm.code == "corridor.bridge":
                rows[0] = rows[0] | {"value": value}
            services.write_table(
                actor=author,
                table=table,
                version=table.version,
                rows=rows,
                legal_ref="Điều 15",
                effective_from=start,
            )
    return table_of(draft, "corridor.bridge", author)


def change_failing(author: Actor, draft: NormDraft, table: DraftTable) -> None:
    with acting_as(author):
        for run in run_cases(table):
            if not run.passes and run.case:
                services.change_case(
                    actor=author,
                    draft=draft,
                    case=run.case,
                    expected=run.actual,
                    reason="Điều 15 của Nghị định mới nới rộng",
                )


def submit(author: Actor, draft: NormDraft) -> NormDraft:
    with acting_as(author):
        draft.refresh_from_db()
        return services.submit_draft(actor=author, row=draft, version=draft.version)


def publish(actor: Actor, draft: NormDraft, reason: str = "") -> NormDraft:
    with acting_as(actor):
        row = NormDraft.objects.visible_to(actor).get(pk=draft.pk)
        return services.publish_draft(actor=actor, row=row, version=row.version, reason=reason)


def bridge_m(on: date, length_m: float = 400) -> Any:
    with as_system("ask"):
        return ruling("corridor.bridge", on=on, length_m=length_m).value


def test_replacing_a_document_takes_in_every_table_that_rests_on_it(
    draft: NormDraft, author: Actor
) -> None:
    with acting_as(author):
        codes = set(
            DraftTable.objects.visible_to(author)
            .filter(draft=draft)
            .values_list("norm__code", flat=True)
        )
        assert draft.document.code == "nd-95-2027"
    assert codes == {
        f"corridor.{name}" for name in ("bridge", "bridge-ends", "other", "road", "strip")
    }


def test_a_draft_changes_nothing_until_another_person_publishes_it(
    draft: NormDraft, author: Actor, leader: Actor
) -> None:
    table = widen(author, draft)
    change_failing(author, draft, table)
    submit(author, draft)
    assert bridge_m(FROM) == 150
    with pytest.raises(PermissionDeniedError, match="Người soạn không tự công bố"):
        publish(author, draft)
    publish(leader, draft)
    assert bridge_m(FROM) == 200
    assert bridge_m(date(2027, 6, 30)) == 150
    with as_system("look"):
        old = Document.base.get(code="nd-165-2024")
        assert old.effective_to == FROM
        assert DocumentLink.objects.get(target=old).act == "REPLACE"
        acts = set(
            AuditEntry.objects.filter(resource="norms.draft").values_list("act", "actor_name")
        )
        assert ("norms.draft.write_table", "tac.gia") in acts
        assert ("norms.draft.publish", "lanh.dao") in acts
        sent = OutboxEvent.objects.values_list("type", flat=True)
        assert "vn.dongthap.sen.norms.version.published.v1" in sent
        assert "vn.dongthap.sen.norms.draft.published.v1" in sent


def test_publication_is_refused_while_a_test_fails_without_a_reason(
    draft: NormDraft, author: Actor, leader: Actor
) -> None:
    table = widen(author, draft)
    submit(author, draft)
    with pytest.raises(InvalidInputError, match="1 ca kiểm thử"):
        publish(leader, draft)
    with acting_as(leader):
        row = NormDraft.objects.visible_to(leader).get(pk=draft.pk)
        services.refuse_draft(
            actor=leader, row=row, version=row.version, reason="còn một ca kiểm thử chưa đạt"
        )
    with acting_as(author):
        case = next(run.case for run in run_cases(table) if not run.passes)
        assert case is not None
        with pytest.raises(InvalidInputError, match="ít nhất 10 ký tự"):
            services.change_case(actor=author, draft=draft, case=case, expected=200, reason="ờ")
    change_failing(author, draft, table)
    submit(author, draft)
    publish(leader, draft)
    with as_system("look"):
        tests = NormCase.objects.filter(norm__code="corridor.bridge", inputs={"length_m": 300.5})
        assert [(case.expected, case.effective_to) for case in tests.order_by("pk")] == [
            (150, FROM),
            (200, None),
        ]


def test_a_day_in_the_past_needs_a_reason_and_what_was_known_stays_known(
    draft: NormDraft, author: Actor, leader: Actor
) -> None:
    before = now()
    past = date(2026, 1, 1)
    table = widen(author, draft, start=past)
    change_failing(author, draft, table)
    submit(author, draft)
    with pytest.raises(InvalidInputError, match="hồi tố"):
        publish(leader, draft)
    publish(leader, draft, "đính chính theo Công báo số 12")
    assert bridge_m(past) == 200
    assert bridge_m(date(2025, 12, 31)) == 150
    with as_system("look"):
        assert version_on("corridor.bridge", past, known_at=before).rows[0]["value"] == 150
        old = NormVersion.objects.get(norm__code="corridor.bridge", superseded_at__isnull=False)
        assert (old.effective_to, old.superseded_why) == (None, "đính chính theo Công báo số 12")


def test_a_publication_taken_back_leaves_the_rules_as_they_were(
    draft: NormDraft, author: Actor, leader: Actor
) -> None:
    with as_system("look"):
        rule = Norm.objects.get(code="corridor.bridge")
        was = list(
            NormVersion.objects.filter(norm=rule).values("effective_from", "effective_to", "rows")
        )
    table = widen(author, draft)
    change_failing(author, draft, table)
    submit(author, draft)
    publish(leader, draft)
    with acting_as(author):
        row = NormDraft.objects.visible_to(author).get(pk=draft.pk)
        with pytest.raises(PermissionDeniedError):
            services.revoke_draft(
                actor=author, row=row, version=None, reason="văn bản bị hoãn thi hành"
            )
    with acting_as(leader):
        row = NormDraft.objects.visible_to(leader).get(pk=draft.pk)
        services.revoke_draft(
            actor=leader, row=row, version=None, reason="văn bản bị hoãn thi hành"
        )
    with as_system("look"):
        rows = NormVersion.objects.filter(norm=rule, superseded_at=None)
        assert list(rows.values("effective_from", "effective_to", "rows")) == was
        assert Document.objects.get(code="nd-165-2024").effective_to is None
        assert not NormCase.objects.filter(norm=rule, expected=200).exists()
        assert NormCase.objects.filter(norm=rule, effective_to=None).count() == 6
    assert bridge_m(FROM) == 150


def test_a_draft_that_rests_on_an_outdated_version_is_compared_again(
    draft: NormDraft, author: Actor, leader: Actor
) -> None:
    table = widen(author, draft, value=180)
    change_failing(author, draft, table)
    submit(author, draft)
    other = person("nguoi.khac", "norms.draft.*", "norms.document.*")
    with acting_as(other):
        second = services.create_draft(
            actor=other,
            title="Đính chính bề rộng",
            act="CORRECT",
            document=Document.base.get(code="nd-165-2024"),
            effective_from=date(2027, 1, 1),
        )
        services.take_in_norm(actor=other, draft=second, norm=Norm.base.get(code="corridor.bridge"))
    submit(other, second)
    publish(leader, second)
    with pytest.raises(ConflictError, match="đã có phiên bản khác"):
        publish(leader, draft)


def test_what_rests_on_a_rule_is_counted_before_and_after(
    draft: NormDraft, author: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = {"Cầu A": 400.0, "Cầu B": 250.0}

    def reckon(_actor: Actor, change: Change) -> Effect:
        said = {
            name: (change.before({"length_m": m}), change.after({"length_m": m}))
            for name, m in lengths.items()
        }
        rows = [Affected(n, "", f"{a} m", f"{b} m") for n, (a, b) in said.items() if a != b]
        return Effect(len(said), len(rows), tuple(rows))

    use = RuleUse(
        name="t.bridges",
        norms=("corridor.bridge",),
        title="Cầu",
        kind=UseKind.ASSET,
        reckon=reckon,
    )
    ports.rests_on(use)
    try:
        table = widen(author, draft)
        with acting_as(author):
            on_day = {e.use.name: e.effect for e in effects_on(author, table, FROM)}["t.bridges"]
            before = {e.use.name: e.effect for e in effects_on(author, table, date(2027, 6, 30))}
    finally:
        ports.uses.remove("t.bridges")
    assert on_day == Effect(2, 1, (Affected("Cầu A", "", "150 m", "200 m"),))
    assert before["t.bridges"] == Effect(2, 0)


def test_differences_and_effect_by_date_are_shown_row_by_row(
    draft: NormDraft, author: Actor
) -> None:
    table = widen(author, draft)
    with acting_as(author):
        kinds = [item.kind for item in differences(table)]
        pieces = [(p.span.start, p.span.end, p.is_drafted) for p in timeline(table)]
    assert kinds == [Difference.VALUE, *[Difference.SAME] * 3]
    assert pieces == [(date(2025, 1, 1), FROM, False), (FROM, None, True)]


def test_a_version_is_verified_only_with_its_source(author: Actor) -> None:
    checker = person("doi.chieu", "norms.version.change")
    with acting_as(checker):
        row = NormVersion.objects.visible_to(checker).get(norm__code="corridor.bridge")
        with pytest.raises(InvalidInputError, match="nguồn"):
            services.verify_version(
                actor=checker, row=row, version=row.version, verification="VERIFIED"
            )
        done = services.verify_version(
            actor=checker,
            row=row,
            version=row.version,
            verification="VERIFIED",
            source="Công báo 1445+1446/2024, trang 12",
        )
        assert (done.verified_by, done.source) == ("Doi.Chieu", "Công báo 1445+1446/2024, trang 12")


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    names = draw(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6))
    return [Row({"k": name}, draw(st.integers(0, 3))) for name in names]


@given(tables(), tables())
def test_a_comparison_names_every_row_of_both_tables_once(old: list[Row], new: list[Row]) -> None:
    found = compare_tables(old, new)
    assert [item.new for item in found if item.new] == new
    assert sorted(str(i.old) for i in found if i.old) == sorted(map(str, old))
    assert all(i.kind is Difference.SAME for i in compare_tables(old, old))
    assert any(i.is_changed for i in found) == (old != new)


days = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@given(st.lists(st.tuples(days, st.none() | days), max_size=5), days)
def test_pieces_of_time_neither_overlap_nor_leave_a_day_out(
    said: list[tuple[date, date | None]], day: date
) -> None:
    spans = [Span(a, b) for a, b in said if b is None or a < b]
    covering = [p for p in pieces_of(spans) if p.start <= day and (p.end is None or day < p.end)]
    inside = any(s.start <= day and (s.end is None or day < s.end) for s in spans)
    assert len(covering) == int(inside)
