/** Swiping: left of a handle the map without the topmost picture, right of it with it. */
import type { Map as MapLibre, StyleSpecification } from "maplibre-gl";
import { h } from "../lib/dom";
import { say } from "./pictures";

type Library = typeof import("maplibre-gl");

export class Swipe {
  readonly element: HTMLElement;
  readonly #over: MapLibre;
  readonly #box = h("div", { class: "map-swipe-over", "aria-hidden": "true" });
  readonly #handle = h("input", {
    class: "map-swipe-handle", type: "range", min: 0, max: 100, step: 0.5, value: 50, "aria-label": say("swipeHandle"),
  });
  readonly #line = h("span", { class: "map-swipe-line", "aria-hidden": "true" });
  readonly #follow = (): void => {
    this.#over.jumpTo({ center: this.map.getCenter(), zoom: this.map.getZoom(), bearing: this.map.getBearing() });
  };

  constructor(library: Library, readonly map: MapLibre, style: StyleSpecification) {
    this.element = h("div", { class: "map-swipe" }, this.#box, this.#line, this.#handle);
    map.getContainer().after(this.element);
    this.#over = new library.Map({
      container: this.#box, style, center: map.getCenter(), zoom: map.getZoom(), bearing: map.getBearing(),
      interactive: false, attributionControl: false, renderWorldCopies: false, fadeDuration: 0,
      minZoom: map.getMinZoom(), maxZoom: map.getMaxZoom(), zoomLevelsToOverscale: 20,
    });
    map.on("move", this.#follow);
    this.#handle.addEventListener("input", () => this.#cut());
    this.#cut();
  }

  setStyle(style: StyleSpecification): void {
    this.#over.setStyle(style, { diff: true });
  }

  close(): void {
    this.map.off("move", this.#follow);
    this.#over.remove();
    this.element.remove();
  }

  #cut(): void {
    this.#box.style.clipPath = `inset(0 0 0 ${this.#handle.value}%)`;
    this.#line.style.left = `${this.#handle.value}%`;
  }
}
