"""The sources of money that the platform ships; one that exists is never overwritten."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

from sen.domains.projects.models import Source
from sen.domains.projects.services import put_source
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.access.services import put_node
from sen.kernel.seeds import seed

FILE: Final = Path(__file__).with_name("seed") / "sources.toml"


@seed("projects")
def seed_sources(actor: Actor) -> int:
    """Enter the sources that are not there yet; they belong to the state, like the law."""
    state = Organisation.objects.filter(code="NN").first() or put_node(
        Organisation, code="NN", name="Văn bản quy phạm pháp luật", kind="STATE"
    )
    country = Area.objects.filter(code="VN").first() or put_node(
        Area, code="VN", name="Việt Nam", kind="COUNTRY"
    )
    known = set(Source.objects.values_list("code", flat=True))
    said = tomllib.loads(FILE.read_text(encoding="utf-8"))
    new = {code: values for code, values in said.items() if code not in known}
    for code, values in new.items():
        put_source(actor=actor, code=code, owner_org=state, area=country, **values)
    return len(new)
