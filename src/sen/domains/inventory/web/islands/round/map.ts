/**
 * Where the assets of a round lie: on the map of the house while there is a network, as a plain
 * sketch with north up and a scale when there is none. A touch opens the form of an asset.
 */
import type { GeoJSONSource, Map as MapLibre } from "maplibre-gl";
import { h, svg } from "../../../../../kernel/web/islands/lib/dom";
import { distanceM } from "../../../../../kernel/web/islands/lib/offline/states";
import { t } from "./messages";
import type { Item, Position } from "./types";

export interface Spot {
  item: Item;
  lon: number;
  lat: number;
  done: boolean;
}

type MapElement = HTMLElement & { map: MapLibre | null };

const SOURCE = "round-items";
const SIDE = 360;
const EDGE = 28;
/** The sketch shows so many, the nearest first, and names these. */
const SKETCHED = 60;
const NAMED = 6;
const NAME_LENGTH = 16;
const LINE = 15;
const DEGREE_M = 111_320;

export class RoundMap {
  readonly element = h("div", { class: "round-map", hidden: true });
  readonly #open: (item: Item) => void;
  #owner: MapElement | null = null;
  #map: MapLibre | null = null;
  #spots: Spot[] = [];
  #here: Position | null = null;

  constructor(open: (item: Item) => void) {
    this.#open = open;
  }

  show(spots: Spot[], here: Position | null): void {
    this.#spots = spots;
    this.#here = here;
    this.element.hidden = false;
    if (!navigator.onLine) this.#sketch();
    else if (!this.#owner) this.#begin();
    else this.#map?.getSource<GeoJSONSource>(SOURCE)?.setData(this.#features());
  }

  hide(): void {
    this.element.hidden = true;
  }

  #begin(): void {
    const owner = document.createElement("sen-map") as MapElement;
    const attributes = { compact: "", hash: "off", config: "/map/config.json", layers: "communes,roads", label: t("mapLabel"), class: "map-tall" };
    for (const [name, value] of Object.entries(attributes)) owner.setAttribute(name, value);
    owner.addEventListener("sen:ready", () => this.#ready(owner));
    // A network that is there by name only: the sketch needs none.
    new MutationObserver(() => {
      if (this.#owner === owner && owner.querySelector(".map-failure")) this.#sketch();
    }).observe(owner, { childList: true });
    this.#owner = owner;
    this.element.replaceChildren(owner);
  }

  #ready(owner: MapElement): void {
    const map = owner.map;
    if (!map || this.#map === map) return;
    this.#map = map;
    // A change of style takes away what the style does not know.
    for (const change of ["styledata", "style.load"] as const) map.on(change, () => this.#put());
    map.on("click", SOURCE, (event) => {
      const visit = event.features?.[0]?.properties["visit"] as number | undefined;
      const spot = this.#spots.find((one) => one.item.visit === visit);
      if (spot) this.#open(spot.item);
    });
    this.#put();
    const box = boundsOf(this.#spots, this.#here);
    if (box) map.fitBounds(box, { padding: 40, duration: 0, maxZoom: 16 });
  }

  #put(): void {
    const map = this.#map;
    if (!map?.style || map.getSource(SOURCE) || !map.getStyle()) return;
    map.addSource(SOURCE, { type: "geojson", data: this.#features() });
    map.addLayer({
      id: SOURCE, type: "circle", source: SOURCE,
      paint: {
        "circle-color": ["case", ["get", "done"], "#2f7d5b", "#b4236a"],
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 9, 5, 15, 10],
        "circle-stroke-color": "#ffffff", "circle-stroke-width": 2,
      },
    });
  }

  #features(): GeoJSON.FeatureCollection {
    const features = this.#spots.map((spot): GeoJSON.Feature => ({
      type: "Feature",
      properties: { visit: spot.item.visit, done: spot.done },
      geometry: { type: "Point", coordinates: [spot.lon, spot.lat] },
    }));
    return { type: "FeatureCollection", features };
  }

