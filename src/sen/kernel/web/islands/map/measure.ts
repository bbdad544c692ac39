/** Measuring lengths and areas. */
import type { Map as MapLibre } from "maplibre-gl";
import { h, icon } from "../lib/dom";
import { t } from "../lib/messages";
import { area, length } from "../lib/text";
import { type LonLat, lineLength, ringArea } from "./geodesy";
import { Sketch } from "./sketch";

export class Measure {
  #sketch: Sketch | null = null;
  readonly #value = h("output", { class: "map-measure-value" });
  readonly #line = this.#choice("line", icon("ruler"), t("measureLength"));
  readonly #area = this.#choice("area", icon("square-dashed"), t("measureArea"));
  readonly element = h(
    "div",
    { class: "map-measure", role: "group", "aria-label": t("measure"), hidden: true },
    h(
      "div",
      { class: "map-measure-head" },
      h("span", { class: "btn-group" }, this.#line, this.#area),
      h("button", { class: "btn btn-quiet btn-icon btn-sm", type: "button", "aria-label": t("close"), onclick: () => this.close() }, icon("x")),
    ),
    this.#value,
    h("p", { class: "hint" }, t("measureHint")),
  );

  constructor(
    readonly map: MapLibre,
    readonly toggled: (on: boolean) => void,
  ) {}

  get active(): boolean {
    return this.#sketch !== null;
  }

  #choice(shape: "line" | "area", drawing: SVGElement, text: string): HTMLButtonElement {
    return h("button", { class: "btn btn-sm", type: "button", "aria-pressed": "false", onclick: () => this.start(shape) }, drawing, text);
  }

  start(shape: "line" | "area"): void {
    this.#sketch?.destroy();
    this.#line.setAttribute("aria-pressed", String(shape === "line"));
    this.#area.setAttribute("aria-pressed", String(shape === "area"));
    this.element.hidden = false;
    this.#sketch = new Sketch(this.map, "sen-measure", shape, (points) => this.#show(points, shape));
    this.#show([], shape);
    this.toggled(true);
  }

  close(): void {
    this.#sketch?.destroy();
    this.#sketch = null;
    this.element.hidden = true;
    this.toggled(false);
  }

  draw(): void {
    this.#sketch?.draw();
  }

  #show(points: readonly LonLat[], shape: "line" | "area"): void {
    const first = points[0];
    if (shape === "area" && first && points.length > 2) {
      const around = lineLength([...points, first]);
      this.#value.textContent = `${area(ringArea(points))} · ${t("perimeterIs").toLowerCase()} ${length(around)}`;
    } else this.#value.textContent = length(lineLength(points));
  }
}
