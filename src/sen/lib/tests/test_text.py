from __future__ import annotations

import itertools
import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from sen.lib.text import (
    VIETNAMESE_LETTERS,
    detect_legacy,
    fold,
    fold_function_sql,
    from_tcvn3,
    from_vni,
    is_nfc,
    nfc,
    slugify,
    sort_key,
)

SENTENCE = "Quyết định về việc đặt tên đường Nguyễn Huệ, xã Mỹ Thọ, kỹ sư Lữ Ẩn đã ký"
# Text as a database can hold it, with many letters that meet the rules.
ANY_TEXT = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
        st.sampled_from(VIETNAMESE_LETTERS + "qQuUyYmMdDÐ .,-–\u0300\u0323\u00a0\u200b"),
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hoà", "Hòa"),
        ("Quý", "Quí"),
        ("Mỹ Tho", "MĨ  THO"),
        ("Thuỷ", "Thủy"),
        ("Tân Phú Đông", "tan-phu-dong"),
        ("Ðường 30/4", "Đường 30.4"),
        (unicodedata.normalize("NFD", SENTENCE), SENTENCE),
    ],
)
def test_spellings_of_one_name_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("Tây", "Tài"), ("Thúy", "Thúi"), ("Mỹ An", "Mỹ Ân 2")])
def test_different_names_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_fold_says_what_it_makes() -> None:
    assert fold("  Cầu «Mỹ Thuận 2», QL.1 – Km12+500 ") == "cau mi thuan 2 ql 1 km12 500"
    assert fold("m² — ½") == "m2 1 2"
    assert fold("") == ""


def test_all_letters_fold_to_ascii() -> None:
    assert len(VIETNAMESE_LETTERS) == len(set(VIETNAMESE_LETTERS)) == 134
    assert is_nfc(VIETNAMESE_LETTERS)
    for letter in VIETNAMESE_LETTERS:
        assert fold(letter).isascii()
        assert len(fold(letter)) == 1