  #sketch(): void {
    this.#owner = null;
    this.#map = null;
    const here = this.#here;
    const away = (spot: Spot): number => (here ? distanceM([here.lon, here.lat], [spot.lon, spot.lat]) : 0);
    const near = [...this.#spots].sort((a, b) => away(a) - away(b)).slice(0, SKETCHED);
    const box = boundsOf(near, here);
    if (!box) {
      this.element.replaceChildren(h("p", { class: "none" }, t("noPlaces")));
      return;
    }
    const [west, south, east, north] = box;
    const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180);
    const degrees = Math.max((east - west) * shrink, north - south, 0.001);
    const scale = (SIDE - 2 * EDGE) / degrees;
    const x = (lon: number): number => SIDE / 2 + (lon - (west + east) / 2) * shrink * scale;
    const y = (lat: number): number => SIDE / 2 - (lat - (south + north) / 2) * scale;
    const drawing = svg("svg", { class: "round-sketch", viewBox: `0 0 ${SIDE} ${SIDE}`, role: "group", "aria-label": t("sketch") });
    const named: number[] = [];
    for (const spot of near) {
      const at = y(spot.lat);
      // Names that would lie on each other are left out; the list below has them all.
      const isNamed = named.length < NAMED && named.every((other) => Math.abs(other - at) > LINE);
      if (isNamed) named.push(at);
      drawing.append(this.#dot(spot, x(spot.lon), at, away(spot)));
      if (isNamed) drawing.append(nameBeside(spot.item, x(spot.lon), at));
    }
    if (here) drawing.append(svg("circle", { class: "round-me", cx: x(here.lon), cy: y(here.lat), r: 7 }));
    drawing.append(...ruler(scale));
    this.element.replaceChildren(drawing, h("p", { class: "hint" }, t(here ? "sketchHint" : "sketchNoPosition")));
  }

  #dot(spot: Spot, x: number, y: number, metres: number): SVGElement {
    const name = spot.item.name || spot.item.code;
    const label = this.#here ? `${name}, ${t("distance", { m: metresText(metres) })}` : name;
    const dot = svg(
      "g",
      { class: "round-dot", role: "button", tabindex: 0, "aria-label": label, "data-done": String(spot.done) },
      svg("circle", { cx: x, cy: y, r: 14, class: "round-reach" }),
      svg("circle", { cx: x, cy: y, r: 7 }),
    );
    dot.addEventListener("click", () => this.#open(spot.item));
    dot.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.#open(spot.item);
    });
    return dot;
  }
}

export function metresText(metres: number): string {
  return metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(1).replace(".", ",")} km`;
}

/** A short name towards the middle of the sketch; the dot itself says the whole one. */
function nameBeside(item: Item, x: number, y: number): SVGElement {
  const name = item.name || item.code;
  const left = x > SIDE / 2;
  const text = svg("text", { x: left ? x - 11 : x + 11, y: y + 4, "text-anchor": left ? "end" : "start", "aria-hidden": "true" });
  text.textContent = name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH)}…` : name;
  return text;
}

/** A round length that fits into a third of the sketch, and where north is. */
function ruler(scale: number): SVGElement[] {
  const third = ((SIDE / 3) / scale) * DEGREE_M;
  const power = 10 ** Math.floor(Math.log10(third));
  const metres = [5, 2, 1].map((step) => step * power).find((one) => one <= third) ?? power;
  const length = (metres / DEGREE_M) * scale;
  const base = SIDE - 8;
  const text = svg("text", { x: 8, y: base - 6 });
  text.textContent = metresText(metres);
  const north = svg("text", { x: SIDE - 14, y: 26, "text-anchor": "middle" });
  north.textContent = t("north");
  return [
    svg("path", { class: "round-ruler", d: `M8 ${base - 3}V${base}H${8 + length}V${base - 3}` }),
    text,
    svg("path", { class: "round-north", d: `M${SIDE - 14} 2l5 11h-10z` }),
    north,
  ];
}

type Box = [number, number, number, number];

function boundsOf(spots: Spot[], here: Position | null): Box | null {
  const all = here ? [...spots, here] : spots;
  if (spots.length === 0) return null;
  const [lons, lats] = [all.map((one) => one.lon), all.map((one) => one.lat)];
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
