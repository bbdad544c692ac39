/** Choosing a point or a line for a form field: `<sen-map mode="pick" for="id_geom">`. */
import type { Map as MapLibre } from "maplibre-gl";
import { debounce, getJson, h, icon } from "../lib/dom";
import { t } from "../lib/messages";
import { length } from "../lib/text";
import { type LonLat, lineLength } from "./geodesy";
import { Sketch } from "./sketch";
import type { Place } from "./types";

export type PickShape = "point" | "line";

const DIGITS = 7; // one centimetre

/** Reads WKT (with or without SRID=…;), GeoJSON, or "lat, lon" as pairs of lon, lat. */
export function readPoints(text: string): LonLat[] {
  const trimmed = text.trim();
  if (trimmed.startsWith("{")) {
    try {
      const geometry = JSON.parse(trimmed) as { type?: string; coordinates?: unknown };
      const list = geometry.type === "Point" ? [geometry.coordinates] : geometry.coordinates;
      return Array.isArray(list) ? list.filter(isPair).map((p): LonLat => [p[0], p[1]]) : [];
    } catch {
      return [];
    }
  }
  const numbers = (trimmed.replace(/^SRID=\d+;/i, "").match(/-?\d+(\.\d+)?/g) ?? []).map(Number);
  const points: LonLat[] = [];
  for (let i = 0; i + 1 < numbers.length; i += 2) points.push([numbers[i] ?? 0, numbers[i + 1] ?? 0]);
  const [only] = points;
  // Without a WKT word a pair is written as people say it: latitude first.
  return /^[A-Z]/i.test(trimmed) || !only ? points : [[only[1], only[0]]];
}

function isPair(value: unknown): value is [number, number] {
  return Array.isArray(value) && typeof value[0] === "number" && typeof value[1] === "number";
}

/** Writes points as GeoJSON (usual) or WKT. */
export function writePoints(points: readonly LonLat[], shape: PickShape, format: string): string {
  const round = points.map(([x, y]) => [Number(x.toFixed(DIGITS)), Number(y.toFixed(DIGITS))]);
  const [first] = round;
  if (!first || (shape === "line" && round.length < 2)) return "";
  if (format === "wkt") {
    const inside = round.map((p) => p.join(" ")).join(", ");
    return shape === "point" ? `POINT (${inside})` : `LINESTRING (${inside})`;
  }
  return JSON.stringify(
    shape === "point" ? { type: "Point", coordinates: first } : { type: "LineString", coordinates: round },
  );
}

export class Pick {
  readonly #sketch: Sketch;
  readonly #text = h("output", { class: "map-pick-value" });
  readonly element: HTMLElement;
  readonly #describe = debounce(350, (point: LonLat) => void this.#ask(point));

  constructor(
    readonly map: MapLibre,
    readonly host: HTMLElement,
    readonly input: HTMLInputElement | HTMLTextAreaElement | null,
  ) {
    const shape = this.shape;
    const act = (drawing: SVGElement, text: string, run: () => void): HTMLButtonElement =>
      h("button", { class: "btn btn-sm", type: "button", onclick: run }, drawing, text);
    const place = act(icon("crosshair"), t("pickPlace"), () => {
      const { lng, lat } = map.getCenter();
      this.#sketch.add([lng, lat]);
    });
    const undo = shape === "line" ? act(icon("undo-2"), t("pickUndo"), () => this.#sketch.undo()) : null;
    const clear = act(icon("x"), t("pickClear"), () => this.#sketch.set([]));
    this.element = h(
      "div",
      { class: "map-pick", role: "group", "aria-label": t("picked") },
      h("p", { class: "hint" }, t(shape === "line" ? "pickLine" : "pickPoint")),
      this.#text,
      h("div", { class: "row" }, place, undo, clear),
    );
    this.#sketch = new Sketch(map, "sen-pick", shape, (points) => this.#changed(points));
    const known = readPoints(input?.value ?? "");
    if (known.length > 0) this.#load(known);
    input?.addEventListener("change", () => this.#load(readPoints(input.value)));
  }

  get shape(): PickShape {
    return this.host.getAttribute("geometry") === "line" ? "line" : "point";
  }

  draw(): void {
    this.#sketch.draw();
  }

  #load(points: LonLat[]): void {
    if (points.length === 0) return;
    this.#sketch.set(points);
    const lons = points.map((p) => p[0]);
    const lats = points.map((p) => p[1]);
    this.map.fitBounds(
      [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)],
      { padding: 60, maxZoom: 15, animate: false },
    );
  }

  #changed(points: readonly LonLat[]): void {
    const value = writePoints(points, this.shape, this.host.getAttribute("format") ?? "geojson");
    if (this.input && this.input.value !== value) {
      this.input.value = value;
      this.input.dispatchEvent(new Event("input", { bubbles: true }));
    }
    const last = points.at(-1);
    if (!last) this.#text.textContent = "";
    else if (this.shape === "line") this.#text.textContent = `${t("lengthIs")}: ${length(lineLength(points))}`;
    else {
      this.#text.textContent = `${last[1].toFixed(6)}, ${last[0].toFixed(6)}`;
      if (this.host.hasAttribute("describe-url")) this.#describe(last);
    }
    this.host.dispatchEvent(new CustomEvent("sen:pick", { bubbles: true, detail: { points } }));
  }

  /** `describe-url?lon=&lat=` → `{label}`, for example "QL.30, Km12+500 (cách tim đường 4 m)". */
  async #ask(point: LonLat): Promise<void> {
    const url = this.host.getAttribute("describe-url") ?? "";
    const query = `lon=${point[0].toFixed(DIGITS)}&lat=${point[1].toFixed(DIGITS)}`;
    try {
      const { label } = await getJson<Partial<Place>>(`${url}?${query}`);
      if (label) this.#text.textContent = `${point[1].toFixed(6)}, ${point[0].toFixed(6)} · ${label}`;
      this.host.dispatchEvent(new CustomEvent("sen:described", { bubbles: true, detail: { label } }));
    } catch {
      // The coordinates stand; a place without a road nearby has no Km.
    }
  }
}

