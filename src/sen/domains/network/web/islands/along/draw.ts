/** Draws a part of a road as one SVG: ruler, structures, signs, carriageway, bands and step lines. */
import { svg } from "../../../../../kernel/web/islands/lib/dom";
import { number } from "../../../../../kernel/web/islands/lib/text";
import { chainage, extent, inView, pack, rulerStep, rulerTicks, said } from "./layout";
import { t } from "./messages";
import type { Along, Mark, Track, View } from "./types";

export interface Options {
  width: number;
  base: string;
  hidden: ReadonlySet<string>;
  oldRuler: boolean;
  /** Only bands and lines: the road itself is not drawn. */
  plain: boolean;
  selected: Mark | null;
  /** Lower rows, and none for what is not there: for paper. */
  compact: boolean;
}

export interface Picture {
  element: SVGElement;
  height: number;
}

const CHAR = 6.1;
const ROW = 14;
/** Heights of a band and of a step line, on a screen and on paper. */
const BANDS = [20, 14] as const;
const LINES = [58, 28] as const;
const PLAIN = "#5b7fa6";
const ASPHALT = "#6b7680";

class Drawing {
  readonly root: SVGElement;
  y = 0;
  readonly band: number;
  readonly line: number;

  constructor(
    readonly along: Along,
    readonly view: View,
    readonly options: Options,
  ) {
    const size = options.compact ? 1 : 0;
    this.band = BANDS[size];
    this.line = LINES[size];
    this.root = svg("svg", { class: "along-svg", "aria-hidden": "true", width: options.width });
  }

  x(m: number): number {
    const { from, to } = this.view;
    return ((m - from) / (to - from)) * this.options.width;
  }

  /** Pixels of a thing, cut at the edges and never too thin to be seen. */
  span(mark: Mark, least = 1.5): [number, number] {
    const low = Math.max(this.x(mark.a), -2);
    const high = Math.min(this.x(mark.b), this.options.width + 2);
    if (high - low >= least) return [low, high];
    const middle = Math.min(Math.max((this.x(mark.a) + this.x(mark.b)) / 2, 0), this.options.width);
    return [middle - least / 2, middle + least / 2];
  }

  text(x: number, y: number, words: string, klass = "", anchor = "start"): SVGElement {
    return svg("text", { x: x.toFixed(1), y, class: klass, "text-anchor": anchor }, words);
  }

  /** The shapes of a thing with its title, as a link where there is a page behind it. */
  thing(track: Track, mark: Mark, ...shapes: SVGElement[]): void {
    const range = mark.a === mark.b ? chainage(mark.a) : `${chainage(mark.a)}–${chainage(mark.b)}`;
    const title = svg("title", {}, `${track.title}: ${said(mark)} (${range})`);
    const klass = mark === this.options.selected ? "along-thing is-chosen" : "along-thing";
    const link = mark.url ? { href: `${this.options.base}${mark.url}`, tabindex: -1 } : {};
    this.root.append(svg(mark.url ? "a" : "g", { class: klass, ...link }, title, ...shapes));
  }
}

export function draw(along: Along, view: View, options: Options): Picture {
  const drawing = new Drawing(along, view, options);
  const isThere = (track: Track): boolean => !options.compact || track.marks.some((mark) => inView(mark, view));
  const shown = along.tracks.filter((track) => !options.hidden.has(track.name) && isThere(track));
  ruler(drawing);
  if (options.oldRuler) oldRuler(drawing);
  if (!options.plain) {
    for (const track of shown) if (track.shape === "structure") structureLabels(drawing, track);
    for (const track of shown) if (track.shape === "mark") marks(drawing, track, "LEFT");
    carriageway(drawing, shown);
    for (const track of shown) if (track.shape === "mark") marks(drawing, track, "RIGHT");
  }
  for (const track of shown) {
    if (track.shape === "band") band(drawing, track);
    else if (track.shape === "line") stepLine(drawing, track);
  }
  const height = drawing.y + 4;
  const guide = svg("line", { class: "along-guide", x1: 0, x2: 0, y1: 18, y2: height, visibility: "hidden" });
  drawing.root.append(guide);
  drawing.root.setAttribute("height", String(height));
  drawing.root.setAttribute("viewBox", `0 0 ${options.width} ${height}`);
  return { element: drawing.root, height };
}

