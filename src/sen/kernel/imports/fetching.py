"""Fetching a layer from another office's server: WFS or OGC API Features, with limits.

Only addresses that somebody registered are asked. What answers is not trusted: it may not send us
to this machine or to the cloud's metadata, may not send more than a file may hold, and is read
like any uploaded file afterwards.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

import orjson
from django.utils.translation import gettext as _

from sen.kernel.imports.models import Source
from sen.kernel.imports.tables import MAX_ROWS
from sen.kernel.outbound import read_in_parts, refused

TIMEOUT_S: Final = 60
MAX_BYTES: Final = 500 * 1024**2
PAGE_ROWS: Final = 1000


def fetch(source: Source, target: Path) -> Path:
    """Write the layer of a source into a file; returns it with the suffix of what it is.

    Raises:
        InvalidInputError: the server cannot be reached, refuses, or sends something else.
    """
    try:
        if source.protocol == Source.Protocol.FEATURES:
            return _features(source, target)
        return _wfs(source, target)
    except HTTPError as error:
        raise refused(
            _("Máy chủ trả lời %(code)s cho %(url)s.") % {"code": error.code, "url": error.url}
        ) from error
    except (URLError, OSError, http.client.HTTPException) as error:
        why = error.reason if isinstance(error, URLError) else error
        raise refused(_("Không kết nối được tới máy chủ: %(why)s.") % {"why": why}) from error


def _features(source: Source, target: Path) -> Path:
    """All pages of the items of a collection, as one GeoJSON."""
    base = urlsplit(source.url)
    path = f"{base.path.rstrip('/')}/collections/{quote(source.layer, safe='')}/items"
    query = urlencode([*parse_qsl(base.query), ("f", "json"), ("limit", str(PAGE_ROWS))])
    return _pages(urlunsplit((base.scheme, base.netloc, path, query, "")), target)


def _pages(url: str, target: Path) -> Path:
    file = target.with_suffix(".geojson")
    seen: set[str] = set()
    with file.open("wb") as out:
        out.write(b'{"type":"FeatureCollection","features":[')
        count = size = 0
        while url and url not in seen:
            seen.add(url)
            page = _json(url, MAX_BYTES - size)
            for feature in _features_of(page):
                text = orjson.dumps(feature)
                size += len(text)
                count += 1
                if size > MAX_BYTES or count > MAX_ROWS:
                    raise refused(_("Nguồn gửi quá nhiều dữ liệu; hãy chọn lớp nhỏ hơn."))
                out.write((b"," if count > 1 else b"") + text)
            url = _next(page, url)
        out.write(b"]" + _crs_member(page) + b"}")
    return file


def _json(url: str, most: int) -> dict[str, Any]:
    content = b"".join(_read(url, "application/geo+json, application/json", most))
    try:
        page = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise refused(_("Máy chủ không trả lời bằng GeoJSON.")) from error
    if not isinstance(page, dict):
        raise refused(_("Máy chủ không trả lời bằng GeoJSON."))
    return page


def _features_of(page: dict[str, Any]) -> list[Any]:
    found = page.get("features")
    if not isinstance(found, list):
        raise refused(_("Máy chủ không trả lời bằng GeoJSON."))
    return found


def _crs_member(page: dict[str, Any]) -> bytes:
    """What servers older than the standard say of the coordinate system of their GeoJSON."""
    return b',"crs":' + orjson.dumps(page["crs"]) if isinstance(page.get("crs"), dict) else b""


def _next(page: dict[str, Any], url: str) -> str:
    for link in page.get("links") or []:
        if isinstance(link, dict) and link.get("rel") == "next" and link.get("href"):
            found = urljoin(url, str(link["href"]))
            if urlsplit(found).netloc != urlsplit(url).netloc:
                raise refused(_("Trang sau của nguồn nằm ở máy chủ khác nên không được lấy."))
            return found
    return ""


def _wfs(source: Source, target: Path) -> Path:
    """GeoJSON page by page where the server knows it, else its GML as one file."""
    head = b"".join(_read(_get_feature(source, as_json=True, start=0), "*/*", MAX_BYTES))
    if head.lstrip()[:1] == b"{":
        return _wfs_pages(source, head, target)
    file = target.with_suffix(".gml")
    with file.open("wb") as out:
        for chunk in _read(_get_feature(source, as_json=False), "*/*", MAX_BYTES):
            out.write(chunk)
    with file.open("rb") as made:
        start = made.read(4096)
    if b"ExceptionReport" in start:
        raise refused(_("Máy chủ WFS báo lỗi: %(why)s") % {"why": _exception(file)})
    return file


def _exception(file: Path) -> str:
    text = file.read_bytes()[:20_000].decode("utf-8", errors="replace")
    inside = text.partition("ExceptionText>")[2].partition("<")[0].strip()
    return inside[:200] or "ExceptionReport"


def _wfs_pages(source: Source, first: bytes, target: Path) -> Path:
    file = target.with_suffix(".geojson")
    content, start, size = first, 0, 0
    with file.open("wb") as out:
        out.write(b'{"type":"FeatureCollection","features":[')
        while True:
            page = orjson.loads(content)
            found = _features_of(page)
            for number, feature in enumerate(found, start + 1):
                text = orjson.dumps(feature)
                size += len(text)
                out.write((b"," if number > 1 else b"") + text)
            start += len(found)
            if size > MAX_BYTES or start > MAX_ROWS:
                raise refused(_("Nguồn gửi quá nhiều dữ liệu; hãy chọn lớp nhỏ hơn."))
            total = page.get("numberMatched", page.get("totalFeatures"))
            more = start < total if isinstance(total, int) else len(found) == PAGE_ROWS
            if not found or not more:
                break
            url = _get_feature(source, as_json=True, start=start)
            content = b"".join(_read(url, "*/*", MAX_BYTES))
        out.write(b"]" + _crs_member(page) + b"}")
    return file


def _get_feature(source: Source, *, as_json: bool, start: int | None = None) -> str:
    base = urlsplit(source.url)
    asked = {
        "service": "WFS",
        "version": "2.0.0",
        "request": "GetFeature",
        "typeNames": source.layer,
    }
    if as_json:
        asked |= {"outputFormat": "application/json", "count": str(PAGE_ROWS)}
        asked |= {"startIndex": str(start or 0)}
    if source.srid:
        asked["srsName"] = f"urn:ogc:def:crs:EPSG::{source.srid}"
    kept = [(k, v) for k, v in parse_qsl(base.query) if k.lower() not in {n.lower() for n in asked}]
    query = urlencode([*kept, *asked.items()])
    return urlunsplit((base.scheme, base.netloc, base.path, query, ""))


def _read(url: str, accept: str, most: int) -> Iterator[bytes]:
    """The body of an answer in parts, no more than ``most`` bytes."""
    return read_in_parts(url, accept=accept, most=most, timeout_s=TIMEOUT_S)
