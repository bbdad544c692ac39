import assert from "node:assert/strict";
import { test } from "node:test";
import { filterQuery } from "../../src/sen/kernel/web/islands/map/filter.ts";
import { distance, lineLength, ringArea } from "../../src/sen/kernel/web/islands/map/geodesy.ts";
import { isAddress } from "../../src/sen/kernel/web/islands/map/address.ts";
import { formatView, parseView } from "../../src/sen/kernel/web/islands/map/permalink.ts";
import { readShape, writeShape } from "../../src/sen/kernel/web/islands/map/edit/text.ts";
import { buildStyle, drawingOrder, tileUrl } from "../../src/sen/kernel/web/islands/map/style.ts";

const near = (actual, expected, part) =>
  assert.ok(Math.abs(actual - expected) <= expected * part, `${actual} is not ${expected}`);

test("distances and areas agree with the geodesic of GeographicLib", () => {
  const a = [105.6331, 10.4512];
  near(distance(a, [105.6431, 10.4612]), 1556.31889, 1e-6);
  near(distance(a, [105.2, 10.9]), 68_626.44868, 2e-5);
  near(lineLength([a, [105.6431, 10.4612], a]), 2 * 1556.31889, 1e-6);
  near(ringArea([[105.6, 10.4], [105.7, 10.41], [105.72, 10.5], [105.61, 10.52]]), 134_421_122, 1e-4);
  assert.equal(ringArea([a, [105.7, 10.5]]), 0);
});

test("the view in the address survives a round trip and refuses nonsense", () => {
  const view = { zoom: 12.5, lat: 10.4512, lon: 105.6331, layers: ["bridges", "roads"], pictures: "raster-1:0.7" };
  assert.deepEqual(parseView(formatView(view)), view);
  assert.equal(formatView({ ...view, layers: null, pictures: null }), "#map=12.5/10.451200/105.633100");
  for (const hash of ["", "#map=1/2", "#map=a/b/c", "#map=12/91/105", "#map=30/10/105"]) {
    assert.equal(parseView(hash), null, hash);
  }
});

test("tiles follow the filter of the list, not how the list is shown", () => {
  assert.equal(filterQuery("assets.bridges", "?q=cau&sort=-name&after=xyz&cols=a,b"), "ids-of=assets.bridges&q=cau");
  assert.equal(filterQuery("assets.bridges", "?sort=name&state="), "");
});

test("chainage and coordinates go to the server whole, names are suggested", () => {
  for (const text of ["Km12+500 QL.30", "10.4512, 105.6331", "1155432 562310", "10°27'04\"N 105°38'E"]) {
    assert.ok(isAddress(text), text);
  }
  for (const text of ["Cầu Mỹ Thuận", "QL.30", "Xã 30/4"]) assert.ok(!isAddress(text), text);
});

test("shapes in form fields survive reading and writing in each way", () => {
  const back = (text, format) => writeShape(readShape(text), format);
  for (const text of [
    "POINT (105.63 10.45)",
    "LINESTRING (105 10, 106 11)",
    "MULTILINESTRING ((105 10, 106 11), (107 12, 108 13))",
    "POLYGON ((105 10, 106 10, 106 11, 105 10), (105.1 10.1, 105.2 10.1, 105.2 10.2, 105.1 10.1))",
    "MULTIPOLYGON (((105 10, 106 10, 106 11, 105 10)), ((107 10, 108 10, 108 11, 107 10)))",
  ]) {
    assert.equal(back(text, "wkt"), text);
    assert.equal(back(back(text, "geojson"), "wkt"), text);
  }
  assert.equal(back("SRID=4326;POINT (105.63 10.45)", "latlon"), "10.4500000, 105.6300000");
  assert.equal(back("10.45, 105.63", "geojson"), '{"type":"Point","coordinates":[105.63,10.45]}');
  for (const text of ["", "{oops", "Km12+500", "LINESTRING (oops)", "1156432.11, 569234.55"]) {
    assert.equal(readShape(text), null, text);
  }
  assert.equal(writeShape({ kind: "line", parts: [[[[105, 10]]]] }, "wkt"), "", "a line of one corner is none");
});

const layer = (id, kind, more = {}) => ({
  id, title: id, category: "c", kind, tiles: `/tiles/${id}/p1/{z}/{x}/{y}.mvt`, source_layer: id,
  minzoom: 6, maxzoom: 14, visible: true, style: { color: "#123456" }, ...more,
});
const config = {
  center: [105.6, 10.4], zoom: 9, categories: [{ id: "c", title: "C" }],
  layers: [
    layer("bridges", "point", { style: { color: "#111111", label_field: "name" } }),
    layer("roads", "line", {
      style: { color: "#222222", by: { field: "class", values: { 1: { color: "#aa0000", width: 4 } }, default: "#00aa00" } },
    }),
    layer("communes", "polygon", { style: { color: "#333333", label_field: "name" } }),
    layer("basemap_water", "polygon"),
  ],
};
const state = (more = {}) => ({
  theme: "light", visible: new Set(["bridges", "roads"]), filters: new Map(), selected: null, ...more,
});

test("areas lie below lines below points, and the ground below all", () => {
  assert.deepEqual(drawingOrder(config.layers).map((one) => one.kind), ["polygon", "polygon", "line", "point"]);
  const ids = buildStyle(config, state(), "https://x").layers.map((one) => one.id);
  const order = ["ground", "ground-basemap_water", "communes", "roads", "bridges", "bridges:label", "sen-me:dot"];
  assert.deepEqual([...order].sort((a, b) => ids.indexOf(a) - ids.indexOf(b)), order);
  assert.ok(order.every((id) => ids.includes(id)));
});

test("switched-off layers are hidden, the filter stands in the tiles' address", () => {
  const filters = new Map([["bridges", "ids-of=assets.bridges&q=my"]]);
  const style = buildStyle(config, state({ filters }), "https://x");
  const find = (id) => style.layers.find((one) => one.id === id);
  assert.equal(find("communes").layout.visibility, "none");
  assert.equal(find("roads").layout.visibility, "visible");
  assert.deepEqual(style.sources.bridges.tiles, ["https://x/tiles/bridges/p1/{z}/{x}/{y}.mvt?ids-of=assets.bridges&q=my"]);
  assert.equal(tileUrl(config.layers[1], "https://x"), "https://x/tiles/roads/p1/{z}/{x}/{y}.mvt");
});

test("values of a field choose colours; the chosen feature is marked", () => {
  const style = buildStyle(config, state({ selected: { layer: "bridges", id: 7 } }), "https://x");
  const roads = style.layers.find((one) => one.id === "roads");
  assert.deepEqual(roads.paint["line-color"], ["match", ["to-string", ["get", "class"]], "1", "#aa0000", "#00aa00"]);
  assert.deepEqual(style.layers.find((one) => one.id === "bridges:selected").filter, ["==", ["id"], 7]);
  assert.deepEqual(style.layers.find((one) => one.id === "roads:selected").filter, ["==", ["id"], -1]);
});

test("both themes make a style that MapLibre's own specification accepts", async () => {
  const { validateStyleMin } = await import("@maplibre/maplibre-gl-style-spec");
  for (const theme of ["light", "dark"]) {
    assert.deepEqual(validateStyleMin(buildStyle(config, state({ theme }), "https://x")), []);
  }
});

test("map labels use Inter alone", () => {
  const fonts = buildStyle(config, state(), "https://x").layers.flatMap((one) => one.layout?.["text-font"] ?? []);
  assert.ok(fonts.length > 0);
  assert.ok(fonts.every((font) => font.startsWith("Inter")));
});
