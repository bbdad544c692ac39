"""``./sen check-translations``: both languages are complete, or (``--update``) made ready."""

from __future__ import annotations

import argparse

from sen.project.translations import SOURCE, check, compile_all, packages, update

HELP = "Kiểm tra bản dịch tiếng Anh; --update bổ sung văn bản mới vào danh mục"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--update", action="store_true", help="đưa văn bản mới vào tệp .po")


def run(options: argparse.Namespace) -> int:
    if options.update:
        for package in packages():
            missing = update(package)
            if missing:
                print(f"{package.folder.relative_to(SOURCE)}: {missing} văn bản chưa dịch")
        compile_all()
        return 0
    problems = check()
    for problem in problems[:100]:
        print(problem)
    print(f"Bản dịch: {len(problems)} lỗi" if problems else "Bản dịch: đủ hai ngôn ngữ")
    return 1 if problems else 0