function ruler(drawing: Drawing): void {
  const { view, options } = drawing;
  const step = rulerStep(view, options.width, 84);
  const fine = step / 5;
  for (const m of rulerTicks(view, fine)) {
    const x = drawing.x(m);
    drawing.root.append(svg("line", { class: "along-tick", x1: x, x2: x, y1: 19, y2: 24 }));
  }
  for (const m of rulerTicks(view, step)) {
    const x = drawing.x(m);
    drawing.root.append(svg("line", { class: "along-tick", x1: x, x2: x, y1: 15, y2: 24 }));
    const words = m % 1000 === 0 ? `Km${m / 1000}` : chainage(m);
    const anchor = x < 30 ? "start" : x > options.width - 30 ? "end" : "middle";
    drawing.root.append(drawing.text(x, 11, words, m % 1000 === 0 ? "along-km" : "", anchor));
  }
  drawing.root.append(svg("line", { class: "along-tick", x1: 0, x2: options.width, y1: 24, y2: 24 }));
  drawing.y = 28;
}

function oldRuler(drawing: Drawing): void {
  const { along, view, options } = drawing;
  const posts = along.posts.filter((post) => post.old !== null && post.m >= view.from && post.m <= view.to);
  const top = drawing.y;
  let reached = drawing.text(0, top + 10, `${t("old")}:`, "along-title");
  drawing.root.append(reached);
  const places = posts.map((post) => [drawing.x(post.m) - 30, drawing.x(post.m) + 30] as const);
  const rows = pack(places, 1);
  posts.forEach((post, i) => {
    const x = drawing.x(post.m);
    drawing.root.append(svg("line", { class: "along-tick", x1: x, x2: x, y1: top + 12, y2: top + 17 }));
    if (rows[i] !== 0) return;
    const anchor = x < 34 ? "start" : x > options.width - 34 ? "end" : "middle";
    reached = drawing.text(x, top + 28, post.old ?? "", "along-old", anchor);
    drawing.root.append(reached);
  });
  drawing.y = top + 34;
}

/** Names of bridges above the road, as far as there is room for them. */
function structureLabels(drawing: Drawing, track: Track): void {
  const { view, options } = drawing;
  const found = track.marks.filter((mark) => inView(mark, view));
  const named = found.filter((mark) => mark.label || mark.symbol);
  if (named.length === 0 || named.length > options.width / 12) return;
  const spans = named.map((mark) => {
    const middle = (drawing.x(mark.a) + drawing.x(mark.b)) / 2;
    const half = (said(mark).length * CHAR) / 2 + 5;
    const from = Math.min(Math.max(middle - half, 0), Math.max(options.width - half * 2, 0));
    return [from, from + half * 2] as const;
  });
  const rows = pack(spans, 3);
  const used = Math.max(0, ...rows.map((row) => row + 1));
  named.forEach((mark, i) => {
    const row = rows[i] ?? -1;
    if (row < 0) return;
    const y = drawing.y + (used - row) * ROW - 2;
    const x = (spans[i]?.[0] ?? 0) + 4;
    const foot = (drawing.x(mark.a) + drawing.x(mark.b)) / 2;
    drawing.thing(
      track,
      mark,
      svg("line", { class: "along-stem", x1: foot, x2: foot, y1: y + 2, y2: drawing.y + used * ROW + 2 }),
      drawing.text(x, y, said(mark), "along-name"),
    );
  });
  drawing.y += used * ROW + 2;
}

