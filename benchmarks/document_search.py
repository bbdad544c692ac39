"""Ranked full-text search over many documents: milliseconds by kind of question and of asker.

    DATABASE_URL=… python benchmarks/document_search.py [--documents 100000]

Works in the database of ``DATABASE_URL`` inside one transaction that is rolled back. Texts are
sentences of the trade with common words in most documents and rare ones in few; every document has
a title, a number and one to three pages; each text stands in 25
documents. Every question runs ``--rounds`` times, interleaved; beside the time stand the processor
milliseconds of the database server.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from sen.domains.digitisation.models import PageText, Reading  # noqa: E402
from sen.domains.digitisation.rules.finding import accented, folded, terms  # noqa: E402
from sen.domains.digitisation.selectors.searching import Bounds, search  # noqa: E402
from sen.domains.documents.api import documents  # noqa: E402
from sen.kernel.access.context import acting_as, as_system  # noqa: E402
from sen.kernel.access.models import Area, Organisation  # noqa: E402
from sen.kernel.access.scope import Actor, ActorKind, Entitlement  # noqa: E402
from sen.kernel.access.services import put_node  # noqa: E402

COMMON_WORDS = """
công trình nghiệm thu biên bản hạng mục khối lượng thi công chất lượng giám sát chủ đầu tư nhà
thầu hợp đồng thiết kế bản vẽ hồ sơ kiểm tra bảo trì đường bộ cầu cống mặt đường nền đường
tỉnh Đồng Tháp Sở Xây dựng Ủy ban nhân dân quyết định phê duyệt dự toán kinh phí tiến độ bàn
giao khai thác sử dụng an toàn giao thông quốc lộ đường tỉnh huyện xã phường thị trấn tổ chức
thực hiện căn cứ nghị định thông tư quy định hướng dẫn báo cáo kết quả kiểm định tải trọng bê
tông cốt thép dầm mố trụ lan can khe co giãn gối cầu thoát nước biển báo vạch sơn
"""
COMMON = COMMON_WORDS.split()
#: So many documents have the same words: writing them all anew takes ten times longer.
COPIES = 25
QUESTIONS = {
    "rare word": "kw{n}",
    "code": "QĐ{n}",
    "two words": "nghiệm thu",
    "common words, diacritics": "biên bản nghiệm thu công trình cầu",
    "common words, none": "bien ban nghiem thu cong trinh cau",
    "one very common word": "công",
    "common and rare": "nghiệm thu kw{n}",
    "phrase": '"khe co giãn gối cầu"',
    "phrase of two words": '"nghiệm thu"',
    "rare phrase": '"hạng mục kw{n}"',
    "no answer": "zzzkhông cầu",
}


def sentences(rng: random.Random) -> str:
    words = rng.choices(COMMON, k=rng.randint(70, 150))
    at = rng.randrange(len(words))
    words[at:at] = ["hạng", "mục", f"kw{rng.randrange(20_000)}"]
    if rng.random() < 0.02:
        words[5:5] = ["khe", "co", "giãn", "gối", "cầu"]
    return " ".join(words)


def titles(rng: random.Random, number: int) -> tuple[str, str]:
    return " ".join(rng.choices(COMMON, k=9)), f"QĐ{number}/SXD"


def fill(count: int, copies: int = 1) -> tuple[Organisation, list[Area]]:
    """Documents, readings and pages by COPY and one UPDATE, as a restored archive would come."""
    rng = random.Random(597)
    org = put_node(Organisation, code="B-ORG", name="Sở", kind="DEPARTMENT")
    root = put_node(Area, code="B-82", name="Tỉnh", kind="PROVINCE")
    areas = [
        put_node(Area, code=f"B-{n}", name=f"Xã {n}", kind="COMMUNE", parent=root)
        for n in range(20)
    ]
    model = documents(ACTORS["everything"]).model
    began = time.perf_counter()
    for first in range(0, count, 5_000):
        chunk = range(first, min(first + 5_000, count))
        said = [titles(rng, number) for number in chunk]
        rows = model.base.bulk_create(
            [
                model(
                    code=f"B-{number}",
                    kind="MINUTES",
                    abstract=title,
                    number=sign,
                    owner_org=org,
                    area=areas[number % len(areas)],
                    data_class=number % 3,
                )
                for number, (title, sign) in zip(chunk, said, strict=True)
            ],
            batch_size=1_000,
        )
        readings = Reading.objects.bulk_create(
            [Reading(document_id=row.pk, state="DONE", pages=1) for row in rows],
            batch_size=1_000,
        )
        texts = [[sentences(rng) for _page in range(rng.choice((1, 1, 2, 3)))] for _row in rows]
        PageText.objects.bulk_create(
            [
                PageText(reading=reading, number=number, width=1, height=1, text=text, source="OCR")
                for reading, pages in zip(readings, texts, strict=True)
                for number, text in enumerate(pages, 1)
            ],
            batch_size=1_000,
        )
        index(list(zip(readings, said, texts, strict=True)))
        print(f"  {first + len(rows)} documents, {time.perf_counter() - began:.0f} s", flush=True)
    multiply(copies)
    print(f"  {count * copies} documents, {time.perf_counter() - began:.0f} s", flush=True)
    with connection.cursor() as cursor:
        for table in ("digitisation_reading", "digitisation_pagetext", "documents_document"):
            cursor.execute(f"ANALYZE {table}")
    return org, areas


def multiply(copies: int) -> None:
    """Every document again and again: the same words, its own row, reading and pages."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE made ON COMMIT DROP AS SELECT d.id AS old, k, "
            "nextval(pg_get_serial_sequence('documents_document', 'id')) AS new, "
            "nextval(pg_get_serial_sequence('digitisation_reading', 'id')) AS reading "
            f"FROM documents_document d, generate_series(2, {int(copies)}) k "
            "WHERE d.code LIKE 'B-%%'"
        )
        names = [
            str(field.column)
            for field in documents(ACTORS["everything"]).model._meta.concrete_fields
            if field.column not in ("id", "code", "search", "created_at", "updated_at")
        ]
        columns = ", ".join(names)
        cursor.execute(
            f"INSERT INTO documents_document (id, code, {columns}) "
            f"SELECT new, d.code || '-' || k, {', '.join('d.' + name for name in names)} "
            "FROM made JOIN documents_document d ON d.id = old"
        )
        cursor.execute(
            "INSERT INTO digitisation_reading (id, document_id, state, pages, poor_pages, "
            "stamped_pages, error, head, lexemes, is_demo) SELECT m.reading, new, state, pages, "
            "0, 0, '', head, lexemes, false FROM made m JOIN digitisation_reading r "
            "ON r.document_id = old"
        )
        cursor.execute(
            "INSERT INTO digitisation_pagetext (reading_id, number, width, height, text, words, "
            "source, has_stamp, faults, tsv, is_demo) SELECT m.reading, number, width, height, "
            "text, words, source, has_stamp, faults, tsv, false FROM made m "
            "JOIN digitisation_reading r ON r.document_id = old "
            "JOIN digitisation_pagetext p ON p.reading_id = r.id"
        )


