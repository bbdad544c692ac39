"""Change-sets over a register that knows nothing of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from sen.domains.stewardship import services
from sen.domains.stewardship.choices import Stage
from sen.domains.stewardship.models import ChangeItem, ChangeSet
from sen.domains.stewardship.selectors import items_of
from sen.domains.stewardship.tests.conftest import People, update_thing
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.audit.history import versions
from sen.kernel.errors import InvalidInputError, PermissionDeniedError
from sen.kernel.notices.models import Notice
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House
from sen.kernel.web.register.proposing import Proposal, ProposalForm, proposed, proposed_deletion
from sen.kernel.web.register.resource import Resource


def propose(resource: Resource[Thing], actor: Actor, row: Thing | None, **values: str) -> Proposal:
    """What the form page would hand over."""
    data = dict(values)
    if row is not None:
        blank = ProposalForm(resource, actor, row)
        for name, field in blank.fields.items():
            value = field.prepare_value(blank.initial.get(name))
            data.setdefault(name, "" if value is None else str(getattr(value, "pk", value)))
    form = ProposalForm(resource, actor, row, data)
    assert form.is_valid(), form.errors
    return proposed(form)


def drafted(people: People, *proposals: Proposal) -> ChangeSet:
    row = services.begin_set(actor=people.author, title="Bộ thử")
    return services.keep_proposals(actor=people.author, row=row, proposals=proposals)


def fresh(row: Any) -> Any:
    with as_system("read anew"):
        return type(row).objects.get(pk=row.pk)


def carried_through(people: People, row: ChangeSet) -> ChangeSet:
    with acting_as(people.author):
        services.submit_set(actor=people.author, row=fresh(row), version=None)
    with acting_as(people.checker):
        services.check_set(actor=people.checker, row=fresh(row), version=None)
    with acting_as(people.approver):
        services.approve_set(actor=people.approver, row=fresh(row), version=None)
    found: ChangeSet = fresh(row)
    return found


def test_made_changed_and_ended_records_are_written_together_and_undone_by_a_reverse_set(
    house: House, people: People, things: Resource[Thing]
) -> None:
    kept = house.thing("V-1", name="Cũ", length_m=Decimal("12.50"))
    ended = house.thing("V-2", name="Sẽ bỏ", opened_on=date(2020, 5, 1))
    with acting_as(people.author):
        row = drafted(
            people,
            propose(things, people.author, kept, name="Mới", length_m="13.75"),
            proposed_deletion(things, people.author, ended, "không còn"),
            propose(
                things,
                people.author,
                None,
                code="V-3",
                name="Thêm",
                length_m="4.5",
                owner_org=str(house.roads.pk),
                area=str(house.east.pk),
            ),
        )
        assert fresh(kept).name == "Cũ", "a draft writes nothing"
        shown = items_of(row, people.author)
        assert [entry["after"] for entry in shown[0].rows] == ["Mới", "13,75"]
    done = carried_through(people, row)
    assert done.status == Stage.APPLIED
    assert (fresh(kept).name, fresh(kept).length_m) == ("Mới", Decimal("13.75"))
    with as_system("look"):
        assert set(Thing.objects.values_list("code", flat=True)) == {"V-1", "V-3"}
    with acting_as(people.checker):
        newest = versions(fresh(kept), people.checker)[0]
    assert done.code in newest.reason
    assert newest.by_id == people.approver.id

    with acting_as(people.author):
        back = services.reverse_set(actor=people.author, row=done)
    assert carried_through(people, back).status == Stage.APPLIED
    assert (fresh(kept).name, fresh(kept).length_m) == ("Cũ", Decimal("12.50"))
    with as_system("look"):
        again = dict(Thing.objects.values_list("code", "opened_on"))
    assert again == {"V-1": None, "V-2": date(2020, 5, 1)}
    assert fresh(done).status == Stage.REVERSED


def test_nobody_decides_on_what_they_wrote_or_checked(
    house: House, people: People, things: Resource[Thing]
) -> None:
    thing = house.thing("V-1", name="Cũ")
    both = ("stewardship.changeset.check", "stewardship.changeset.approve")
    everything = _with(people.author, *both)
    with acting_as(everything):
        row = drafted(people, propose(things, people.author, thing, name="Mới"))
        services.submit_set(actor=everything, row=row, version=None)
        with pytest.raises(PermissionDeniedError, match="không tự kiểm tra"):
            services.check_set(actor=everything, row=fresh(row), version=None)
    checker = _with(people.checker, *both)
    with acting_as(checker):
        services.check_set(actor=checker, row=fresh(row), version=None)
        with pytest.raises(PermissionDeniedError, match="không đồng thời duyệt"):
            services.approve_set(actor=checker, row=fresh(row), version=None)
    assert fresh(thing).name == "Cũ"


def _with(actor: Actor, *permissions: str) -> Actor:
    from dataclasses import replace

    held = actor.entitlements[0]
    more = replace(held, permissions=held.permissions | set(permissions))
    return replace(actor, entitlements=(more,))


def test_neither_checker_nor_approver_with_the_right_to_write_means_nothing_is_written(
    house: House, people: People, things: Resource[Thing]
) -> None:
    thing = house.thing("V-1", name="Cũ")
    with acting_as(people.author):
        row = drafted(people, propose(things, people.author, thing, name="Mới"))
        services.submit_set(actor=people.author, row=row, version=None)
    with as_system("a checker without the right"):
        row = ChangeSet.objects.get(pk=row.pk)
        row.status, row.checked_by_id = Stage.APPROVING.value, people.stranger.id
        row.save()
    with (
        acting_as(people.approver),
        pytest.raises(services.ItemsRefusedError, match="không có quyền"),
    ):
        services.approve_set(actor=people.approver, row=fresh(row), version=None)
    assert fresh(thing).name == "Cũ"


def test_one_wrong_change_stops_all_and_a_record_changed_meanwhile_is_a_conflict(
    house: House, people: People, things: Resource[Thing]
) -> None:
    good, moved = house.thing("V-1", name="Một"), house.thing("V-2", name="Hai")
    with acting_as(people.author):
        wrong = drafted(people, propose(things, people.author, good, name="X sai"))
        with pytest.raises(services.ItemsRefusedError, match="bắt đầu bằng X"):
            services.submit_set(actor=people.author, row=wrong, version=None)
        row = drafted(
            people,
            propose(things, people.author, good, name="Một mới"),
            propose(things, people.author, moved, name="Hai mới"),
        )
        services.submit_set(actor=people.author, row=row, version=None)
    with acting_as(people.checker):
        services.check_set(actor=people.checker, row=fresh(row), version=None)
        update_thing(actor=people.checker, row=fresh(moved), version=None, length_m=Decimal(7))
    with acting_as(people.approver):
        with pytest.raises(services.ItemsRefusedError, match="chiều dài") as refused:
            services.approve_set(actor=people.approver, row=fresh(row), version=None)
        services.note_problems(row, refused.value.problems)
        services.refuse_approving(
            actor=people.approver, row=fresh(row), version=None, reason="Xem lại vật thứ hai"
        )
    assert fresh(good).name == "Một", "all or nothing"
    with acting_as(people.author):
        stale = [item for item in items_of(fresh(row), people.author) if item.is_stale]
        assert [item.item.label for item in stale] == ["V-2"]
        assert stale[0].item.problem
        services.renew_item(actor=people.author, row=fresh(row), item=stale[0].item)
    assert carried_through(people, row).status == Stage.APPLIED
    assert (fresh(moved).name, fresh(moved).length_m) == ("Hai mới", Decimal(7)), "both changes"
    told = Notice.objects.filter(user_id=people.users["author"].pk).values_list("title", flat=True)
    assert any("Được trả lại" in title for title in told)


def test_only_who_may_see_a_record_sees_its_change_and_masks_hold(
    house: House, people: People, things: Resource[Thing]
) -> None:
    secret = house.thing("V-1", name="Kín", data_class=DataClass.RESTRICTED.value, phone="0901")
    cleared = _cleared(people.checker)
    with acting_as(cleared):
        row = services.begin_set(actor=cleared, title="Bộ kín", owner_org=house.roads)
        change = propose(things, cleared, secret, name="Kín hơn", phone="0902")
        services.keep_proposals(actor=cleared, row=row, proposals=[change])
        assert {entry["name"] for entry in items_of(row, cleared)[0].rows} == {"name", "phone"}
    for actor in (people.stranger, _lower(people.approver)):
        with acting_as(actor):
            assert items_of(row, actor) == []
            assert not ChangeItem.objects.visible_to(actor).exists()


def _cleared(actor: Actor) -> Actor:
    return _with(actor, "stewardship.changeset.add")


def _lower(actor: Actor) -> Actor:
    from dataclasses import replace

    held = replace(actor.entitlements[0], clearance=int(DataClass.INTERNAL))
    return replace(actor, entitlements=(held,))


def test_forms_offer_to_propose_to_those_who_may_not_write(
    house: House, people: People, things: Resource[Thing]
) -> None:
    thing = house.thing("V-1", name="Cũ", length_m=Decimal("2.5"))
    client = Client()
    client.force_login(people.users["author"])
    page = client.get(f"/ql/guarded/things/{thing.pk}/").content.decode()
    assert "Đề nghị sửa" in page
    assert "Đề nghị xóa" in page
    edit = f"/ql/guarded/things/{thing.pk}/sua/"
    form = client.get(edit).content.decode()
    assert "Lưu vào bộ thay đổi" in form
    assert 'type="submit">' not in form.split("form-actions")[1].split("</form>")[0]
    data = {"code": "V-1", "name": "Đề nghị", "length_m": "2.5", "opened_on": "", "phone": ""}
    data |= {"owner_org": str(house.roads.pk), "area": str(house.east.pk), "version": "1"}
    answer = client.post(edit, data)  # without the button: still only proposed
    assert answer.status_code == 302
    assert "/ql/stewardship/change-sets/" in answer["Location"]
    assert fresh(thing).name == "Cũ"
    with as_system("look"):
        item = ChangeItem.objects.get()
    assert item.values == {"name": ["Đề nghị"]}, "only what differs"
    page = client.get(f"/ql/guarded/things/{thing.pk}/").content.decode()
    assert "Thay đổi đang chờ duyệt" in page
    nothing = client.post(edit, data | {"name": "Cũ"})
    assert nothing.status_code == 422
    assert "chưa thay đổi trường nào" in nothing.content.decode()


def test_a_reason_is_asked_for_when_a_set_is_sent_back(
    house: House, people: People, things: Resource[Thing]
) -> None:
    thing = house.thing("V-1", name="Cũ")
    with acting_as(people.author):
        row = drafted(people, propose(things, people.author, thing, name="Mới"))
        services.submit_set(actor=people.author, row=row, version=None)
    with acting_as(people.checker):
        with pytest.raises(InvalidInputError):
            services.refuse_checking(actor=people.checker, row=fresh(row), version=None, reason=" ")
        services.refuse_checking(
            actor=people.checker, row=fresh(row), version=None, reason="Thiếu căn cứ"
        )
    assert fresh(row).status == Stage.DRAFT
