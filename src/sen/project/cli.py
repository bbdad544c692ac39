"""The Python side of ``./sen``: one word, one module of ``sen.project.commands``.

A command module has ``NAME`` (unless it is the file's), ``HELP`` (one line, Vietnamese),
``arguments(parser)`` and
``run(options) -> int``. Django is set up before ``run``. Domains and the kernel need no entry here.
"""

from __future__ import annotations

import argparse
import os
import pkgutil
import sys
from importlib import import_module
from types import ModuleType

from sen.project import commands


def command_modules(word: str = "") -> dict[str, ModuleType]:
    """Command name (``prepare-database``) → module (``prepare_database``).

    With ``word``, the name of one command's file, only that one is imported: processes that run
    for months need not hold the libraries of all the others.
    """
    files = [i.name for i in pkgutil.iter_modules(commands.__path__) if not i.name.startswith("_")]
    wanted = [name for name in files if name == word.replace("-", "_")] or files
    found = (import_module(f"{commands.__name__}.{name}") for name in wanted)
    return {getattr(m, "NAME", m.__name__.rpartition(".")[2].replace("_", "-")): m for m in found}


def build_parser(modules: dict[str, ModuleType]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./sen", description="Sen — nền tảng hạ tầng giao thông")
    words = parser.add_subparsers(dest="command", required=True, metavar="LỆNH")
    for name, module in modules.items():
        sub = words.add_parser(name, help=module.HELP, description=module.HELP)
        module.arguments(sub)
    return parser


def main(arguments: list[str] | None = None) -> int:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
    django.setup()
    given = sys.argv[1:] if arguments is None else arguments
    modules = command_modules(given[0] if given else "")
    options = build_parser(modules).parse_args(given)
    code: int = modules[options.command].run(options)
    return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # before a command took the signal over
        sys.exit(130)
