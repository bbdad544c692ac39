"""The checks of the house itself; the launcher checks the machine."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from sen.kernel import dbsync
from sen.kernel.access import rls
from sen.kernel.access.models import Role
from sen.kernel.access.permissions import declared
from sen.kernel.events import schemas
from sen.kernel.imports.importer import importers
from sen.kernel.usecase import USE_CASES
from sen.kernel.web.register.resource import resources
from sen.project.translations import check as translation_problems

ROOT: Final = Path(settings.ROOT)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be; ``is_error`` says whether it must be mended."""

    where: str
    text: str
    is_error: bool = True


Check = Callable[[], Iterator[Finding]]


def manifests() -> Iterator[Finding]:
    """Every domain has its README, and names only laws and plan lines that are on record."""
    laws = _ids(ROOT / "docs" / "legal" / "sources.toml")
    for manifest in settings.MANIFESTS:
        readme = manifest.path / "README.md"
        if not readme.exists() or len(readme.read_text(encoding="utf-8")) < 300:
            yield Finding(manifest.code, "README.md thiếu hoặc quá ngắn")
        for law in manifest.legal:
            if law not in laws:
                yield Finding(
                    manifest.code, f"văn bản {law!r} không có trong docs/legal/sources.toml"
                )
        if not (manifest.path / "tests").is_dir():
            yield Finding(manifest.code, "chưa có thư mục tests")


def registers() -> Iterator[Finding]:
    """A sortable column needs an index that begins with it; a list column must exist."""
    for resource in resources:
        indexed = {
            index.fields[0].lstrip("-") for index in resource.model._meta.indexes if index.fields
        }
        indexed |= {
            field.name
            for field in resource.model._meta.fields
            if field.unique or field.db_index or field.primary_key
        }
        for column in resource.columns:
            is_plain = resource.model_field(column.source) is not None
            if (
                column.sort
                and is_plain
                and "__" not in column.source
                and column.source not in indexed
            ):
                yield Finding(resource.key, f"cột sắp xếp {column.source!r} chưa có chỉ mục")
        if resource.importer and resource.importer not in importers:
            yield Finding(resource.key, f"không có bộ nhập {resource.importer!r}")


def permissions() -> Iterator[Finding]:
    """Roles grant only what exists, and every use case belongs to a known resource."""
    known = {resource.rule.resource for resource in resources}
    known |= {case.resource for case in USE_CASES.values()}
    known |= {model.access.resource for model in rls.guarded_models()} | set(declared)
    for role in Role.objects.all():
        for pattern in role.permissions:
            domain, name, _act = pattern.split(".")
            if domain in ("*", "kernel") or name == "*":
                continue
            if f"{domain}.{name}" not in known and any(
                manifest.code == domain for manifest in settings.MANIFESTS
            ):
                yield Finding(f"vai trò {role.code}", f"quyền {pattern!r} không khớp đối tượng nào")


def migrations() -> Iterator[Finding]:
    """The database has every migration of the code."""
    executor = MigrationExecutor(connections["default"])
    for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield Finding("cơ sở dữ liệu", f"chưa chạy {migration}; chạy ./sen prepare-database")


def policies() -> Iterator[Finding]:
    """The barrier in the database stands, and every guarded table keeps its history."""
    for problem in dbsync.policy_problems():
        yield Finding("cơ sở dữ liệu", problem)
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
        )
        triggered = {row[0].strip('"') for row in cursor.fetchall()}
    for model in rls.guarded_models():
        table = model._meta.db_table
        if table not in triggered:
            yield Finding(table, "thiếu trình kích hoạt lịch sử; chạy ./sen prepare-database")


def leakproof() -> Iterator[Finding]:
    """Without the marks indexes stay unused; a managed server cannot help it."""
    for problem in dbsync.leakproof_problems():
        yield Finding("PostgreSQL", problem, is_error=False)


def extensions() -> Iterator[Finding]:
    """What the database server lacks of what single domains need; they run with less."""
    for name, codes in dbsync.missing_extensions().items():
        yield Finding(
            ", ".join(codes),
            f"CSDL chưa có phần mở rộng {name}: cài gói postgresql-15-{name} "
            "rồi chạy ./sen prepare-database",
            is_error=False,
        )


def translations() -> Iterator[Finding]:
    problems = translation_problems()
    if problems:
        yield Finding("bản dịch", f"{len(problems)} lỗi; xem ./sen check-translations")


def event_schemas() -> Iterator[Finding]:
    for problem in schemas.check():
        yield Finding("sự kiện", problem)


def file_sizes() -> Iterator[Finding]:
    """A file beyond 500 lines becomes a package."""
    for path in sorted((ROOT / "src" / "sen").rglob("*.py")):
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > 500 and "migrations" not in path.parts:
            yield Finding(str(path.relative_to(ROOT)), f"{lines} dòng, tối đa 500; hãy tách gói")


def _ids(path: Path) -> set[str]:
    return set(tomllib.loads(path.read_text(encoding="utf-8"))) if path.exists() else set()


CHECKS: Final[dict[str, Check]] = {
    "Miền nghiệp vụ": manifests,
    "Danh mục": registers,
    "Quyền": permissions,
    "Phiên bản bảng": migrations,
    "Chính sách truy cập": policies,
    "Chỉ mục không gian": leakproof,
    "Phần mở rộng": extensions,
    "Bản dịch": translations,
    "Lược đồ sự kiện": event_schemas,
    "Cỡ tệp": file_sizes,
}