/** Signs and devices beside the road on their side; those of both sides stand on the right. */
function marks(drawing: Drawing, track: Track, side: "LEFT" | "RIGHT"): void {
  const { view, options } = drawing;
  const found = track.marks.filter((mark) => inView(mark, view) && (mark.side === "LEFT") === (side === "LEFT"));
  if (found.length === 0) return;
  const top = drawing.y;
  const isDense = found.length > options.width / 26;
  const widths = found.map((mark) => (isDense ? 3 : Math.max((mark.symbol ?? "").length * CHAR + 8, 12)));
  const spans = found.map((mark, i) => {
    const middle = (drawing.x(mark.a) + drawing.x(mark.b)) / 2;
    const half = (widths[i] ?? 12) / 2;
    return [middle - half, middle + half] as const;
  });
  const rows = isDense ? found.map(() => 0) : pack(spans, 3);
  const used = Math.max(1, ...rows.map((row) => row + 1));
  drawing.root.append(
    drawing.text(2, top + 10, `${track.title}, ${t(side === "LEFT" ? "sides" : "sidesRight").toLowerCase()}`, "along-title"),
  );
  const first = top + 14;
  found.forEach((mark, i) => {
    const row = rows[i] ?? -1;
    const [from, to] = spans[i] ?? [0, 0];
    const color = mark.color ?? PLAIN;
    if (isDense || row < 0) {
      const y = first + (used - 1) * (ROW + 2);
      drawing.thing(track, mark, svg("rect", { x: from, y, width: 3, height: ROW, fill: color }));
      return;
    }
    const y = first + row * (ROW + 2);
    const box = svg("rect", { class: "along-sign", x: from, y, width: to - from, height: ROW, rx: 3, stroke: color });
    const words = drawing.text((from + to) / 2, y + 11, mark.symbol ?? "•", "along-symbol", "middle");
    drawing.thing(track, mark, box, words);
  });
  drawing.y = first + used * (ROW + 2) + 2;
}

function carriageway(drawing: Drawing, shown: Track[]): void {
  const { along, view, options } = drawing;
  const { road } = along;
  const full = 40;
  const top = drawing.y + 4;
  const middle = top + full / 2;
  const start = Math.max(drawing.x(Math.max(road.start, view.from)), 0);
  const end = Math.min(drawing.x(Math.min(road.end, view.to)), options.width);
  const widths = along.tracks.find((track) => track.name === "network.width")?.marks ?? [];
  const widest = Math.max(road.width ?? 0, ...widths.map((mark) => mark.n ?? 0), 1);
  const thick = (metres: number): number => Math.max((metres / widest) * full, 8);
  const usual = thick(road.width ?? widest);
  drawing.root.append(svg("rect", { x: start, y: middle - usual / 2, width: Math.max(end - start, 0), height: usual, fill: ASPHALT }));
  const surface = along.tracks.find((track) => track.name === "network.surface");
  for (const mark of (surface?.marks ?? []).filter((one) => inView(one, view))) {
    const [a, b] = drawing.span(mark, 0.5);
    drawing.root.append(svg("rect", { x: a, y: middle - usual / 2, width: b - a, height: usual, fill: mark.color ?? ASPHALT }));
  }
  // Where the road is narrower or wider than usual, its edge is drawn there.
  for (const mark of widths.filter((one) => inView(one, view))) {
    const half = thick(mark.n ?? widest) / 2;
    const [a, b] = drawing.span(mark, 0.5);
    for (const y of [middle - half, middle + half]) {
      drawing.root.append(svg("line", { class: "along-edge", x1: a, x2: b, y1: y, y2: y }));
    }
  }
  laneLines(drawing, start, end, middle, usual);
  drawing.root.append(
    drawing.text(2, top + full + 12, `${t("road")}: ${t("lanes", { n: road.lanes })}${road.width ? `, ${number(road.width, 2)} m` : ""}`, "along-title"),
  );
  for (const track of shown) {
    if (track.shape !== "structure") continue;
    for (const mark of track.marks.filter((one) => inView(one, view))) structure(drawing, track, mark, middle, full);
  }
  drawing.y = top + full + 18;
}

function laneLines(drawing: Drawing, start: number, end: number, middle: number, thickness: number): void {
  const { lanes, dual, oneWay } = drawing.along.road;
  for (let i = 1; i < lanes; i += 1) {
    const y = middle - thickness / 2 + (thickness / lanes) * i;
    const isCentre = !oneWay && i * 2 === lanes;
    const klass = isCentre && dual ? "along-median" : "along-lane";
    drawing.root.append(svg("line", { class: klass, x1: start, x2: end, y1: y, y2: y }));
  }
}

