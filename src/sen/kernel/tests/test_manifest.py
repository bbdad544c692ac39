from __future__ import annotations

from pathlib import Path

import pytest

from sen.kernel.manifest import ManifestError, discover, in_order, parse_manifest

GOOD = """
code = "roads"
tier = 1
depends_on = ["places"]
name_vi = "Đường bộ"
name_en = "Roads"
owner = "Sở Xây dựng"
personal_data = false
security_level = 3
"""


def write(folder: Path, code: str, text: str) -> Path:
    path = folder / code / "manifest.toml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


def domain(code: str, tier: int, *depends_on: str) -> str:
    listed = ", ".join(f'"{name}"' for name in depends_on)
    text = GOOD.replace('"roads"', f'"{code}"').replace("tier = 1", f"tier = {tier}")
    return text.replace('["places"]', f"[{listed}]")


def test_a_manifest_is_read_with_its_defaults(tmp_path: Path) -> None:
    manifest = parse_manifest(write(tmp_path, "roads", GOOD))
    assert manifest.package == "sen.domains.roads"
    assert manifest.depends_on == ("places",)
    assert (manifest.icon, manifest.menu_order, manifest.legal) == ("layers", 100, ())
    assert manifest.path == tmp_path / "roads"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("tier = 1", "tier ="), "not valid TOML"),
        (("tier = 1", "tyre = 1"), "unknown keys"),
        (("tier = 1", ""), "missing keys"),
        (("tier = 1", 'tier = "1"'), "tier must be int"),
        (("tier = 1", "tier = true"), "tier must be int"),
        (("tier = 1", "tier = 7"), "is none of"),
        (('["places"]', '"places"'), "depends_on must be a list of texts"),
        (('["places"]', "[1]"), "depends_on must be a list of texts"),
        (("personal_data = false", 'personal_data = "no"'), "personal_data must be bool"),
        (("security_level = 3", "security_level = 6"), "security_level is 1 to 5"),
        (('code = "roads"', 'code = "road"'), "must be the name of its folder"),
        (('"Đường bộ"', "3"), "name_vi must be str"),
    ],
)
def test_a_wrong_manifest_says_what_is_wrong_and_where(
    tmp_path: Path, change: tuple[str, str], expected: str
) -> None:
    path = write(tmp_path, "roads", GOOD.replace(*change))
    with pytest.raises(ManifestError, match=expected) as caught:
        parse_manifest(path)
    assert str(path) in str(caught.value)


def test_domains_come_after_all_that_they_depend_on(tmp_path: Path) -> None:
    write(tmp_path, "alarms", domain("alarms", 2, "network", "places"))
    write(tmp_path, "network", domain("network", 1, "places"))
    write(tmp_path, "assets", domain("assets", 1, "network"))
    write(tmp_path, "places", domain("places", 0))
    write(tmp_path, "norms", domain("norms", 0))
    (tmp_path / "empty").mkdir()
    codes = [manifest.code for manifest in discover(tmp_path)]
    assert codes == ["norms", "places", "network", "assets", "alarms"]


@pytest.mark.parametrize(
    ("domains", "expected"),
    [
        ({"roads": (1, ["nowhere"])}, "unknown domain 'nowhere'"),
        ({"roads": (1, ["live"]), "live": (2, [])}, "higher tier"),
        ({"roads": (1, ["pipes"]), "pipes": (1, ["roads"])}, "depend on each other"),
        ({"roads": (1, ["roads"])}, "depend on each other"),
    ],
)
def test_dependencies_that_cannot_be(
    tmp_path: Path, domains: dict[str, tuple[int, list[str]]], expected: str
) -> None:
    found = [
        parse_manifest(write(tmp_path, code, domain(code, tier, *depends_on)))
        for code, (tier, depends_on) in domains.items()
    ]
    with pytest.raises(ManifestError, match=expected):
        in_order(found)
