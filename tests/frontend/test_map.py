"""``<sen-map>`` in a real browser, over tiles that tippecanoe cuts from a few features."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from tests.frontend.conftest import Site, Visit

Open = Callable[..., "Visit"]

BASE = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
VOWELS = "aăâeêioôơuưy"
PAGE = (
    '{% extends "sen/shell.html" %}{% block body_class %}fill{% endblock %}{% block content %}'
    '<input id="geom" value=\'{"type":"Point","coordinates":[105.63,10.45]}\'>'
    "<sen-map ATTRIBUTES><table><tr><td>Cầu Mỹ Thuận</td></tr></table></sen-map>{% endblock %}"
)


def letters() -> list[str]:
    """The 134 letters of Vietnamese that ASCII lacks, composed."""

    lower = [normalize("NFC", vowel + tone) for vowel in VOWELS for tone in BASE]
    found = [letter for letter in [*lower, "đ"] if not letter.isascii()]
    return [*found, *[letter.upper() for letter in found]]


@pytest.fixture(scope="session")
def tiles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One bridge at 105.63, 10.45 on one road, in one commune."""
    folder = tmp_path_factory.mktemp("tiles")
    square = [[105.5, 10.3], [105.8, 10.3], [105.8, 10.6], [105.5, 10.6], [105.5, 10.3]]
    shapes: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "bridges": ({"type": "Point", "coordinates": [105.63, 10.45]}, {"name": "Cầu Cái Tàu Hạ"}),
        "roads": (
            {"type": "LineString", "coordinates": [[105.5, 10.45], [105.63, 10.45], [105.8, 10.5]]},
            {"number": "QL.80"},
        ),
        "communes": ({"type": "Polygon", "coordinates": [square]}, {"name": "Xã Ẫn Ễ Ỗ"}),
    }
    for name, (geometry, properties) in shapes.items():
        source = folder / f"{name}.geojson"
        feature = {"type": "Feature", "id": 7, "properties": properties, "geometry": geometry}
        source.write_text(json.dumps(feature), encoding="utf-8")
        tippecanoe = Path(sys.executable).with_name("tippecanoe")
        options = ["-q", "--no-tile-compression", "-Z6", "-z12", "-r1", "-l", name]
        command = [tippecanoe, *options, "-e", folder / name, source]
        subprocess.run(command, check=True, capture_output=True)
    return folder


def config(**more: Any) -> dict[str, Any]:
    def layer(name: str, kind: str, color: str, label: str) -> dict[str, Any]:
        return {
            "id": name, "title": name.title(), "category": "works", "kind": kind,
            "tiles": f"/tiles/{name}/p1/{{z}}/{{x}}/{{y}}.mvt", "source_layer": name,
            "minzoom": 6, "maxzoom": 12, "visible": True, "detail_url": f"/ql/{name}/{{id}}/",
            "style": {"color": color, "label_field": label},
            "legend": [{"color": color, "label": name.title()}],
        }  # fmt: skip

    return {
        "center": [105.63, 10.45],
        "zoom": 12,
        "bounds": None,
        "basemap": None,
        "categories": [{"id": "works", "title": "Công trình"}],
        "layers": [
            layer("communes", "polygon", "#777777", "name"),
            layer("roads", "line", "#b45309", "number"),
            layer("bridges", "point", "#1a9641", "name"),
        ],
        "search_url": "/map/goto",
        "attributions": ["Tỉnh Đồng Tháp"],
        "notices": ["Ranh giới xã là gần đúng."],
        **more,
    }


@pytest.fixture
def mapped(site: Site, tiles: Path) -> Site:
    """The site with a map's answers."""
    for name in ("bridges", "roads", "communes"):
        for tile in (tiles / name).rglob("*.pbf"):
            z, x, y = (int(part) for part in tile.with_suffix("").parts[-3:])
            body = tile.read_bytes()
            path = f"/tiles/{name}/p1/{z}/{x}/{y}.mvt"
            site.answers[path] = lambda _q, body=body: (200, "application/octet-stream", body)
        card = f"<article class='card'><h2 class='card-title'>{name} 7</h2></article>".encode()
        site.answers[f"/ql/{name}/7/"] = lambda _q, card=card: (200, "text/html", card)
    site.answers["/map/config.json"] = lambda _query: site.json(config())
    return site


def open_map(
    site: Site, shown: Visit, attributes: str = "", hash_part: str = "", wait: bool = True
) -> Page:
    url = site.show_source("/ban-do", PAGE.replace("ATTRIBUTES", attributes))
    shown.page.goto(url + hash_part)
    if wait:
        shown.page.wait_for_selector("sen-map[data-drawn]", timeout=30_000)
    return shown.page