/** A bridge spans the carriageway; a culvert crosses below it. */
function structure(drawing: Drawing, track: Track, mark: Mark, middle: number, full: number): void {
  const color = mark.color ?? PLAIN;
  if (mark.a === mark.b) {
    const x = drawing.x(mark.a);
    drawing.thing(
      track,
      mark,
      svg("line", { x1: x, x2: x, y1: middle - full / 2 - 3, y2: middle + full / 2 + 3, stroke: color, "stroke-width": 2 }),
      svg("rect", { x: x - 5, y: middle - full / 2 - 3, width: 10, height: full + 6, fill: "transparent" }),
    );
    return;
  }
  const [from, to] = drawing.span(mark, 5);
  const box = { x: from, width: to - from, y: middle - full / 2 - 3, height: full + 6 };
  drawing.thing(track, mark, svg("rect", { class: "along-bridge", ...box, stroke: color }));
}

function title(drawing: Drawing, track: Track): void {
  const words = track.unit ? `${track.title} (${track.unit})` : track.title;
  drawing.root.append(drawing.text(2, drawing.y + 11, words, "along-title"));
  drawing.y += 15;
}

/** The rows of a band: both sides in one, or each in a half. */
function halves(mark: Mark, height: number): [number, number] {
  if (mark.side === "LEFT") return [0, height / 2];
  return mark.side === "RIGHT" ? [height / 2, height / 2] : [0, height];
}

function band(drawing: Drawing, track: Track): void {
  const { view, options } = drawing;
  title(drawing, track);
  drawing.root.append(svg("rect", { class: "along-empty", x: 0, y: drawing.y, width: options.width, height: drawing.band }));
  track.marks.forEach((mark, i) => {
    if (!inView(mark, view)) return;
    const [from, to] = drawing.span(mark, 0.8);
    const [top, height] = halves(mark, drawing.band);
    const fill = mark.color ?? (i % 2 ? "#8aa4b8" : "#b5c7d3");
    const shapes = [svg("rect", { class: "along-band", x: from, y: drawing.y + top, width: to - from, height, fill })];
    const words = mark.text || mark.label || "";
    const room = Math.min(to, options.width) - Math.max(from, 0);
    if (height === drawing.band && words && room > words.length * CHAR + 8) {
      const ink = isDark(fill) ? "along-on-dark" : "along-on-light";
      shapes.push(drawing.text((Math.max(from, 0) + Math.min(to, options.width)) / 2, drawing.y + drawing.band * 0.7, words, ink, "middle"));
    }
    drawing.thing(track, mark, ...shapes);
  });
  drawing.y += drawing.band + (drawing.options.compact ? 2 : 5);
}

function stepLine(drawing: Drawing, track: Track): void {
  const { view, options } = drawing;
  title(drawing, track);
  const [low, high] = extent(track);
  const top = drawing.y + 4;
  const foot = top + drawing.line;
  const y = (value: number): number => foot - ((value - low) / (high - low)) * drawing.line;
  for (const value of drawing.options.compact ? [low, high] : [low, (low + high) / 2, high]) {
    drawing.root.append(
      svg("line", { class: "chart-grid", x1: 0, x2: options.width, y1: y(value), y2: y(value) }),
      drawing.text(options.width - 2, y(value) + (value === high ? 10 : -2), number(value, 1), "along-scale", "end"),
    );
  }
  for (const mark of track.marks) {
    if (mark.n === undefined || !inView(mark, view)) continue;
    const [from, to] = drawing.span(mark, 0.8);
    const color = mark.color ?? PLAIN;
    const dash = mark.side === "RIGHT" ? { "stroke-dasharray": "4 2" } : {};
    drawing.thing(
      track,
      mark,
      svg("rect", { x: from, y: y(mark.n), width: to - from, height: foot - y(mark.n), fill: color, "fill-opacity": 0.22 }),
      svg("line", { x1: from, x2: to, y1: y(mark.n), y2: y(mark.n), stroke: color, "stroke-width": 2, ...dash }),
    );
  }
  drawing.y = foot + 6;
}

/** Whether white reads better on a colour than black. */
function isDark(color: string): boolean {
  const parts = /^#(..)(..)(..)$/.exec(color);
  if (!parts) return false;
  const [red, green, blue] = parts.slice(1).map((part) => {
    const value = parseInt(part, 16) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.179;
}