def index(rows: list[tuple[Reading, tuple[str, str], list[str]]]) -> None:
    """The statements of ``services.indexing`` for many documents at once."""
    heads = [
        (r.pk, " ".join(folded(" ".join(said))), " ".join(accented(" ".join(said))),
         "{" + ",".join(f'"{term}"' for term in terms(said, pages)) + "}")
        for r, said, pages in rows
    ]  # fmt: skip
    words = [
        (r.pk, number, " ".join(folded(text)), " ".join(accented(text)))
        for r, _said, texts in rows
        for number, text in enumerate(texts, 1)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE digitisation_reading r SET head = setweight(to_tsvector('simple', f), 'A') || "
            "setweight(to_tsvector('simple', a), 'B'), lexemes = array_to_tsvector(said::text[]) "
            "FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) t(i, f, a, said) "
            "WHERE i = r.id",
            [list(column) for column in zip(*heads, strict=True)],
        )
        cursor.execute(
            "UPDATE digitisation_pagetext p SET tsv = setweight(to_tsvector('simple', f), 'C') || "
            "setweight(to_tsvector('simple', a), 'D') FROM unnest(%s::bigint[], %s::int[], "
            "%s::text[], %s::text[]) t(i, n, f, a) WHERE p.reading_id = i AND p.number = n",
            [list(column) for column in zip(*words, strict=True)],
        )


