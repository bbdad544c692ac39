/**
 * `<sen-along src="…/du-lieu.json">`: a road drawn straight, or a strip chart along it.
 *
 * What stands inside is shown where script is missing. Attributes:
 *   label       what is drawn, for screen readers
 *   base        below which address the pages of the things lie (`/ql/`)
 *   from, to    the part that is shown at first, in metres of the label
 *   address     the part that is looked at is kept in the address of the page
 *   plain       bands and lines only, without the road itself
 *   paper="a4"  drawn once for a sheet of paper, without controls; scale: part of the sheet's width
 * Events out: sen:along {m, place} where the pointer is. In: sen:along-show {m}.
 */
import { getJson, h, icon, svg } from "../../../../kernel/web/islands/lib/dom";
import { draw, type Options } from "./along/draw";
import { chainage, clamp, holdsAt, nextMark, pan, placeOf, said, zoom } from "./along/layout";
import { t } from "./along/messages";
import type { Along, Mark, Track, View } from "./along/types";

/** Sheets of one road share what they draw. */
const documents = new Map<string, Promise<Along>>();
const PAPER_WIDTH: Record<string, number> = { a4: 1400, a3: 2100 };
/** A phone begins with a part that can be read. */
const PHONE_VIEW_M = 4000;

function load(src: string): Promise<Along> {
  const known = documents.get(src) ?? getJson<Along>(src);
  documents.set(src, known);
  return known;
}

class SenAlong extends HTMLElement {
  along: Along | null = null;
  #view: View = { from: 0, to: 1 };
  #hidden = new Set<string>();
  #oldRuler = false;
  #chosen: Mark | null = null;
  #canvas = h("div", { class: "along-canvas" });
  #overview = h("div", { class: "along-overview" });
  #read = h("p", { class: "along-read", "aria-live": "polite" });
  #pointers = new Map<number, number>();
  #moved = 0;
  #waiting = false;
  #size: ResizeObserver | null = null;

  connectedCallback(): void {
    if (this.along || this.hasAttribute("aria-busy")) return;
    this.setAttribute("aria-busy", "true");
    load(this.getAttribute("src") ?? "")
      .then((along) => this.isConnected && this.#start(along))
      .catch((error: unknown) => {
        console.error(error);
        this.prepend(h("p", { class: "along-failure", role: "status" }, t("failed")));
      })
      .finally(() => this.removeAttribute("aria-busy"));
  }

  disconnectedCallback(): void {
    this.#size?.disconnect();
  }

  get #ends(): [number, number] {
    const { start, end } = (this.along as Along).road;
    return [start, end];
  }

  #start(along: Along): void {
    this.along = along;
    const [start, end] = this.#ends;
    const from = Number(this.getAttribute("from") ?? start);
    let to = Number(this.getAttribute("to") ?? end);
    const isWhole = to - from >= end - start - 1;
    if (isWhole && this.hasAttribute("address") && this.clientWidth < 600) to = Math.min(to, from + PHONE_VIEW_M);
    this.#view = clamp({ from, to }, start, end);
    for (const track of along.tracks) if (track.quiet) this.#hidden.add(track.name);
    if (this.hasAttribute("paper")) {
      this.#print();
      return;
    }
    this.#oldRuler = new URLSearchParams(location.search).has("old");
    this.#canvas.tabIndex = 0;
    this.#canvas.setAttribute("role", "group");
    this.#canvas.setAttribute("aria-label", `${this.getAttribute("label") ?? ""}. ${t("keys")}`);
    this.replaceChildren(this.#toolbar(), this.#overview, this.#canvas, this.#read, this.#legend());
    this.#listen();
    this.#size = new ResizeObserver(() => this.#draw());
    this.#size.observe(this.#canvas);
    this.#draw();
  }

