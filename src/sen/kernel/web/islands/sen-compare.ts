/**
 * `<sen-compare config data a b label>`: a layer on two days, one on each side of a handle.
 *
 * `data?lop=a|b&a=&b=&bbox=` answers with the features of that day, each with how it differs. The
 * table of the differences stands below in the page: the map only shows where they are.
 */
import type { LayerSpecification, Map as MapLibre, StyleSpecification } from "maplibre-gl";
import { debounce, getJson, h } from "./lib/dom";
import { t } from "./lib/messages";
import { assetUrl, prepareMap } from "./map/fonts";
import { buildStyle, isGround } from "./map/style";
import { Swipe } from "./map/swipe";
import type { MapConfig, MapState, Theme } from "./map/types";

type Side = "a" | "b";
type Features = GeoJSON.FeatureCollection & { whole?: boolean };

const NOTHING: Features = { type: "FeatureCollection", features: [] };
const COLOURS = { NEW: "#0e9f6e", GONE: "#c81e1e", MOVED: "#d97706", CHANGED: "#2f7fd6" } as const;
const SAME = "#7b8a90";

class SenCompare extends HTMLElement {
  map: MapLibre | null = null;
  #config!: MapConfig;
  #swipe: Swipe | null = null;
  readonly #shown: Record<Side, Features> = { a: NOTHING, b: NOTHING };
  readonly #note = h("p", { class: "map-compare-note hint", role: "status" });
  readonly #readSoon = debounce(250, () => void this.#read());

  connectedCallback(): void {
    if (!this.map) void this.#start();
  }

  disconnectedCallback(): void {
    this.#swipe?.close();
    this.map?.remove();
    this.map = null;
  }

  async #start(): Promise<void> {
    try {
      const [library, config] = await Promise.all([
        import("maplibre-gl"),
        getJson<MapConfig>(this.getAttribute("config") ?? "/map/config.json"),
        prepareMap(),
      ]);
      if (!this.isConnected) return;
      this.#config = config;
      const canvas = h("div", { class: "map-canvas" });
      this.append(canvas, h("div", { class: "map-compare-head" }, this.#legend(), this.#note));
      library.setWorkerUrl(assetUrl("islands/maplibre-worker.js"));
      const { center, zoom, bounds } = config;
      this.map = new library.Map({
        container: canvas, style: this.#style("a"), center, zoom,
        maxPitch: 0, attributionControl: false, renderWorldCopies: false, fadeDuration: 0, zoomLevelsToOverscale: 20,
        locale: { "Map.Title": t("mapCanvas") },
      });
      this.setAttribute("role", "region");
      this.setAttribute("aria-label", this.getAttribute("label") ?? t("map"));
      this.classList.add("is-ready");
      // Told to the constructor, the bounds would be fitted before the map knows its own size.
      this.map.resize();
      if (bounds) this.map.fitBounds(bounds, { padding: 24, duration: 0 });
      this.#swipe = new Swipe(library, this.map, this.#style("b"));
      this.map.on("moveend", this.#readSoon);
      this.map.once("load", () => void this.#read());
    } catch (error) {
      console.error(error);
      this.prepend(h("p", { class: "map-failure", role: "status" }, t("mapFailed")));
    }
  }

  #legend(): HTMLElement {
    const names = { NEW: t("changeNew"), GONE: t("changeGone"), MOVED: t("changeMoved"), CHANGED: t("changeOther") };
    const items = Object.entries(names).map(([kind, name]) => {
      const sample = h("span", { class: "map-compare-sample", "aria-hidden": "true" });
      sample.style.background = COLOURS[kind as keyof typeof COLOURS];
      return h("li", {}, sample, name);
    });
    return h("ul", { class: "map-compare-legend" }, ...items);
  }

  /** The ground without any layer of today, and the features of one day on it. */
  #style(side: Side): StyleSpecification {
    const theme: Theme = document.documentElement.dataset["theme"] === "dark" ? "dark" : "light";
    const ground = { ...this.#config, layers: this.#config.layers.filter((one) => isGround(one)) };
    const state: MapState = { theme, visible: new Set(), filters: new Map(), selected: null };
    const style = buildStyle(ground, state, location.origin);
    style.sources["sen-day"] = { type: "geojson", data: this.#shown[side] };
    style.layers.push(...dayLayers());
    return style;
  }

  async #read(): Promise<void> {
    if (!this.map) return;
    const box = this.map.getBounds();
    const bbox = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((edge) => edge.toFixed(6)).join(",");
    const days = `a=${this.getAttribute("a") ?? ""}&b=${this.getAttribute("b") ?? ""}`;
    const url = (side: Side): string => `${this.getAttribute("data") ?? ""}?lop=${side}&${days}&bbox=${bbox}`;
    try {
      const [a, b] = await Promise.all([getJson<Features>(url("a")), getJson<Features>(url("b"))]);
      this.#shown.a = a;
      this.#shown.b = b;
      this.#note.textContent = a.whole === false || b.whole === false ? t("compareMore") : "";
      this.map?.setStyle(this.#style("a"), { diff: true });
      this.#swipe?.setStyle(this.#style("b"));
      this.dataset["drawn"] = "";
    } catch (error) {
      this.#note.textContent = error instanceof Error && error.message ? error.message : t("mapTilesFailed");
    }
  }
}

function dayLayers(): LayerSpecification[] {
  const color = ["match", ["get", "change"], ...Object.entries(COLOURS).flat(), SAME] as unknown as string;
  const width = ["case", ["==", ["get", "change"], ""], 2, 4] as unknown as number;
  const radius = ["case", ["==", ["get", "change"], ""], 4, 7] as unknown as number;
  return [
    { id: "sen-day:fill", type: "fill", source: "sen-day", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": color, "fill-opacity": 0.25 } },
    { id: "sen-day:line", type: "line", source: "sen-day", filter: ["!=", ["geometry-type"], "Point"], layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": color, "line-width": width } },
    { id: "sen-day:point", type: "circle", source: "sen-day", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": color, "circle-radius": radius, "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.5 } },
  ];
}

customElements.define("sen-compare", SenCompare);