def middle(page: Page) -> tuple[float, float]:
    box = page.locator("sen-map").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_click_shows_the_record_that_lies_on_top(mapped: Site, visit: Open) -> None:
    shown = visit()
    page = open_map(mapped, shown)
    expect(page.get_by_text("Cầu Mỹ Thuận")).to_be_hidden()
    page.mouse.click(*middle(page))
    details = page.locator(".map-details")
    expect(details).to_contain_text("2 đối tượng tại điểm này")
    details.get_by_role("button", name="Cầu Cái Tàu Hạ").click()
    expect(details.locator(".card-title")).to_have_text("bridges 7")
    expect(details.get_by_role("link", name="Mở hồ sơ đầy đủ")).to_have_attribute(
        "href", "/ql/bridges/7/"
    )
    assert any(path == "/ql/bridges/7/?partial=card" for path in mapped.asked)
    page.keyboard.press("Escape")
    details.get_by_role("button", name="Đóng").click()
    expect(details).to_be_hidden()
    assert shown.complaints == []


def test_the_keyboard_reaches_the_feature_under_the_cross(mapped: Site, visit: Open) -> None:
    page = open_map(mapped, visit(), 'layers="bridges"')
    page.locator(".maplibregl-canvas").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".map-details .card-title")).to_have_text("bridges 7")


def test_layers_switch_and_the_address_remembers_them(mapped: Site, visit: Open) -> None:
    page = open_map(mapped, visit())
    box = page.get_by_role("checkbox", name="Bridges")
    expect(box).to_be_checked()
    box.uncheck()
    expect(page).to_have_url(
        f"{mapped.url}/ban-do#map=12/10.450000/105.630000&layers=communes,roads"
    )
    page.reload()
    page.wait_for_selector("sen-map[data-drawn]")
    expect(page.get_by_role("checkbox", name="Bridges")).not_to_be_checked()
    page.mouse.click(*middle(page))
    expect(page.locator(".map-details .card-title")).to_have_text("roads 7")


def test_search_goes_to_chainage_and_says_what_it_did_not_understand(
    mapped: Site, visit: Open
) -> None:
    def goto(query: dict[str, list[str]]) -> tuple[int, str, bytes]:
        if query["q"][0].startswith("Km"):
            return mapped.json({"lon": 105.7, "lat": 10.47, "zoom": 14, "label": "QL.80, Km4"})
        return mapped.json({"detail": "Không có nơi nào tên “xyz”."}, 404)

    mapped.answers["/map/goto"] = goto
    page = open_map(mapped, visit())
    box = page.get_by_role("combobox", name="Tìm trên bản đồ")
    box.fill("Km4 QL.80")
    page.keyboard.press("Enter")
    page.wait_for_url("**#map=14/10.47*/105.70*", timeout=10_000)
    box.fill("xyz")
    page.keyboard.press("Enter")
    expect(page.locator(".map-search-note")).to_have_text("Không có nơi nào tên “xyz”.")


def test_measuring_a_line(mapped: Site, visit: Open) -> None:
    page = open_map(mapped, visit())
    page.get_by_role("button", name="Đo", exact=True).click()
    x, y = middle(page)
    page.mouse.click(x, y)
    page.mouse.click(x + 100, y)
    # 100 px at zoom 12 and 10.45° N: 156543.03 m / 2^13 · cos(lat) · 100 = 1.88 km
    expect(page.locator(".map-measure-value").first).to_have_text("1,88 km")
    expect(page.locator(".map-details")).to_be_hidden()


def test_picking_a_point_writes_the_form_field(mapped: Site, visit: Open) -> None:
    mapped.answers["/map/km"] = lambda _query: mapped.json({"label": "QL.80, Km4+015"})
    page = open_map(mapped, visit(), 'mode="pick" for="geom" format="wkt" describe-url="/map/km"')
    field = page.locator("#geom")
    before = field.input_value()
    assert before.startswith("{"), "what nobody changed stays as it was written"
    x, y = middle(page)
    page.mouse.click(x + 120, y)
    value = field.input_value()
    lon, lat = (float(part) for part in value.removeprefix("POINT (").rstrip(")").split())
    assert lon > 105.63
    assert lat == pytest.approx(10.45, abs=1e-4)
    expect(page.locator(".map-pick-value")).to_contain_text("QL.80, Km4+015")


def test_the_map_follows_the_filter_of_the_list(mapped: Site, visit: Open) -> None:
    page = open_map(
        mapped, visit(), 'filter-register="assets.bridges" filter-layers="bridges" hash="off"'
    )
    mapped.asked.clear()
    page.evaluate(
        "() => { history.pushState(null, '', '?q=cau&sort=name');"
        " document.dispatchEvent(new Event('htmx:pushedIntoHistory')); }"
    )
    page.wait_for_timeout(1000)
    queries = {path.partition("?")[2] for path in mapped.asked if path.startswith("/tiles/")}
    assert queries == {"ids-of=assets.bridges&q=cau"}


def test_the_theme_changes_the_map_and_keeps_what_was_drawn(mapped: Site, visit: Open) -> None:
    page = open_map(mapped, visit())
    page.mouse.click(*middle(page))
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_timeout(800)
    shot = page.locator(".maplibregl-canvas").screenshot()
    image = Image.open(BytesIO(shot)).convert("L")
    histogram = image.histogram()
    dark = sum(histogram[:90]) / sum(histogram)
    assert dark > 0.4