  #print(): void {
    const full = PAPER_WIDTH[this.getAttribute("paper") ?? ""] ?? 1400;
    const part = Number(this.getAttribute("scale") ?? 1);
    const width = Math.max(full * part, 60);
    const { element } = draw(this.along as Along, this.#view, { ...this.#options(width), oldRuler: this.#hasOld });
    element.setAttribute("width", `${((width / full) * 100).toFixed(2)}%`);
    element.setAttribute("preserveAspectRatio", "xMinYMin meet");
    element.removeAttribute("height");
    this.replaceChildren(element);
    this.dataset["drawn"] = "";
  }

  #options(width: number): Options {
    return {
      width,
      base: this.getAttribute("base") ?? "/ql/",
      hidden: this.#hidden,
      oldRuler: this.#oldRuler,
      plain: this.hasAttribute("plain"),
      selected: this.#chosen,
      compact: this.hasAttribute("paper"),
    };
  }

  get #hasOld(): boolean {
    return (this.along as Along).posts.some((post) => post.old !== null);
  }

  #draw(): void {
    const width = Math.floor(this.#canvas.clientWidth);
    if (!this.along || width < 40) return;
    const { element } = draw(this.along, this.#view, this.#options(width));
    this.#canvas.replaceChildren(element);
    this.#drawOverview(width);
    this.dataset["drawn"] = "";
  }

  /** The whole road with a window on the part that is looked at. */
  #drawOverview(width: number): void {
    const [start, end] = this.#ends;
    const x = (m: number): number => ((m - start) / (end - start)) * width;
    const { from, to } = this.#view;
    const picture = svg("svg", { width, height: 14, "aria-hidden": "true" });
    picture.append(
      svg("rect", { class: "along-empty", x: 0, y: 5, width, height: 4 }),
      svg("rect", { class: "along-window", x: x(from), y: 1, width: Math.max(x(to) - x(from), 4), height: 12, rx: 2 }),
    );
    const text = h("span", { class: "text-xs muted" }, `${chainage(from)} – ${chainage(to)}`);
    this.#overview.replaceChildren(picture, text);
  }

  // Interface ---------------------------------------------------------------------------------

  #toolbar(): HTMLElement {
    const button = (name: string, label: string, call: () => void): HTMLElement =>
      h("button", { class: "btn btn-sm btn-icon", type: "button", "aria-label": label, title: label, onclick: call }, icon(name));
    const all = (): void => this.#look({ from: this.#ends[0], to: this.#ends[1] });
    const bar = h(
      "div",
      { class: "row along-tools" },
      h(
        "span",
        { class: "btn-group" },
        button("chevron-left", t("left"), () => this.#pan(-0.5)),
        button("chevron-right", t("right"), () => this.#pan(0.5)),
        button("plus", t("zoomIn"), () => this.#zoom(0.5)),
        button("minus", t("zoomOut"), () => this.#zoom(2)),
        button("maximize", t("whole"), all),
      ),
    );
    if (this.#hasOld && !this.hasAttribute("plain")) bar.append(this.#switch(t("oldRuler"), this.#oldRuler, (on) => this.#showOld(on)));
    const tracks = (this.along as Along).tracks;
    if (tracks.length > 1) {
      const list = tracks.map((track) => this.#switch(track.title, !this.#hidden.has(track.name), (on) => this.#show(track, on)));
      const menu = h("div", { class: "menu-pop stack" }, ...list);
      bar.append(h("details", { class: "menu" }, h("summary", { class: "btn btn-sm" }, icon("layers"), t("rows")), menu));
    }
    return bar;
  }

  #switch(label: string, on: boolean, call: (on: boolean) => void): HTMLElement {
    const change = (event: Event): void => call((event.target as HTMLInputElement).checked);
    return h("label", { class: "check" }, h("input", { type: "checkbox", checked: on, onchange: change }), h("span", {}, label));
  }

  #showOld(on: boolean): void {
    this.#oldRuler = on;
    this.#remember();
    this.#draw();
  }

  #show(track: Track, on: boolean): void {
    if (on) this.#hidden.delete(track.name);
    else this.#hidden.add(track.name);
    this.#draw();
  }

  #legend(): HTMLElement {
    const box = h("div", { class: "along-legend text-xs" });
    for (const track of (this.along as Along).tracks) {
      if (track.legend.length === 0 || this.#hidden.has(track.name)) continue;
      const items = track.legend.map(([color, text]) => {
        const swatch = svg("svg", { class: "along-dot", width: 10, height: 10, "aria-hidden": "true" }, svg("rect", { width: 10, height: 10, fill: color || "#888" }));
        return h("span", { class: "nowrap" }, swatch, ` ${text}`);
      });
      box.append(h("p", { class: "row" }, h("b", {}, track.title), ...items));
    }
    return box;
  }

  // Moving ------------------------------------------------------------------------------------

  #look(view: View): void {
    const [start, end] = this.#ends;
    this.#view = clamp(view, start, end);
    this.#remember();
    if (this.#waiting) return;
    this.#waiting = true; // once a frame is enough
    requestAnimationFrame(() => {
      this.#waiting = false;
      this.#draw();
    });
  }

  #pan(part: number): void {
    this.#look(pan(this.#view, (this.#view.to - this.#view.from) * part, ...this.#ends));
  }

  #zoom(factor: number, about = (this.#view.from + this.#view.to) / 2): void {
    this.#look(zoom(this.#view, about, factor, ...this.#ends));
  }

  #remember(): void {
    if (!this.hasAttribute("address")) return;
    const url = new URL(location.href);
    url.searchParams.set("from", chainage(this.#view.from));
    url.searchParams.set("to", chainage(this.#view.to));
    if (this.#oldRuler) url.searchParams.set("old", "1");
    else url.searchParams.delete("old");
    history.replaceState(history.state, "", url);
  }

  /** The label below a place of the window. */
  #labelAt(clientX: number): number {
    const box = this.#canvas.getBoundingClientRect();
    const part = (clientX - box.left) / Math.max(box.width, 1);
    return this.#view.from + part * (this.#view.to - this.#view.from);
  }

  #listen(): void {
    const canvas = this.#canvas;
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener(
      "wheel",
      (event) => {
        // Without a key the page scrolls, as everywhere else; sideways always moves along the road.
        if (event.ctrlKey || event.metaKey || event.shiftKey) this.#zoom(event.deltaY + event.deltaX > 0 ? 1.25 : 0.8, this.#labelAt(event.clientX));
        else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.#pan(event.deltaX / canvas.clientWidth);
        else return;
        event.preventDefault();
      },
      { passive: false },
    );
    canvas.addEventListener("pointerdown", (event) => {
      this.#pointers.set(event.pointerId, event.clientX);
      this.#moved = 0;
    });
    canvas.addEventListener("pointermove", (event) => this.#pointer(event));
    for (const name of ["pointerup", "pointercancel", "pointerleave"] as const) {
      canvas.addEventListener(name, (event) => this.#pointers.delete(event.pointerId));
    }
    canvas.addEventListener("dragstart", (event) => event.preventDefault());
    canvas.addEventListener(
      "click",
      (event) => {
        if (this.#moved <= 6) return;
        event.preventDefault(); // the end of a drag opens nothing
        event.stopPropagation();
      },
      true,
    );
    canvas.addEventListener("dblclick", (event) => this.#zoom(0.5, this.#labelAt(event.clientX)));
    this.addEventListener("sen:along-show", (event) => this.show((event as CustomEvent<{ m: number }>).detail.m));
    this.#overview.addEventListener("pointerdown", (event) => {
      const box = this.#overview.getBoundingClientRect();
      const [start, end] = this.#ends;
      const m = start + ((event.clientX - box.left) / box.width) * (end - start);
      const half = (this.#view.to - this.#view.from) / 2;
      this.#look({ from: m - half, to: m + half });
    });
  }

  #pointer(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId);
    if (before === undefined) {
      this.#point(this.#labelAt(event.clientX));
      return;
    }
    const perPixel = (this.#view.to - this.#view.from) / Math.max(this.#canvas.clientWidth, 1);
    const others = [...this.#pointers].filter(([id]) => id !== event.pointerId);
    this.#pointers.set(event.pointerId, event.clientX);
    this.#moved += Math.abs(event.clientX - before);
    const other = others[0]?.[1];
    if (other === undefined) {
      this.#look(pan(this.#view, (before - event.clientX) * perPixel, ...this.#ends));
      return;
    }
    const apart = Math.max(Math.abs(event.clientX - other), 8);
    this.#zoom(Math.max(Math.abs(before - other), 8) / apart, this.#labelAt((event.clientX + other) / 2));
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const length = this.#view.to - this.#view.from;
    const [start, end] = this.#ends;
    const acts: Record<string, () => void> = {
      ArrowLeft: () => this.#pan(-0.2),
      ArrowRight: () => this.#pan(0.2),
      "+": () => this.#zoom(0.5),
      "=": () => this.#zoom(0.5),
      "-": () => this.#zoom(2),
      Home: () => this.#look({ from: start, to: start + length }),
      End: () => this.#look({ from: end - length, to: end }),
      ".": () => this.#choose(true),
      ",": () => this.#choose(false),
      Enter: () => this.#open(),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  #choose(forward: boolean): void {
    const tracks = (this.along as Along).tracks.filter((track) => !this.#hidden.has(track.name) && track.shape !== "line");
    this.#chosen = nextMark(tracks, this.#chosen, forward);
    if (!this.#chosen) return;
    const middle = (this.#chosen.a + this.#chosen.b) / 2;
    const half = (this.#view.to - this.#view.from) / 2;
    if (middle < this.#view.from || middle > this.#view.to) this.#look({ from: middle - half, to: middle + half });
    this.#draw();
    const owner = tracks.find((track) => track.marks.includes(this.#chosen as Mark));
    this.#read.textContent = `${chainage(middle)}: ${owner?.title ?? ""}, ${said(this.#chosen)}`;
    this.#tell(middle);
  }

  #open(): void {
    if (this.#chosen?.url) location.assign(`${this.getAttribute("base") ?? "/ql/"}${this.#chosen.url}`);
  }

  // Telling -----------------------------------------------------------------------------------

  /** Shows a place of the road, from outside. */
  show(m: number): void {
    const length = this.#view.to - this.#view.from;
    if (m < this.#view.from || m > this.#view.to) this.#look({ from: m - length / 2, to: m + length / 2 });
    this.#mark(m);
  }

  #point(m: number): void {
    this.#mark(m);
    this.#tell(m);
  }

  #mark(m: number): void {
    const guide = this.#canvas.querySelector<SVGElement>(".along-guide");
    const { from, to } = this.#view;
    const x = ((m - from) / (to - from)) * this.#canvas.clientWidth;
    guide?.setAttribute("x1", String(x));
    guide?.setAttribute("x2", String(x));
    guide?.setAttribute("visibility", "visible");
    const shown = (this.along as Along).tracks.filter((track) => !this.#hidden.has(track.name));
    const reach = ((to - from) / Math.max(this.#canvas.clientWidth, 1)) * 6;
    const parts = holdsAt(shown, m, reach).map(([title, words]) => h("span", {}, h("b", {}, `${title}: `), words, " "));
    this.#read.replaceChildren(h("b", { class: "along-here" }, chainage(m)), " ", ...parts);
  }

  #tell(m: number): void {
    const place = placeOf((this.along as Along).line, m);
    this.dispatchEvent(new CustomEvent("sen:along", { bubbles: true, detail: { m, place } }));
  }
}

customElements.define("sen-along", SenAlong);

document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-print]")) print();
});
