from __future__ import annotations

import tomllib

import pytest

from sen.domains.assets.catalogue import (
    FOLDER,
    add_type,
    asset_types,
    masks,
    parse_type,
)
from sen.kernel.access.scope import DataClass
from sen.kernel.attributes.catalogue import CatalogueError, Kind

HEAD = """
code = "lamp"
slug = "lamps"
name = { vi = "Đèn đường", en = "Street lamp" }
icon = "lamp"
map = { category = "its", color = "#ca8a04" }
[attributes]
"""


def test_every_file_of_the_folder_is_a_type_in_both_languages() -> None:
    files = {
        tomllib.loads(path.read_text(encoding="utf-8"))["code"] for path in FOLDER.glob("*.toml")
    }
    assert files == set(asset_types.names())
    for kind in asset_types:
        texts = [kind.name, kind.plural, *(a.label for a in kind.attributes)]
        texts += [text for a in kind.attributes for text in a.choices.values()]
        assert all(text.vi and text.en for text in texts), kind.code


def test_the_groups_of_the_national_database_that_are_works_have_a_type() -> None:
    groups = {kind.group for kind in asset_types}
    assert {f"A{n}" for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 18, 19)} <= groups


def test_network_addresses_of_devices_are_restricted() -> None:
    assert masks()["attributes__network_address"] is DataClass.RESTRICTED


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('x = { vi = "a", en = "b", kind = "colour" }', "is none of"),
        ('x = { vi = "a", en = "b", kind = "choice" }', "needs them"),
        ('x = { vi = "a", en = "b", kind = "text", colour = 1 }', "unknown keys"),
        ('size = { vi = "a", en = "b", kind = "text" }', "used by all registers"),
        ('x = { en = "b", kind = "text" }', "needs vi, en and kind"),
        ('x = { vi = "a", en = "b", kind = "text", section = "z" }', "is not in"),
        (
            'x = { vi = "a", en = "b", kind = "text", data_class = "secret", sort = true }',
            "masked value may not",
        ),
        ('x = { vi = "a", en = "b", kind = "numbers", filter = true }', "cannot filter"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_place(line: str, complaint: str) -> None:
    with pytest.raises(CatalogueError, match=complaint) as error:
        parse_type(HEAD + line, "lamp.toml")
    assert "lamp.toml" in str(error.value)


def test_one_name_has_one_class_in_all_types() -> None:
    kind = parse_type(HEAD + 'network_address = { vi = "a", en = "b", kind = "text" }')
    with pytest.raises(CatalogueError, match="same class"):
        add_type(kind)


def test_attributes_keep_the_order_of_the_file() -> None:
    bridge = asset_types["bridge"]
    assert [a.name for a in bridge.attributes][:2] == ["length_m", "width_m"]
    assert bridge.by_name["spans_m"].kind is Kind.NUMBERS
