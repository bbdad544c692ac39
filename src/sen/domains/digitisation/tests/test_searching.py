from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from sen.domains.digitisation.models import PageText, Reading
from sen.domains.digitisation.rules import finding
from sen.domains.digitisation.rules.finding import CUT, terms
from sen.domains.digitisation.selectors import searching
from sen.domains.digitisation.selectors.searching import Bounds, search
from sen.domains.digitisation.services.indexing import write_pages, write_terms
from sen.domains.digitisation.tests.conftest import new_document
from sen.kernel.access.scope import Actor
from sen.kernel.testing.house import House

pytestmark = pytest.mark.django_db

EXACT = Bounds(candidates=100_000, reranked=100_000)
SAID = (
    "công trình nghiệm thu biên bản hạng mục khối lượng thi công chất lượng giám sát cầu cống "
    "mặt đường nền bảo trì dầm mố trụ lan can khe co giãn gối thoát nước"
)
WORDS = SAID.split()


def put(house: House, actor: Actor, head: str, pages: Sequence[str]) -> int:
    """A document as it is after its reading; its id."""
    document = new_document(house, actor, abstract=head)
    reading, _made = Reading.objects.get_or_create(document_id=document.pk)
    PageText.objects.bulk_create(
        PageText(reading=reading, number=n, width=1, height=1, text=text, source="OCR")
        for n, text in enumerate(pages, 1)
    )
    write_pages(reading.pk, list(enumerate(pages, 1)))
    write_terms(reading.pk, head=[head], pages=pages)
    return int(document.pk)


def found(actor: Actor, text: str, bounds: Bounds | None = None) -> list[int]:
    return [hit.document_id for hit in search(actor=actor, text=text, bounds=bounds).hits]


def test_few_candidates_give_the_order_of_all(house: House, system: Actor) -> None:
    draw = random.Random(597)
    for _ in range(150):
        head = " ".join(draw.choices(WORDS, k=7))
        put(house, system, head, [" ".join(draw.choices(WORDS, k=60))])
    few = Bounds(candidates=40, reranked=30)
    shared, asked = 0, 0
    for size in (2, 3, 4, 5, 6, 4, 5, 6):
        question = " ".join(draw.sample(WORDS, size))
        best = found(system, question, EXACT)[:10]
        near = found(system, question, few)[:10]
        # The very best is never lost; of the others most are there.
        assert best[0] in near, question
        shared += len(set(best) & set(near))
        asked += len(best)
    assert shared / asked >= 0.8, (shared, asked)


def test_of_many_answers_to_a_phrase_those_with_its_words_in_the_title_come_first(
    house: House, system: Actor
) -> None:
    phrase = "khe co giãn gối cầu"
    titled = put(house, system, "Khe co của gối", [f"thay {phrase}"])
    half = put(house, system, "Gối và khe", [f"sửa {phrase}"])
    for number in range(12):
        put(house, system, f"Biên bản {number}", [f"kiểm tra {phrase}"])
    few = Bounds(candidates=5)
    assert found(system, f'"{phrase}"', few)[:2] == [titled, half]
    assert len(found(system, f'"{phrase}"')) == 14


@pytest.mark.parametrize(
    ("size", "least"), [(2, 1), (3, 2), (5, 3), (7, 4), (7, 2), (8, 4), (4, 4)]
)
def test_so_many_of_some_words_are_asked_for_in_the_query(db: None, size: int, least: int) -> None:
    names = [f"t{number}" for number in range(size)]
    query = searching.some_of(names, least).replace("&", "and").replace("|", "or")
    for chosen in range(2**size):
        held = {name: bool(chosen >> number & 1) for number, name in enumerate(names)}
        assert eval(query, {}, held) is (sum(held.values()) >= least)


def test_counts_stop_at_the_bound_and_say_so(house: House, system: Actor) -> None:
    for number in range(6):
        put(house, system, f"Biên bản {number}", ["nghiệm thu"])
    few = search(actor=system, text="nghiệm thu", bounds=Bounds(candidates=4))
    assert (few.total, few.is_capped) == (4, True)
    every = search(actor=system, text="nghiệm thu")
    assert (every.total, every.is_capped) == (6, False)


def test_a_phrase_stands_in_order_on_one_page(house: House, system: Actor) -> None:
    right = put(house, system, "Một", ["lan can và khe co giãn gối cầu"])
    titled = put(house, system, "Khe co giãn", ["trang trắng"])
    put(house, system, "Hai", ["khe co", "giãn gối"])
    put(house, system, "Ba", ["co giãn khe co"])
    assert set(found(system, '"khe co giãn"')) == {right, titled}
    assert found(system, '"gối cầu"') == [right]
    assert found(system, '"co khe"') == []


def test_a_document_of_too_many_words_is_still_found_by_its_phrases(
    house: House, system: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MAX_TERM_BYTES", 60)
    text = "gối cầu cao su dầm bản rỗng"
    assert CUT in terms(["Một"], [text])
    long = put(house, system, "Một", [text])
    monkeypatch.undo()
    for question, answers in (('"cao su"', [long]), ('"gối cầu cao su"', [long]), ('"su cao"', [])):
        assert found(system, question) == answers, question


def test_letters_of_the_query_language_are_words_like_others(house: House, system: Actor) -> None:
    put(house, system, "Thường", ["không có gì"])
    for question in ("a'b", "a\\", "'", "& | !", "(:*", '"a\' b"', "^khe", "*"):
        search(actor=system, text=question)
    assert searching.quoted("a'b\\") == "'a''b\\\\'"
