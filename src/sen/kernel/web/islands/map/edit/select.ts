/** Choosing features on the map for what may be done with all of them, or with one. */
import type { GeoJSONSource, Map as MapLibre, MapMouseEvent, MapTouchEvent } from "maplibre-gl";
import { RequestError, csrfToken, h, icon } from "../../lib/dom";
import { t } from "../../lib/messages";
import { toast } from "../../lib/toast";
import { hitsAt } from "../details";
import { Sketch } from "../sketch";
import type { LayerConfig, MapConfig } from "../types";

type Feature = GeoJSON.Feature & { id: number };
type Answer = GeoJSON.FeatureCollection & { whole?: boolean; detail?: string };
type Pointer = MapMouseEvent | MapTouchEvent;

export class SelectTool {
  #chosen = new Map<number, Feature>();
  #layer: LayerConfig | null = null;
  #area: Sketch | null = null;
  #boxing = false;
  readonly #count = h("output", { class: "map-measure-value" });
  readonly #pick = h("select", { class: "select", "aria-label": t("selectLayer"), onchange: () => this.#use(this.#pick.value) });
  readonly #acts = h("div", { class: "row" });
  readonly #boxButton = h("button", { class: "btn btn-sm", type: "button", "aria-pressed": "false", onclick: () => this.#setBoxing(!this.#boxing) }, icon("square-dashed"), t("selectBox"));
  readonly #areaButton = h("button", { class: "btn btn-sm", type: "button", "aria-pressed": "false", onclick: () => this.#toggleArea() }, icon("lasso-select"), t("selectArea"));
  readonly element = h(
    "div",
    { class: "map-measure map-select", role: "group", "aria-label": t("select"), hidden: true },
    h("div", { class: "map-measure-head" }, this.#pick, h("button", { class: "btn btn-quiet btn-icon btn-sm", type: "button", "aria-label": t("close"), onclick: () => this.close() }, icon("x"))),
    h("div", { class: "btn-group" }, this.#boxButton, this.#areaButton),
    this.#count,
    this.#acts,
    h("p", { class: "hint" }, t("selectHint")),
  );

  constructor(
    readonly map: MapLibre,
    readonly config: MapConfig,
    readonly visible: () => ReadonlySet<string>,
    readonly query: (layer: string) => string,
    readonly toggled: (on: boolean) => void,
  ) {}

  /** Layers whose rows the person may do something with. */
  static layersOf(config: MapConfig): LayerConfig[] {
    return config.layers.filter((one) => one.edit && (one.edit.bulk || one.edit.change || one.edit.split));
  }

  get active(): boolean {
    return !this.element.hidden;
  }

  toggle(): void {
    if (this.active) this.close();
    else this.open();
  }

  open(): void {
    const all = SelectTool.layersOf(this.config);
    const shown = all.filter((one) => this.visible().has(one.id));
    const offered = shown.length > 0 ? shown : all;
    this.#pick.replaceChildren(...offered.map((one) => h("option", { value: one.id }, one.title)));
    this.element.hidden = false;
    this.map.boxZoom.disable();
    this.map.on("click", this.#onClick);
    this.map.on("mousedown", this.#onDown);
    this.map.on("touchstart", this.#onDown);
    this.toggled(true);
    const first = offered.find((one) => one.id === this.#layer?.id) ?? offered[0];
    if (first) this.#use(first.id);
  }

  close(): void {
    this.#setBoxing(false);
    this.#endArea();
    this.element.hidden = true;
    this.map.boxZoom.enable();
    this.map.off("click", this.#onClick);
    this.map.off("mousedown", this.#onDown);
    this.map.off("touchstart", this.#onDown);
    this.#put([]);
    this.toggled(false);
  }

  draw(): void {
    if (!this.active) return;
    const features = [...this.#chosen.values()].flatMap(({ geometry }): GeoJSON.Feature[] => {
      const isPoint = geometry.type === "Point" || geometry.type === "MultiPoint";
      const roles = isPoint ? ["chosen"] : geometry.type.endsWith("Polygon") ? ["fill", "line"] : ["line"];
      return roles.map((role) => ({ type: "Feature", properties: { role }, geometry }));
    });
    this.map.getSource<GeoJSONSource>("sen-edit")?.setData({ type: "FeatureCollection", features });
    this.#area?.draw();
  }

  #use(id: string): void {
    const layer = this.config.layers.find((one) => one.id === id) ?? null;
    if (layer !== this.#layer) this.#chosen.clear();
    this.#layer = layer;
    this.#pick.value = id;
    this.#put([...this.#chosen.values()]);
  }

  #put(features: Feature[]): void {
    this.#chosen = new Map(features.map((one) => [one.id, one]));
    if (this.active) this.draw();
    else this.map.getSource<GeoJSONSource>("sen-edit")?.setData({ type: "FeatureCollection", features: [] });
    this.#count.textContent = t("chosen", { n: this.#chosen.size });
    this.#acts.replaceChildren(...this.#offers());
  }

  #offers(): HTMLElement[] {
    const edit = this.#layer?.edit;
    const ids = [...this.#chosen.keys()];
    if (!edit || ids.length === 0) return [];
    const found: HTMLElement[] = [];
    const link = (url: string | undefined, drawing: SVGElement, text: string): void => {
      if (url) found.push(h("a", { class: "btn btn-sm", href: url.replace("{id}", String(ids[0])) }, drawing, text));
    };
    if (edit.bulk) {
      const send = (): void => this.#send(edit.bulk ?? "", ids);
      found.push(h("button", { class: "btn btn-sm btn-primary", type: "button", onclick: send }, icon("pencil"), t("bulkEdit")));
    }
    if (ids.length === 1) {
      link(edit.change, icon("spline-pointer"), t("editShape"));
      link(edit.split, icon("scissors"), t("splitRow"));
      link(edit.merge, icon("merge"), t("mergeRow"));
    } else if (ids.length === 2 && edit.merge?.endsWith("/gop/")) link(`${edit.merge}?other=${ids[1] ?? ""}`, icon("merge"), t("mergeRow"));
    found.push(h("button", { class: "btn btn-sm", type: "button", onclick: () => this.#put([]) }, icon("x"), t("selectClear")));
    return found;
  }

  /** The chosen rows go to the register's own bulk edit, as from its list. */
  #send(url: string, ids: number[]): void {
    const field = (name: string, value: string | number): HTMLInputElement => h("input", { type: "hidden", name, value });
    const form = h("form", { method: "post", action: url, hidden: true }, field("csrfmiddlewaretoken", csrfToken()), field("from", "map"), ...ids.map((id) => field("ids", id)));
    document.body.append(form);
    form.submit();
  }

  // Choosing ----------------------------------------------------------------------------------

  readonly #onClick = (event: MapMouseEvent): void => {
    if (this.#boxing || this.#area || !this.#layer) return;
    const touch = event.originalEvent instanceof PointerEvent && event.originalEvent.pointerType === "touch";
    const hit = hitsAt(this.map, this.config, event.point, touch ? 14 : 6).find((one) => one.layer.id === this.#layer?.id);
    const adds = event.originalEvent.shiftKey || touch;
    if (!hit) {
      if (!adds) this.#put([]);
      return;
    }
    const id = Number(hit.id);
    if (adds && this.#chosen.has(id)) this.#put([...this.#chosen.values()].filter((one) => one.id !== id));
    else void this.#ask({ ids: [id] }, adds);
  };

  readonly #onDown = (event: Pointer): void => {
    const shift = event.originalEvent.shiftKey;
    if (this.#area || !(this.#boxing || shift) || ("points" in event && event.points.length > 1)) return;
    event.preventDefault();
    const start = event.lngLat;
    let end = start;
    let moved = false;
    const move = (next: Pointer): void => {
      end = next.lngLat;
      moved ||= Math.hypot(next.point.x - event.point.x, next.point.y - event.point.y) > 4;
      const shape: GeoJSON.Feature = { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring()] } };
      this.map.getSource<GeoJSONSource>("sen-measure")?.setData({ type: "FeatureCollection", features: moved ? [shape] : [] });
    };
    const ring = (): number[][] => [[start.lng, start.lat], [end.lng, start.lat], [end.lng, end.lat], [start.lng, end.lat], [start.lng, start.lat]];
    const stop = (): void => {
      this.map.off("mousemove", move);
      this.map.off("touchmove", move);
      this.map.off("mouseup", stop);
      this.map.off("touchend", stop);
      this.map.getSource<GeoJSONSource>("sen-measure")?.setData({ type: "FeatureCollection", features: [] });
      if (!moved) return;
      void this.#ask({ geometry: { type: "Polygon", coordinates: [ring()] } }, shift);
      this.#setBoxing(false);
    };
    this.map.on("mousemove", move);
    this.map.on("touchmove", move);
    this.map.on("mouseup", stop);
    this.map.on("touchend", stop);
  };

  #setBoxing(on: boolean): void {
    this.#boxing = on;
    this.#boxButton.setAttribute("aria-pressed", String(on));
    this.map.getCanvas().classList.toggle("is-drawing", on);
    if (on) this.#endArea();
  }

  #toggleArea(): void {
    const area = this.#area;
    if (!area) {
      this.#setBoxing(false);
      this.#area = new Sketch(this.map, "sen-measure", "area", () => undefined);
      this.#areaButton.setAttribute("aria-pressed", "true");
      return;
    }
    const ring = area.points.map((point) => [...point]);
    this.#endArea();
    const [first] = ring;
    if (first && ring.length > 2) void this.#ask({ geometry: { type: "Polygon", coordinates: [[...ring, first]] } }, false);
  }

  #endArea(): void {
    this.#area?.destroy();
    this.#area = null;
    this.#areaButton.setAttribute("aria-pressed", "false");
  }

  async #ask(what: object, adds: boolean): Promise<void> {
    const layer = this.#layer?.id ?? "";
    try {
      const response = await fetch("/map/select", {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() },
        body: JSON.stringify({ layer, query: this.query(layer), ...what }),
      });
      const answer = (await response.json()) as Answer;
      if (!response.ok) throw new RequestError(response.status, answer.detail ?? "");
      const found = answer.features as Feature[];
      this.#put(adds ? [...this.#chosen.values(), ...found] : found);
      if (answer.whole === false) toast(t("selectMore"), "warn");
    } catch (error) {
      toast((error instanceof RequestError && error.message) || t("detailsFailed"), "warn");
    }
  }
}