def test_the_table_stays_where_nothing_can_be_drawn(mapped: Site, visit: Open) -> None:
    without_script = visit(java_script_enabled=False)
    page = open_map(mapped, without_script, wait=False)
    expect(page.get_by_text("Cầu Mỹ Thuận")).to_be_visible()
    no_webgl = visit().page
    no_webgl.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    no_webgl.goto(f"{mapped.url}/ban-do")
    expect(no_webgl.locator(".map-failure")).to_contain_text("thiếu WebGL")
    expect(no_webgl.get_by_text("Cầu Mỹ Thuận")).to_be_visible()


def test_all_letters_of_vietnamese_stand_on_their_line(mapped: Site, visit: Open) -> None:
    """MapLibre drops glyphs of some fonts by a third of their height; not those of ours."""
    mapped.answers["/map/config.json"] = lambda _query: mapped.json(config(layers=[]))
    shown = visit()
    page = open_map(mapped, shown)
    page.set_viewport_size({"width": 1400, "height": 900})
    every = letters()
    assert len(every) == 134
    for font, weight, family in (
        ("Inter", 400, "Inter"),
        ("Inter Semibold", 600, "Inter Semibold"),
    ):
        drawn = _tops(_draw_labels(page, every, font), len(every))
        wanted = _tops(_draw_canvas(page, every, weight, family), len(every))
        shift = median(a - b for a, b in zip(drawn, wanted, strict=True))
        wrong = {
            letter: (a - b - shift)
            for letter, a, b in zip(every, drawn, wanted, strict=True)
            if abs(a - b - shift) > 2
        }
        assert wrong == {}


COLUMNS, CELL_W, CELL_H = 15, 70, 80


def _tops(image: Image.Image, count: int) -> list[int]:
    """The first dark row of each cell."""
    tops = []
    for i in range(count):
        x, y = (i % COLUMNS) * CELL_W, (i // COLUMNS) * CELL_H
        cell = image.crop((x, y, x + CELL_W, y + CELL_H)).point(lambda v: 255 if v < 110 else 0)
        box = cell.getbbox()
        assert box is not None, f"letter {i} was not drawn"
        tops.append(box[1])
    return tops


def _draw_labels(page: Page, every: list[str], font: str) -> Image.Image:
    page.evaluate(
        """async ([letters, font, columns, w, h]) => {
          const host = document.querySelector('sen-map');
          for (const one of [...host.children]) if (!one.matches('.map-canvas')) one.remove();
          Object.assign(host.style, {position: 'fixed', inset: '0', margin: '0', width: '1400px',
            height: '900px', zIndex: '999', border: '0'});
          const map = host.map;
          map.resize();
          map.jumpTo({center: [105, 10], zoom: 10});
          const features = letters.map((letter, i) => ({type: 'Feature', properties: {letter},
            geometry: {type: 'Point', coordinates: map.unproject(
              [(i % columns + 0.5) * w, (Math.floor(i / columns) + 0.5) * h]).toArray()}}));
          map.setStyle({version: 8, sources: {letters: {type: 'geojson',
              data: {type: 'FeatureCollection', features}, maxzoom: 18}},
            layers: [{id: 'paper', type: 'background', paint: {'background-color': '#fff'}},
              {id: 'letters', type: 'symbol', source: 'letters', layout: {
                'text-field': ['get', 'letter'], 'text-font': [font], 'text-size': 40,
                'text-allow-overlap': true, 'text-ignore-placement': true},
                paint: {'text-color': '#000'}}]}, {diff: false});
          await new Promise((resolve) => map.once('idle', resolve));
        }""",
        [every, font, COLUMNS, CELL_W, CELL_H],
    )
    page.wait_for_timeout(300)
    return _picture(page)


def _draw_canvas(page: Page, every: list[str], weight: int, family: str) -> Image.Image:
    page.evaluate(
        """([letters, weight, family, columns, w, h]) => {
          const canvas = document.createElement('canvas');
          canvas.width = 1400; canvas.height = 900;
          Object.assign(canvas.style, {position: 'fixed', inset: '0', zIndex: '1000'});
          canvas.id = 'reference';
          document.body.append(canvas);
          const ctx = canvas.getContext('2d');
          ctx.fillStyle = '#fff'; ctx.fillRect(0, 0, 1400, 900);
          ctx.fillStyle = '#000';
          ctx.font = `${weight} 40px "${family}"`;
          ctx.textAlign = 'center'; ctx.textBaseline = 'alphabetic';
          letters.forEach((letter, i) => ctx.fillText(letter,
            (i % columns + 0.5) * w, (Math.floor(i / columns) + 0.68) * h));
        }""",
        [every, weight, family, COLUMNS, CELL_W, CELL_H],
    )
    picture = _picture(page)
    page.evaluate("document.getElementById('reference').remove()")
    return picture


def _picture(page: Page) -> Image.Image:
    return Image.open(BytesIO(page.screenshot())).convert("L")
