"""Organisations, places, accounts: who is there."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sen.demo.model import Account, Province
from sen.kernel.access.models import Area, Organisation, Role, User
from sen.kernel.access.services import grant_role, put_node

KINDS: Final = {
    "province": Organisation.Kind.PROVINCE,
    "department": Organisation.Kind.DEPARTMENT,
    "division": Organisation.Kind.DIVISION,
    "unit": Organisation.Kind.DIVISION,
    "commune": Organisation.Kind.COMMUNE,
    "partner": Organisation.Kind.PARTNER,
}


@dataclass(frozen=True, slots=True)
class Ground:
    """What everything else hangs on: nodes by code."""

    organisations: dict[str, Organisation]
    areas: dict[str, Area]
    province: Area

    def org(self, code: str) -> Organisation:
        return self.organisations[code]

    def area(self, commune_code: str) -> Area:
        """The place of a commune; the whole province where the code is empty."""
        return self.areas.get(commune_code, self.province)


def load_ground(data: Province) -> Ground:
    """The two trees of rights."""
    province = put_node(Area, code=data.code, name=data.name, kind=Area.Kind.PROVINCE, is_demo=True)
    areas = {
        commune.code: put_node(
            Area,
            code=commune.code,
            name=commune.full_name,
            kind=Area.Kind.WARD if commune.kind == "phường" else Area.Kind.COMMUNE,
            parent=province,
            is_demo=True,
        )
        for commune in data.communes
    }
    organisations: dict[str, Organisation] = {}
    for item in data.organisations:
        organisations[item.code] = put_node(
            Organisation,
            code=item.code,
            name=item.name,
            kind=KINDS.get(item.kind, Organisation.Kind.FIRM),
            parent=organisations.get(item.parent),
            is_demo=True,
        )
    return Ground(organisations, areas, province)


def load_accounts(data: Province, ground: Ground, file: Path) -> int:
    """The demonstration accounts, each with a random password that only ``file`` knows."""
    said = [_account(item, ground) for item in data.accounts]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")
    return len(said)


def _account(item: Account, ground: Ground) -> dict[str, str]:
    password = password_for_demo()
    organisation = ground.organisations.get(item.organisation)
    user = User.objects.create_user(
        item.username,
        password,
        full_name=item.full_name,
        kind=item.actor.upper(),
        organisation=organisation,
        is_demo=True,
    )
    role = Role.objects.get(code=item.role)
    grant_role(user=user, role=role, area=ground.areas.get(item.place))
    return {
        "username": item.username,
        "password": password,
        "name": item.full_name,
        "role": f"{role.name_vi} — {item.title}",
    }


def password_for_demo() -> str:
    """Long enough for an account without a second factor, and easy to type."""
    syllables = (
        "sen",
        "tram",
        "cau",
        "pha",
        "song",
        "kenh",
        "lua",
        "dua",
        "xoai",
        "cam",
        "sep",
        "tau",
    )
    words = [secrets.choice(syllables) for _n in range(4)]
    return "-".join([*words, f"{secrets.randbelow(9000) + 1000}"])
