/** Choosing a point or a line for a form field: `<sen-map mode="pick" for="id_geom">`. */
import type { Map as MapLibre } from "maplibre-gl";
import { debounce, getJson, h, icon } from "../lib/dom";
import { t } from "../lib/messages";
import { length } from "../lib/text";
import { type LonLat, lineLength } from "./geodesy";
import { type PickShape, readPoints, writePoints } from "./points";
import { Sketch } from "./sketch";
import type { Place } from "./types";

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
      h("div", { class: "map-pick-text" }, this.#text, h("p", { class: "hint" }, t(shape === "line" ? "pickLine" : "pickPoint"))),
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
    const query = `lon=${point[0].toFixed(7)}&lat=${point[1].toFixed(7)}`;
    try {
      const { label } = await getJson<Partial<Place>>(`${url}?${query}`);
      if (label) this.#text.textContent = `${point[1].toFixed(6)}, ${point[0].toFixed(6)} · ${label}`;
      this.host.dispatchEvent(new CustomEvent("sen:described", { bubbles: true, detail: { label } }));
    } catch {
      // The coordinates stand; a place without a road nearby has no Km.
    }
  }
}

