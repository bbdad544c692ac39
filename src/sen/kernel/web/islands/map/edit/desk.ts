/**
 * The desk of an editor: `<sen-map mode="pick" for="id" geometry="point|line|polygon|any">`.
 *
 * The field's text and the map show the same shape; whoever has no map types. Exact values, what
 * is wrong with the shape beside its neighbours, and the figures stand below the map.
 *   edited-layer="works-lines" edited-row="12"   what is edited: its neighbours are compared
 */
import type { GeoJSONSource, Map as MapLibre } from "maplibre-gl";
import { RequestError, csrfToken, debounce, getJson, h, icon } from "../../lib/dom";
import { t } from "../../lib/messages";
import { area, length, number } from "../../lib/text";
import { type LonLat, distance } from "../geodesy";
import type { Place } from "../types";
import { Editor } from "./editor";
import { type Kind, type Shape, bearing, cornerAt, crossing, destination, figures, isEmpty, pathAt } from "./shape";
import { pathsOf } from "./snap";
import { fromGeometry, readShape, toGeometry, writeShape } from "./text";

const KINDS: readonly Kind[] = ["point", "line", "polygon"];
/** From this zoom on neighbours are few enough to be fetched exactly. */
const SNAP_ZOOM = 13;

interface Finding {
  fault: string;
  text: string;
  where: GeoJSON.Geometry | null;
  stops: boolean;
}

interface Checked {
  findings: Finding[];
  geometry?: GeoJSON.Geometry;
}

export class EditDesk {
  readonly editor: Editor;
  readonly element: HTMLElement;
  readonly #text = h("output", { class: "map-pick-value" });
  readonly #hint = h("p", { class: "hint" });
  readonly #findings = h("div", { class: "map-findings", "aria-live": "polite" });
  readonly #buttons: Record<string, HTMLButtonElement> = {};
  #faults: Finding[] = [];
  #asked = "";
  #checked = "";
  readonly #checkSoon = debounce(500, () => void this.#check());
  readonly #describeSoon = debounce(350, (point: LonLat) => void this.#describe(point));
  readonly #neighboursSoon = debounce(250, () => void this.#fetchNeighbours());

