from __future__ import annotations

import pytest

from sen.kernel.access.actors import actor_for
from sen.kernel.access.models import Area, Organisation, User
from sen.kernel.access.services import grant_role, put_node, put_role, revoke_role

pytestmark = pytest.mark.django_db


def test_a_grant_reaches_the_subtree_and_ends_when_it_is_revoked() -> None:
    province = put_node(Organisation, code="T-UBND", name="UBND tỉnh", kind="PROVINCE")
    department = put_node(
        Organisation, code="T-SXD", name="Sở Xây dựng", kind="DEPARTMENT", parent=province
    )
    division = put_node(
        Organisation, code="T-KCHT", name="Phòng", kind="DIVISION", parent=department
    )
    area = put_node(Area, code="T-82", name="Đồng Tháp", kind="PROVINCE")
    role = put_role(code="t", name_vi="t", name_en="t", permissions=["places.*.view"], clearance=1)
    user = User.objects.create_user("t-user", full_name="Trần Thị T", kind="OFFICIAL")
    grant = grant_role(user=user, role=role, organisation=department, area=area)

    actor = actor_for(user)
    assert actor.may("places.commune.view")
    assert not actor.may("places.commune.change")
    assert actor.entitlements[0].orgs == frozenset({department.pk, division.pk})

    revoke_role(grant=grant)
    user.refresh_from_db()
    assert not actor_for(user).may("places.commune.view")
