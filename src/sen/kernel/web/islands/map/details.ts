/** What stands at a point: a choice when it is several things, then the short record of one. */
import type { Map as MapLibre, MapGeoJSONFeature, PointLike } from "maplibre-gl";
import { h, icon } from "../lib/dom";
import { t } from "../lib/messages";
import { sample, sheet } from "./box";
import type { LayerConfig, MapConfig } from "./types";

export interface Hit {
  layer: LayerConfig;
  id: string | number;
  label: string;
  color: string;
}

const RANK = { point: 0, line: 1, polygon: 2 } as const;

function hitColor(layer: LayerConfig, feature: MapGeoJSONFeature): string {
  const { by, color } = layer.style;
  return by ? (by.values[String(feature.properties[by.field])]?.color ?? by.default) : color;
}

/** Features near a screen point, points first, each once. */
export function hitsAt(map: MapLibre, config: MapConfig, point: { x: number; y: number }, reach: number): Hit[] {
  const box: [PointLike, PointLike] = [
    [point.x - reach, point.y - reach],
    [point.x + reach, point.y + reach],
  ];
  const drawn = config.layers.filter((one) => one.detail_url && map.getLayer(one.id));
  const found = map.queryRenderedFeatures(box, { layers: drawn.map((layer) => layer.id) });
  const hits = new Map<string, Hit>();
  for (const feature of found) {
    const layer = drawn.find((one) => one.id === feature.layer.id);
    const id = feature.id ?? (feature.properties["id"] as number | string | undefined);
    if (!layer || id === undefined || hits.has(`${layer.id}/${id}`)) continue;
    const field = layer.style.label_field ?? "name";
    const label = String(feature.properties[field] ?? feature.properties["name"] ?? "");
    hits.set(`${layer.id}/${id}`, {
      layer,
      id,
      label: label || t("unnamed", { id }),
      color: hitColor(layer, feature),
    });
  }
  return [...hits.values()].sort((a, b) => RANK[a.layer.kind] - RANK[b.layer.kind]);
}

export class Details {
  readonly #sheet = sheet("map-details", () => this.close());
  readonly element = this.#sheet.element;
  #request: AbortController | null = null;

  constructor(readonly selected: (hit: Hit | null) => void) {
    // Read aloud when it changes: the map itself says nothing to a screen reader.
    this.element.setAttribute("aria-live", "polite");
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  close(): void {
    this.#request?.abort();
    if (!this.open) return;
    this.#sheet.hide();
    this.selected(null);
  }

  show(hits: Hit[]): void {
    const [only] = hits;
    if (!only) {
      this.close();
      return;
    }
    // A commune under the bridge is not a rival: areas count only when nothing else is there.
    const rivals = hits.filter((hit) => hit.layer.kind !== "polygon");
    if (rivals.length > 1) this.#choose(rivals);
    else void this.load(rivals[0] ?? only);
  }

  #choose(hits: Hit[]): void {
    const list = h("ul", { class: "map-hits" });
    for (const hit of hits.slice(0, 20)) {
      const button = h(
        "button",
        { class: "menu-item", type: "button", onclick: () => void this.load(hit, hits) },
        sample(hit.layer.kind, hit.color),
        h("span", {}, hit.label),
        h("small", {}, hit.layer.title),
      );
      list.append(h("li", {}, button));
    }
    this.#sheet.show(t("objectsHere", { n: hits.length }), list);
  }

  async load(hit: Hit, back: Hit[] = []): Promise<void> {
    this.selected(hit);
    const url = (hit.layer.detail_url ?? "").replace("{id}", encodeURIComponent(String(hit.id)));
    const lines = [1, 2, 3, 4].map(() => h("span", { class: "skeleton" }));
    this.#sheet.show(hit.layer.title, h("div", { "aria-hidden": "true" }, ...lines));
    this.#request?.abort();
    const request = new AbortController();
    this.#request = request;
    try {
      const response = await fetch(`${url}${url.includes("?") ? "&" : "?"}partial=card`, {
        headers: { Accept: "text/html" },
        signal: request.signal,
      });
      if (!response.ok) throw new Error(String(response.status));
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const open = h("a", { class: "btn btn-primary btn-sm", href: url }, icon("square-arrow-out-up-right"), t("openDetails"));
      const foot = h("div", { class: "row map-details-foot" }, open);
      if (back.length > 1) {
        const text = t("objectsHere", { n: back.length });
        foot.append(h("button", { class: "btn btn-quiet btn-sm", type: "button", onclick: () => this.#choose(back) }, icon("chevron-left"), text));
      }
      this.#sheet.show(hit.layer.title, ...[...page.body.childNodes].map((node) => document.adoptNode(node)), foot);
    } catch {
      if (request.signal.aborted) return;
      const again = h("button", { class: "btn btn-sm", type: "button", onclick: () => void this.load(hit, back) }, icon("rotate-cw"), t("retry"));
      this.#sheet.show(hit.label, h("p", {}, t("detailsFailed")), h("p", {}, again));
    }
  }
}
