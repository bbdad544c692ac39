"""How well and how fast scanned pages are read: wrong letters, seconds and processor time a page.

    SEN_TESSERACT=… python benchmarks/ocr.py [--pages 6]

Pages are set in type by our own code, so every letter is known, and worn as a scanner wears them.
They go the way of the platform: PDF, confined process, tesseract with one thread. The share of
wrong letters is the edit distance over the letters of the page.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import tempfile
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
os.environ.setdefault("SEN_CHECKS_ONLY", "1")

import django

django.setup()

from sen.domains.digitisation.adapters import steps  # noqa: E402
from sen.domains.digitisation.adapters.programs import recogniser  # noqa: E402
from sen.lib.paper import Line, Page, Wear, compose, pdf_of, scan, stamp  # noqa: E402

TEXT = """
Căn cứ Nghị định số 06/2021/NĐ-CP của Chính phủ quy định chi tiết một số nội dung về quản lý
chất lượng, thi công xây dựng và bảo trì công trình xây dựng.

Hội đồng nghiệm thu đã kiểm tra hiện trường cầu Mỹ Thuận tại lý trình Km12+500 của Quốc lộ 30
và thống nhất nghiệm thu hạng mục lan can, khe co giãn, gối cầu, hệ thống thoát nước.

Ủy ban nhân dân tỉnh giao Sở Xây dựng chủ trì, phối hợp với các xã, phường tổ chức thực hiện,
báo cáo kết quả trước ngày 15 tháng 3 hằng năm.

Nhà thầu thi công chịu trách nhiệm sửa chữa những hư hỏng phát sinh trong thời gian bảo hành
24 tháng kể từ ngày bàn giao đưa công trình vào khai thác, sử dụng.

Mặt đường bê tông nhựa rộng 11,0 m, hai làn xe, độ bằng phẳng trung bình 2,1 m/km; nền đường
ổn định, mái taluy được gia cố bằng đá hộc xây vữa.
"""
PARAGRAPHS = [" ".join(part.split()) for part in TEXT.strip().split("\n\n")]
#: Wear, stamps, and by how many degrees the sheet lies turned to the left.
CASES = {
    "clean, 200 dpi": (Wear(noise=3), False, 0),
    "noise and 0.8° skew, 200 dpi": (Wear(noise=8, skew_deg=0.8), False, 0),
    "two red stamps, 200 dpi": (Wear(noise=6, skew_deg=-0.4), True, 0),
    "slightly out of focus, 200 dpi": (Wear(noise=4, blur_px=1.5), False, 0),
    "on its side, 200 dpi": (Wear(noise=3), False, 90),
    "upside down, stamped, 200 dpi": (Wear(noise=6), True, 180),
}


def page_of(number: int) -> Page:
    rng = random.Random(number)
    body = [Line(text, gap_pt=6) for text in rng.sample(PARAGRAPHS, len(PARAGRAPHS)) * 2]
    return compose(
        (Line("BIÊN BẢN NGHIỆM THU", size_pt=14, bold=True, align="center"), *body), dpi=200
    )[0]


def wrong(said: str, read: str) -> int:
    """Letters to be changed, added or taken out."""
    said, read = " ".join(said.split()), " ".join(read.split())
    row = list(range(len(read) + 1))
    for at, letter in enumerate(said, 1):
        new = [at]
        for other, seen in enumerate(read, 1):
            new.append(min(row[other] + 1, new[-1] + 1, row[other - 1] + (letter != seen)))
        row = new
    return row[-1]


def processor_s() -> float:
    """Processor seconds of all confined processes so far, tesseract in them."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=6)
    pages = parser.parse_args().pages
    tools = recogniser()
    if tools is None:
        raise SystemExit("no tesseract with Vietnamese: ./sen bring-ocr")
    for name, (wear, sealed, lies) in CASES.items():
        faults = letters = words = 0
        seconds, worked = 0.0, processor_s()
        with tempfile.TemporaryDirectory() as room:
            for number in range(pages):
                page = page_of(number)
                if sealed:
                    page = stamp(page, "SỞ XÂY DỰNG TỈNH ĐỒNG THÁP", at=(0.35, 0.25))
                    page = stamp(page, "BAN QUẢN LÝ DỰ ÁN MINH HỌA", at=(0.65, 0.45))
                page = scan(page, wear)
                page = replace(page, picture=page.picture.rotate(lies, expand=True))
                source = Path(room) / f"{number}.pdf"
                source.write_bytes(pdf_of([page], quality=70))
                began = time.perf_counter()
                found = steps.recognise(source, "application/pdf", 1, source.with_suffix(""), tools)
                seconds += time.perf_counter() - began
                faults += wrong(page.text, found.text)
                letters += len(page.text)
                words += len(page.words)
        print(
            f"{name:34} wrong letters {faults / letters * 100:5.2f} %   "
            f"{seconds / pages:5.1f} s and {(processor_s() - worked) / pages:5.2f} processor s "
            f"a page of {words // pages} words   "
            f"load {os.getloadavg()[0]:.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