  constructor(
    readonly map: MapLibre,
    readonly host: HTMLElement,
    readonly input: HTMLInputElement | HTMLTextAreaElement | null,
    readonly layers: () => string[],
  ) {
    const known = readShape(input?.value ?? "");
    this.editor = new Editor(map, known?.kind ?? this.kinds[0] ?? "point", () => this.#changed());
    this.element = this.#build();
    if (known) this.#load(known);
    else if (input?.value.trim()) void this.#readText();
    input?.addEventListener("change", () => void this.#readText());
    map.on("moveend", this.#neighboursSoon);
    this.#neighboursSoon();
    this.#refresh();
  }

  /** What may be drawn here. */
  get kinds(): readonly Kind[] {
    const asked = this.host.getAttribute("geometry") ?? "point";
    return asked === "any" ? KINDS : KINDS.filter((kind) => kind === asked);
  }

  draw(): void {
    this.editor.draw();
    this.#drawFaults();
  }

  destroy(): void {
    this.editor.destroy();
    this.element.remove();
  }

  // Interface ---------------------------------------------------------------------------------

  #build(): HTMLElement {
    const { editor } = this;
    const act = (name: string, drawing: SVGElement, text: string, run: () => void): HTMLButtonElement => {
      const button = h("button", { class: "btn btn-sm", type: "button", onclick: () => { run(); this.#refresh(); } }, drawing, text);
      this.#buttons[name] = button;
      return button;
    };
    const only = (name: string, drawing: SVGElement, text: string, run: () => void): HTMLButtonElement => {
      const button = act(name, drawing, "", run);
      button.classList.add("btn-icon");
      button.setAttribute("aria-label", text);
      button.title = text;
      return button;
    };
    const isPoint = this.kinds.length === 1 && this.kinds[0] === "point";
    const place = act("place", icon("crosshair"), t("pickPlace"), () => {
      const { lng, lat } = this.map.getCenter();
      editor.add(editor.snap([lng, lat]));
    });
    const history = h(
      "span",
      { class: "btn-group" },
      only("undo", icon("undo-2"), t("undo"), () => editor.undo()),
      only("redo", icon("redo-2"), t("redo"), () => editor.redo()),
    );
    const shapes = isPoint
      ? []
      : [
          act("finish", icon("check"), t("drawFinish"), () => editor.finish()),
          act("remove", icon("trash-2"), t("drawRemove"), () => editor.remove()),
          act("goOn", icon("move-right"), t("drawGoOn"), () => editor.goOn()),
          act("part", icon("plus"), t("drawPart"), () => editor.start("part")),
          act("hole", icon("circle-dashed"), t("drawHole"), () => editor.start("hole")),
        ];
    const clear = act("clear", icon("x"), t("pickClear"), () => editor.clear());
    const snap = h("input", { type: "checkbox", checked: true, onchange: () => (editor.snapping = snap.checked) });
    const snapping = h("label", { class: "check map-snap" }, snap, h("span", {}, t("snapping")));
    return h(
      "div",
      { class: "map-pick", role: "group", "aria-label": t("picked") },
      h("div", { class: "map-pick-text" }, this.#text, this.#hint),
      this.kinds.length > 1 ? this.#kindChoice() : null,
      h("div", { class: "row map-pick-acts" }, place, ...shapes, history, clear, snapping),
      this.#exact(),
      this.#findings,
    );
  }

  #kindChoice(): HTMLElement {
    const names: Record<Kind, string> = { point: t("drawPoint"), line: t("drawLine"), polygon: t("drawArea") };
    const buttons = this.kinds.map((kind) => {
      const choose = (): void => {
        if (this.editor.shape.kind === kind) return;
        this.editor.put({ kind, parts: [] });
        this.editor.start();
        this.#refresh();
      };
      const button = h("button", { class: "btn btn-sm", type: "button", "aria-pressed": "false", onclick: choose }, names[kind]);
      this.#buttons[`kind-${kind}`] = button;
      return button;
    });
    return h("span", { class: "btn-group", role: "group", "aria-label": t("drawKind") }, ...buttons);
  }

  /** Typed positions and steps: for those who draw from a plan or a protocol, not by eye. */
  #exact(): HTMLElement {
    const where = h("input", { class: "input", type: "text", "aria-label": t("exactPlace"), placeholder: t("exactPlaceHint") });
    const metres = h("input", { class: "input", type: "text", inputmode: "decimal", "aria-label": t("exactLength"), placeholder: "120,5" });
    const degrees = h("input", { class: "input", type: "text", inputmode: "decimal", "aria-label": t("exactBearing"), placeholder: "45" });
    const note = h("p", { class: "hint", role: "status" });
    const toPlace = async (): Promise<void> => {
      try {
        const found = await getJson<{ lon?: number; lat?: number; label?: string }>(`/map/goto?q=${encodeURIComponent(where.value)}`);
        if (found.lon === undefined || found.lat === undefined) throw new RequestError(404, t("gotoFailed", { query: where.value }));
        this.editor.add([found.lon, found.lat]);
        this.map.panTo([found.lon, found.lat]);
        note.textContent = found.label ?? "";
        where.value = "";
      } catch (error) {
        note.textContent = (error instanceof RequestError && error.message) || t("gotoFailed", { query: where.value });
      }
      this.#refresh();
    };
    const step = (): void => {
      const from = this.#from();
      const [far, angle] = [numeric(metres.value), numeric(degrees.value)];
      if (!from || far === null || angle === null) {
        note.textContent = t(from ? "exactNumbers" : "exactFrom");
        return;
      }
      if (this.editor.chosen) this.editor.choose(null);
      const to = destination(from, far, angle);
      this.editor.add(to);
      this.map.panTo([to[0], to[1]]);
      note.textContent = "";
      metres.value = "";
      this.#refresh();
    };
    const onEnter = (run: () => void) => (event: Event): void => {
      if ((event as KeyboardEvent).key !== "Enter") return;
      event.preventDefault(); // the form is not sent
      run();
    };
    where.addEventListener("keydown", onEnter(() => void toPlace()));
    for (const box of [metres, degrees]) box.addEventListener("keydown", onEnter(step));
    const isPoint = this.kinds.length === 1 && this.kinds[0] === "point";
    return h(
      "details",
      { class: "map-exact" },
      h("summary", {}, t("exact")),
      h("div", { class: "row" }, where, h("button", { class: "btn btn-sm", type: "button", onclick: () => void toPlace() }, t("exactAdd"))),
      isPoint ? null : h("div", { class: "row" }, metres, degrees, h("button", { class: "btn btn-sm", type: "button", onclick: step }, t("exactStep"))),
      note,
    );
  }

  /** Where the next typed step begins: the chosen corner, else the end of what is drawn. */
  #from(): LonLat | null {
    const { editor } = this;
    if (editor.chosen) return cornerAt(editor.shape, editor.chosen);
    return editor.last ?? pathAt(editor.shape, editor.shape.parts.length - 1, 0).at(-1) ?? null;
  }

  #refresh(): void {
    const { editor } = this;
    const { kind } = editor.shape;
    const some = !isEmpty(editor.shape);
    const shown: Record<string, boolean> = {
      finish: editor.drawing && kind !== "point",
      remove: kind !== "point" && (editor.chosen !== null || (editor.drawing && some)),
      goOn: !editor.drawing && kind === "line",
      part: !editor.drawing && kind !== "point" && !this.#isSingle,
      hole: !editor.drawing && kind === "polygon",
      clear: some,
    };
    for (const [name, on] of Object.entries(shown)) {
      const button = this.#buttons[name];
      if (button) button.hidden = !on;
    }
    (this.#buttons["undo"] as HTMLButtonElement).disabled = !editor.canUndo;
    (this.#buttons["redo"] as HTMLButtonElement).disabled = !editor.canRedo;
    for (const one of this.kinds) this.#buttons[`kind-${one}`]?.setAttribute("aria-pressed", String(one === kind));
    const hint = editor.drawing ? (kind === "point" ? "pickPoint" : kind === "line" ? "drawLineHint" : "drawAreaHint") : kind === "point" ? "pickPoint" : "editHint";
    this.#hint.textContent = t(hint);
  }

  get #isSingle(): boolean {
    return this.host.hasAttribute("single");
  }

  // The field ---------------------------------------------------------------------------------

  async #readText(): Promise<void> {
    const text = this.input?.value ?? "";
    const shape = readShape(text);
    if (shape && this.kinds.includes(shape.kind)) {
      this.#load(shape);
      return;
    }
    if (!text.trim()) {
      this.editor.clear();
      return;
    }
    // Lists of coordinates and VN-2000 are read where the exact parameters are.
    try {
      const { geometry } = await this.#ask({ text, kinds: this.kinds });
      const read = geometry ? fromGeometry(geometry) : null;
      if (read) this.#load(read);
    } catch (error) {
      this.#say([{ fault: "invalid", text: error instanceof Error ? error.message : "", where: null, stops: true }]);
    }
  }

  #load(shape: Shape): void {
    this.editor.load(shape);
    this.#tell();
    this.#fit(shape);
    this.#checkSoon();
    this.#refresh();
  }

  #fit(shape: Shape): void {
    const points = shape.parts.flat(2);
    const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
    if (points.length === 0) return;
    this.map.fitBounds([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)], { padding: 60, maxZoom: 16, animate: false });
  }

  #changed(): void {
    const { shape } = this.editor;
    const value = writeShape(shape, this.host.getAttribute("format") ?? "geojson");
    if (this.input && this.input.value !== value) {
      this.input.value = value;
      this.input.dispatchEvent(new Event("input", { bubbles: true }));
    }
    this.#tell();
    this.#checkSoon();
    this.#refresh();
    this.host.dispatchEvent(new CustomEvent("sen:pick", { bubbles: true, detail: { points: shape.parts.flat(2) } }));
  }

  /** Figures of the shape, and of the step that was drawn last. */
  #tell(): void {
    const { editor } = this;
    const { shape } = editor;
    const points = shape.parts.flat(2);
    const last = points.at(-1);
    if (!last) {
      this.#text.textContent = "";
      return;
    }
    if (shape.kind === "point") {
      this.#text.textContent = `${last[1].toFixed(6)}, ${last[0].toFixed(6)}`;
      if (this.host.hasAttribute("describe-url")) this.#describeSoon(last);
      return;
    }
    const sums = figures(shape);
    const parts = [shape.kind === "line" ? `${t("lengthIs")}: ${length(sums.length)}` : `${t("areaIs")}: ${area(sums.area)} · ${t("perimeterIs").toLowerCase()} ${length(sums.length)}`];
    const before = points.at(-2);
    if (editor.drawing && before) parts.push(`${t("stepIs")}: ${length(distance(before, last))}, ${number(bearing(before, last), 1)}°`);
    this.#text.textContent = parts.join(" · ");
  }

  /** `describe-url?lon=&lat=` → `{label}`, for example "QL.30, Km12+500 (cách tim đường 4 m)". */
  async #describe(point: LonLat): Promise<void> {
    const url = this.host.getAttribute("describe-url") ?? "";
    try {
      const { label } = await getJson<Partial<Place>>(`${url}?lon=${point[0].toFixed(7)}&lat=${point[1].toFixed(7)}`);
      if (label) this.#text.textContent = `${point[1].toFixed(6)}, ${point[0].toFixed(6)} · ${label}`;
      this.host.dispatchEvent(new CustomEvent("sen:described", { bubbles: true, detail: { label } }));
    } catch {
      // The coordinates stand; a place without a road nearby has no Km.
    }
  }

  // Neighbours --------------------------------------------------------------------------------

  async #fetchNeighbours(): Promise<void> {
    if (this.map.getZoom() < SNAP_ZOOM) {
      this.editor.neighbours = [];
      return;
    }
    const box = this.map.getBounds();
    const bbox = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((edge) => edge.toFixed(6)).join(",");
    const own = this.host.getAttribute("edited-layer");
    const names = [...new Set([...(own ? [own] : []), ...this.layers()])];
    const row = this.host.getAttribute("edited-row");
    const but = own && row ? `&but=${own}:${row}` : "";
    const url = `/map/snap?bbox=${bbox}&layers=${names.join(",")}${but}`;
    if (url === this.#asked) return;
    this.#asked = url;
    try {
      const { features } = await getJson<GeoJSON.FeatureCollection>(url);
      if (url === this.#asked) this.editor.neighbours = pathsOf(features);
    } catch {
      this.editor.neighbours = []; // drawing goes on without
    }
  }

  async #check(): Promise<void> {
    const geometry = toGeometry(this.editor.shape);
    const crossed = crossing(this.editor.shape);
    if (!geometry || this.editor.drawing) {
      const text = crossed ? t("crossesItself") : "";
      this.#say(crossed ? [{ fault: "invalid", text, where: { type: "Point", coordinates: [...crossed] }, stops: true }] : []);
      return;
    }
    const asked = JSON.stringify(geometry);
    this.#checked = asked;
    try {
      const { findings } = await this.#ask({ geometry, layer: this.host.getAttribute("edited-layer"), row: this.host.getAttribute("edited-row") });
      if (asked === this.#checked) this.#say(findings);
    } catch {
      this.#say([]); // the form judges again when it is sent
    }
  }

  async #ask(body: object): Promise<Checked> {
    const response = await fetch("/map/check", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() },
      body: JSON.stringify(body),
    });
    const answer = (await response.json().catch(() => ({}))) as Checked & { detail?: string };
    if (!response.ok) throw new RequestError(response.status, answer.detail ?? "");
    return answer;
  }

  #say(findings: Finding[]): void {
    this.#faults = findings;
    this.#drawFaults();
    this.#findings.replaceChildren();
    if (findings.length === 0) return;
    const items = findings.map((item) => {
      const go = (): void => this.#goTo(item.where);
      const show = item.where ? h("button", { class: "btn btn-quiet btn-sm", type: "button", onclick: go }, icon("crosshair"), t("showPlace")) : null;
      return h("li", { class: item.stops ? "is-fault" : "" }, h("span", {}, item.text), show);
    });
    this.#findings.append(h("p", { class: "label" }, t(findings.some((item) => item.stops) ? "findingsStop" : "findings")), h("ul", {}, ...items));
  }

  #goTo(where: GeoJSON.Geometry | null): void {
    const shape = where ? fromGeometry(where) : null;
    if (shape) this.#fit(shape);
  }

  #drawFaults(): void {
    const features = this.#faults.flatMap(({ where }): GeoJSON.Feature[] => (where ? [{ type: "Feature", properties: {}, geometry: where }] : []));
    this.map.getSource<GeoJSONSource>("sen-edit-faults")?.setData({ type: "FeatureCollection", features });
  }
}

function numeric(text: string): number | null {
  const value = Number(text.trim().replace(/\s/g, "").replace(",", "."));
  return text.trim() && Number.isFinite(value) ? value : null;
}