@given(ANY_TEXT)
def test_fold_is_idempotent_and_ignores_the_normal_form(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert fold(unicodedata.normalize("NFD", text)) == fold(nfc(text)) == folded


@given(st.lists(st.sampled_from(SENTENCE.split()), min_size=1), st.data())
def test_fold_of_a_beginning_begins_the_fold(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    cut = data.draw(st.integers(0, len(text)))
    assert fold(text).startswith(fold(text[:cut]))


def test_slug_keeps_y() -> None:
    assert slugify("Xã Mỹ Thọ (mới)") == "xa-my-tho-moi"
    assert slugify("Đường tỉnh 848", "_") == "duong_tinh_848"


def test_alphabet_and_tones_sort_as_in_a_dictionary() -> None:
    right = "ba Ba bà bả bã bá bạ bă bâ bo bô bơ ca da đa ea êa y yên"
    assert " ".join(sorted(set(right.split()), key=sort_key)) == right
    assert sorted(["Tân Phú Đông", "Tân Phú", "Tan Phu"], key=sort_key) == [
        "Tan Phu",
        "Tân Phú",
        "Tân Phú Đông",
    ]
    assert sorted(["xã", "2", "(a)", "a b", "ab"], key=sort_key) == ["(a)", "2", "a b", "ab", "xã"]


@given(ANY_TEXT)
def test_sort_key_does_not_hang_on_the_normal_form(text: str) -> None:
    assert sort_key(unicodedata.normalize("NFD", text)) == sort_key(nfc(text))


# Encoders written from the tables of letters, in the other direction than the module's decoders.
TCVN3_BYTES = dict(
    zip(
        "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ",
        bytes.fromhex(
            "b5b6b7b8b9a8bbbcbdbec6a9c7c8c9cacbaecccecfd0d1aad2d3d4d5d6d7d8dcddde"
            "dfe1e2e3e4abe5e6e7e8e9aceaebecedeeeff1f2f3f4adf5f6f7f8f9fafbfcfdfe"
        ),
        strict=True,
    )
)
VNI_WORDS = {
    "Đồng Tháp": "Ñoàng Thaùp",
    "Mỹ Thuận": "Myõ Thuaän",
    "đường tỉnh": "ñöôøng tænh",
    "nghĩa trang": "nghóa trang",
    "Lộ Tẻ": "Loä Teû",
    "CẦU GIỒNG GĂNG": "CAÀU GIOÀNG GAÊNG",
    "bãi bồi, kỵ khí, ở lại": "baõi boài, kî khí, ôû laïi",
    "ỊA ẶT ỮNG ỈM": "ÒA AËT ÖÕNG ÆM",
}


def to_tcvn3(text: str) -> str:
    return "".join(chr(TCVN3_BYTES.get(char, ord(char))) for char in text)


@given(st.text(st.sampled_from(list(TCVN3_BYTES) + list("bcghiklmnp 123")), max_size=40))
def test_tcvn3_comes_back(text: str) -> None:
    assert from_tcvn3(to_tcvn3(text), capital_font=False) == text


def test_tcvn3_capitals() -> None:
    assert from_tcvn3("§ång th\u00b8p, ¢p B¾c") == "Đồng tháp, Âp Bắc"
    assert from_tcvn3("CÇU Mü THUËN") == "CẦU MỸ THUẬN"
    assert from_tcvn3("BÕn CÇU Mü THUËN") == "Bến CẦU Mỹ THUẬN"
    assert from_tcvn3("THµNH PHè") == "THÀNH PHỐ"
    assert from_tcvn3("THµNH PHè", capital_font=False) == "THàNH PHố"


@pytest.mark.parametrize(("right", "legacy"), VNI_WORDS.items())
def test_vni_words(right: str, legacy: str) -> None:
    assert from_vni(legacy) == right


@pytest.mark.parametrize(
    "text", ["Đồng Tháp", "Cầu Mỹ Thuận", "đường tỉnh", "Giồng Găng", "Bến đò"]
)
def test_legacy_is_detected(text: str) -> None:
    small = text.lower()
    assert detect_legacy(to_tcvn3(small)) == "tcvn3"
    assert detect_legacy(text) is None
    assert detect_legacy(unicodedata.normalize("NFD", text)) is None


def test_a_sign_alone_is_no_legacy_text() -> None:
    assert detect_legacy("3×33 + 40") is None


def test_vni_is_detected() -> None:
    for right, legacy in itertools.islice(VNI_WORDS.items(), 6):
        assert detect_legacy(legacy) == "vni", right


@pytest.mark.parametrize(
    "text", ["", "Long An", "Hà Tiên", "sông Hàm Luông", "café élève naïve", "30°C ± 2", "Rạch Giá"]
)
def test_good_text_is_not_taken_for_legacy(text: str) -> None:
    assert detect_legacy(text) is None


@contextmanager
def database() -> Iterator[psycopg.Connection]:
    """A private database with the SQL twin, dropped afterwards."""
    url = os.environ.get("DATABASE_SUPERUSER_URL")
    if not url:
        pytest.skip("DATABASE_SUPERUSER_URL is not set: sen_fold is not compared with fold")
    name = sql.Identifier(f"{os.environ.get('SEN_TEST_NAME', 'sen')}_lib_fold_{os.getpid()}")
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(name))
        try:
            with psycopg.connect(url, dbname=name.as_string().strip('"')) as connection:
                connection.execute(fold_function_sql().encode())
                yield connection
        finally:
            admin.execute(sql.SQL("DROP DATABASE {}").format(name))


@pytest.fixture(scope="module")
def connection() -> Iterator[psycopg.Connection]:
    with database() as found:
        yield found


def sql_folds(connection: psycopg.Connection, texts: list[str]) -> list[str]:
    rows = connection.execute(
        "SELECT sen_fold(t) FROM unnest(%s::text[]) WITH ORDINALITY AS x(t, at) ORDER BY at",
        (texts,),
    )
    return [row[0] for row in rows]


def test_sql_twin_agrees_on_every_character(connection: psycopg.Connection) -> None:
    texts = [f"M{chr(code)}y" for code in range(1, 0x11000) if not 0xD800 <= code < 0xE000]
    texts += list(VIETNAMESE_LETTERS)
    assert sql_folds(connection, texts) == [fold(text) for text in texts]


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ANY_TEXT, max_size=40))
def test_sql_twin_agrees_on_random_text(connection: psycopg.Connection, texts: list[str]) -> None:
    assert sql_folds(connection, texts) == [fold(text) for text in texts]


def test_sql_twin_serves_an_index(connection: psycopg.Connection) -> None:
    connection.execute("CREATE TEMP TABLE road (name text)")
    connection.execute("INSERT INTO road SELECT 'Đường ' || n FROM generate_series(1, 5000) n")
    connection.execute("CREATE INDEX ON road (sen_fold(name))")
    connection.execute("ANALYZE road")
    plan = connection.execute(
        "EXPLAIN SELECT name FROM road WHERE sen_fold(name) = sen_fold('DUONG 7')"
    )
    assert "Index" in " ".join(row[0] for row in plan)
