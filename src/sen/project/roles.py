"""The roles with which an installation starts; data in ``roles.toml`` beside this module."""

from __future__ import annotations

import tomllib
from pathlib import Path

from sen.kernel.access.models import Role
from sen.kernel.access.services import put_role

FILE = Path(__file__).with_name("roles.toml")


def seed_roles() -> list[str]:
    """Create the roles that do not exist yet; returns their codes."""
    said = tomllib.loads(FILE.read_text(encoding="utf-8"))
    known = set(Role.objects.values_list("code", flat=True))
    made = [code for code in said if code not in known]
    for code in made:
        role = said[code]
        put_role(
            code=code,
            name_vi=role["name_vi"],
            name_en=role["name_en"],
            permissions=role["permissions"],
            clearance=role["clearance"],
            needs_mfa=role.get("needs_mfa", True),
        )
    return made
