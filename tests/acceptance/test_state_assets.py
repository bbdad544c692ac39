"""The books of state assets and the inventory, over the demonstration province."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from sen.domains.inventory import api as inventory
from sen.domains.projects import api as projects
from sen.domains.projects.models import Work
from sen.domains.stateassets import api as stateassets
from sen.domains.stateassets.reports import FORMS, lines_at, summed
from sen.kernel.access.context import as_system
from sen.kernel.access.models import User
from sen.kernel.events.relay import deliver_pending
from tests.conftest import Demo

pytestmark = pytest.mark.acceptance


def client_of(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def test_forms_hold_every_card_and_add_up(demo: Demo) -> None:
    with as_system("the books") as actor:
        rows = stateassets.cards(actor)
        whole = summed(lines_at(actor, 2025, rows)).totals
        live = stateassets.totals(rows.exclude(status="PROPOSED"))
        parts = [
            summed(
                lines_at(actor, 2025, rows.filter(kind__in=[k.value for k in form.kinds]))
            ).totals
            for form in FORMS.values()
            if form.kinds
        ]
        assert whole.cards > 200
        assert whole.cards == sum(part.cards for part in parts) == live.cards
        assert whole.residual_vnd == sum(part.residual_vnd for part in parts)
    client = client_of("hatang")
    for code in FORMS:
        page = client.get(f"/ql/stateassets/bieu-mau/?form={code}&year=2026")
        assert page.status_code == 200
        assert "cần xác minh" in page.content.decode()
        sheet = client.get(f"/ql/stateassets/bieu-mau/?form={code}&year=2026&format=xlsx")
        assert sheet.content[:2] == b"PK"


def test_a_finished_work_proposes_a_card_with_its_cost(demo: Demo) -> None:
    with as_system("a work that became an asset") as actor, transaction.atomic():
        work = Work.objects.filter(status="ACCEPTED", asset_type="bridge", action="NEW").first()
        assert work is not None
        assert work.value_vnd
        projects.hand_over_works(
            actor=actor,
            project=work.project,
            works=[work],
            receiver=work.owner_org,
            on=timezone.localdate(),
        )
        deliver_pending()
        work.refresh_from_db()
        card = stateassets.cards_of_asset(actor, work.asset_id or 0).get()
        assert (card.status, card.original_vnd) == ("PROPOSED", work.value_vnd)
        transaction.set_rollback(True)


def test_the_campaign_runs_with_records_and_contradictions(demo: Demo) -> None:
    with as_system("the campaign") as actor:
        campaign = inventory.campaigns(actor).get(code="KK-2026")
        lines = inventory.progress(actor, campaign)
        assert sum(line.total for line in lines) > 20
        assert sum(line.conflicts for line in lines) == 2
        assert {line.team for line in lines} == {"Tổ phường Cao Lãnh", "Tổ xã Tân Phú Đông"}
    said = client_of("xa.caolanh").get("/ql/inventory/hien-truong/du-lieu.json").json()
    assert [found["team"] for found in said["rounds"]] == ["Tổ phường Cao Lãnh"]
    assert all(item["values"] for item in said["rounds"][0]["items"])
    report = client_of("hatang").get(f"/ql/inventory/campaigns/{campaign.pk}/chenh-lech.xlsx")
    assert report.content[:2] == b"PK"
