from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sen.kernel.access.scope import AccessRule, Clause, DataClass, Scope
from sen.kernel.live.messages import Audience
from sen.kernel.live.tickets import Ticket, TicketError, TopicGrant, sign, signing_key, verify

KEY = signing_key("s" * 50)

ids = st.none() | st.frozensets(st.integers(1, 6), max_size=4)
clauses = st.builds(Clause, st.integers(0, 3), ids, ids, st.none() | st.integers(1, 3))
audiences = st.builds(
    Audience,
    st.integers(0, 3),
    st.none() | st.integers(1, 6),
    st.none() | st.integers(1, 6),
    st.none() | st.integers(1, 3),
)


def make(*grants: TopicGrant, expires: int = 0) -> Ticket:
    return Ticket(
        expires or int(time.time()) + 60, "session", "http://127.0.0.1:8000", list(grants), 7
    )


@given(st.lists(clauses, max_size=4), audiences)
def test_a_scope_judges_the_same_after_the_way_through_a_ticket(
    given_clauses: list[Clause], audience: Audience
) -> None:
    rule = AccessRule(
        "alarms.alarm", subject_field="subject_id", masks={"owner": DataClass.RESTRICTED}
    )
    scope = Scope(rule, tuple(given_clauses))
    [grant] = verify(sign(make(TopicGrant.of("alarms", scope)), KEY), KEY).topics
    assert grant.scope().allows(audience) == scope.allows(audience)
    assert grant.scope().masked(audience) == scope.masked(audience)


def test_a_forged_damaged_or_old_ticket_is_refused() -> None:
    text = sign(make(), KEY)
    assert verify(text, KEY).actor == 7
    for wrong, reason in (
        ("", "missing"),
        (text[:-4], "invalid"),
        ("A" + text[1:] if text[0] != "A" else "B" + text[1:], "invalid"),
        ("không phải vé", "invalid"),
        ("x" * 20_000, "invalid"),
        (sign(make(), signing_key("khác")), "invalid"),
        (sign(make(expires=1), KEY), "expired"),
    ):
        with pytest.raises(TicketError) as caught:
            verify(wrong, KEY)
        assert caught.value.reason == reason


def test_equal_grants_share_a_group_and_different_ones_do_not() -> None:
    rule = AccessRule("alarms.alarm")
    one = TopicGrant.of("alarms", Scope(rule, (Clause(1, frozenset({2, 1})),)))
    same = TopicGrant.of("alarms", Scope(rule, (Clause(1, frozenset({1, 2})),)))
    other = TopicGrant.of("alarms", Scope(rule, (Clause(2, frozenset({1, 2})),)))
    assert one.digest == same.digest != other.digest