ACTORS = {
    "everything": Actor(
        ActorKind.OFFICIAL, username="all",
        entitlements=(Entitlement("r", frozenset({"*.*.view"}), 3),),
    ),
}  # fmt: skip


def actors(org: Organisation, areas: list[Area]) -> Iterator[tuple[str, Actor]]:
    """Who sees all, a twentieth of all, and only what is public."""
    yield "everything", ACTORS["everything"]
    one = frozenset({areas[0].pk})
    entitlement = Entitlement("r", frozenset({"documents.*.view"}), 2, frozenset({org.pk}), one)
    yield "one commune", Actor(ActorKind.OFFICIAL, username="commune", entitlements=(entitlement,))
    yield "the public", Actor(ActorKind.ANONYMOUS)


def processor_ms(pid: int) -> float:
    """Processor time of the database server that works for us."""
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e6


def measure(who: Actor, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Milliseconds and those of the server's processor, by kind of question."""
    rng = random.Random(1)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in QUESTIONS}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    for _round in range(rounds):
        for name, question in QUESTIONS.items():
            text = question.format(n=rng.randrange(20_000))
            began, worked = time.perf_counter(), processor_ms(pid)
            search(actor=who, text=text)
            spent = (time.perf_counter() - began) * 1000
            times[name].append((spent, processor_ms(pid) - worked))
    return times


def agreement(who: Actor, rounds: int) -> None:
    """The first page beside that of a search which ranks everything that answers, page by page."""
    rng = random.Random(2)
    everything = Bounds(candidates=10**6, reranked=10**6)
    shared = asked = 0
    near, best = 0.0, 0.0
    for number in range(rounds):
        text = " ".join(rng.sample(COMMON, 2 + number % 5))
        few = search(actor=who, text=text).hits
        exact = search(actor=who, text=text, bounds=everything).hits
        shared += len({hit.document_id for hit in few} & {hit.document_id for hit in exact})
        asked += len(exact)
        near += sum(hit.score for hit in few)
        best += sum(hit.score for hit in exact)
    print(
        f"questions of 2 to 6 common words: {shared} of {asked} on the first page are those of an "
        f"exact ranking, their scores are {near / best:.1%} of its scores"
    )


def report(name: str, times: list[tuple[float, float]]) -> None:
    ranked = sorted(spent for spent, _worked in times)
    p95 = ranked[min(len(ranked) - 1, int(len(ranked) * 0.95))]
    server = statistics.median(worked for _spent, worked in times)
    print(
        f"{name:34} p50 {statistics.median(ranked):7.1f} ms   p95 {p95:7.1f} ms   "
        f"server's processor {server:6.1f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--exact", type=int, default=20, help="questions that are ranked exactly")
    options: Any = parser.parse_args()
    with transaction.atomic():
        with as_system("benchmark of the document search"):
            org, areas = fill(max(1, options.documents // COPIES), COPIES)
        for who, actor in actors(org, areas):
            with acting_as(actor):
                measure(actor, 2)
                times = measure(actor, options.rounds)
            print(f"\n{who}, load {os.getloadavg()[0]:.1f}")
            for name, found in times.items():
                report(name, found)
            report("all questions", [value for found in times.values() for value in found])
        with acting_as(ACTORS["everything"]):
            agreement(ACTORS["everything"], options.exact)
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
