/**
 * `<sen-chart src="/…/chuoi.json">`: series over time, from years to seconds.
 *
 * The server answers what fits the window (`kernel/web/charts.py`). Attributes: `src`, `label`,
 * `span` ("30d", "6h": what is shown first), `end` (ISO: where it ends, instead of now), `plain`
 * (a picture without buttons, for walls). Points that a `<sen-live>` of the page receives for the
 * chart's topic are appended.
 */
import { debounce, getJson, h, icon } from "../lib/dom";
import { t, type MessageKey } from "../lib/messages";
import { number } from "../lib/text";
import {
  type ChartSeries,
  type TimeChart,
  type View,
  DAY,
  SPANS,
  ZONE,
  appended,
  decimalsFor,
  isoText,
  loadedFor,
  momentText,
  moved,
  nearest,
  needsLoading,
  spanOf,
  zoomed,
} from "./data";
import { echarts } from "./library";
import { type Look, type Option, buildOption } from "./option";

type Drawing = ReturnType<typeof echarts.init>;

const ROWS = 500;
/** A view whose end lies so near to now follows what comes in. */
const FOLLOWS = 0.02;

interface LiveDetail {
  topic?: string;
  key?: string;
  at?: string;
  data?: { value?: number | null; result?: number | null; at?: string };
}

export class Timeline {
  #chart: TimeChart | null = null;
  #view: View;
  #drawing: Drawing | null = null;
  #request: AbortController | null = null;
  #cursor = 0;
  readonly #host: HTMLElement;
  readonly #plain: boolean;
  readonly #box = h("div", { class: "timeline-box", tabindex: 0, role: "application" });
  readonly #tip = h("div", { class: "chart-tip", hidden: true });
  readonly #guide = h("div", { class: "timeline-guide", hidden: true });
  readonly #said = h("p", { class: "sr-only", role: "status" });
  readonly #state = h("p", { class: "timeline-state", role: "status" });
  readonly #under = h("div", { class: "timeline-under" });
  readonly #table = h("details", { class: "chart-table" }, h("summary", {}, t("chartTable")));
  readonly #sizes: ResizeObserver;
  readonly #themes: MutationObserver;

  constructor(host: HTMLElement) {
    this.#host = host;
    this.#plain = host.hasAttribute("plain");
    const end = Date.parse(host.getAttribute("end") ?? "") || Date.now();
    this.#view = { from: end - spanOf(host.getAttribute("span"), 30 * DAY), to: end };
    this.#box.setAttribute("aria-label", `${host.getAttribute("label") ?? ""}. ${t("chartKeys")}`);
    const frame = h("div", { class: "timeline-frame" }, this.#box, this.#guide, this.#tip);
    if (this.#plain) {
      this.#box.setAttribute("tabindex", "-1");
      host.replaceChildren(frame, this.#state);
    } else {
      host.replaceChildren(this.#bar(), frame, this.#state, this.#under, this.#table, this.#said);
    }
    this.#sizes = new ResizeObserver(() => this.#drawing?.resize());
    this.#sizes.observe(this.#box);
    this.#themes = new MutationObserver(() => this.#draw());
    this.#themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.#box.addEventListener("keydown", this.#onKey);
    this.#box.addEventListener("pointermove", this.#onPointer);
    this.#box.addEventListener("pointerleave", this.#hideTip);
    this.#table.addEventListener("toggle", () => this.#fillTable());
    document.addEventListener("sen:live", this.#onLive);
    document.addEventListener("sen:live-reset", this.#onReset);
    void this.#load();
  }

  destroy(): void {
    this.#request?.abort();
    this.#sizes.disconnect();
    this.#themes.disconnect();
    document.removeEventListener("sen:live", this.#onLive);
    document.removeEventListener("sen:live-reset", this.#onReset);
    this.#drawing?.dispose();
    this.#drawing = null;
  }

  // Reading ----------------------------------------------------------------------------------

  get #points(): number {
    return Math.min(4000, Math.max(200, Math.round(this.#box.clientWidth) * 2));
  }

  #url(window: View, points = this.#points): URL {
    const url = new URL(this.#host.getAttribute("src") ?? "", location.href);
    url.searchParams.set("tu", isoText(window.from));
    url.searchParams.set("den", isoText(window.to));
    url.searchParams.set("diem", String(points));
    return url;
  }

  async #load(): Promise<void> {
    this.#request?.abort();
    const request = new AbortController();
    this.#request = request;
    this.#host.setAttribute("aria-busy", "true");
    if (!this.#chart) this.#state.textContent = t("chartLoading");
    try {
      const url = this.#url(this.#plain ? this.#view : loadedFor(this.#view));
      this.#chart = await getJson<TimeChart>(url.href, request.signal);
      this.#state.textContent = "";
      this.#draw();
      this.#host.dispatchEvent(new CustomEvent("sen:chart", { bubbles: true, detail: { step: this.#chart.step } }));
    } catch (error) {
      if (request.signal.aborted) return;
      this.#state.textContent = t("chartFailed", { text: error instanceof Error ? error.message : "" });
    } finally {
      if (this.#request === request) this.#host.removeAttribute("aria-busy");
    }
  }

  readonly #loadSoon = debounce(200, () => {
    if (this.#chart && this.#drawing && needsLoading(this.#chart, this.#view, this.#points)) void this.#load();
  });

  readonly #onReset = (): void => {
    if (this.#chart?.topic) void this.#load();
  };

  readonly #onLive = (event: Event): void => {
    const message = (event as CustomEvent<LiveDetail>).detail;
    const chart = this.#chart;
    if (!chart?.topic || message.topic !== chart.topic) return;
    const moment = Date.parse(message.data?.at ?? message.at ?? "");
    const value = message.data?.value ?? message.data?.result ?? null;
    const series = chart.series.find((one) => one.live !== "" && one.live === message.key);
    if (!series || !Number.isFinite(moment) || !appended(series, moment, value)) return;
    const span = this.#view.to - this.#view.from;
    const end = chart.last ?? this.#view.to;
    chart.last = Math.max(end, moment);
    chart.to = Math.max(chart.to, moment);
    if (Math.abs(this.#view.to - end) < span * FOLLOWS + 60_000 && moment > this.#view.to) {
      this.#view = { from: moment - span, to: moment };
    }
    this.#drawSoon();
  };

  readonly #drawSoon = debounce(150, () => this.#draw());

  // Drawing ----------------------------------------------------------------------------------

  #look(): Look {
    const style = getComputedStyle(this.#host);
    const token = (name: string): string => style.getPropertyValue(name).trim();
    return {
      ink: token("--ink"),
      quiet: token("--ink-2"),
      line: token("--line"),
      surface: token("--surface"),
      series: [1, 2, 3, 4, 5].map((n) => token(`--chart-${n}`)),
      tones: { ok: token("--ok"), info: token("--info"), warn: token("--warn"), danger: token("--danger") },
      font: style.fontFamily,
      size: Math.max(11, Math.round(Number.parseFloat(style.fontSize) * 0.8)),
    };
  }

  #reach(chart: TimeChart): View {
    return {
      from: Math.min(chart.first ?? chart.from, this.#view.from),
      to: Math.max(chart.last ?? chart.to, this.#view.to),
    };
  }

  #draw(): void {
    const chart = this.#chart;
    if (!chart || !this.#box.isConnected) return;
    if (!this.#drawing) {
      this.#drawing = echarts.init(this.#box, null, { renderer: "canvas" });
      this.#drawing.on("datazoom", () => this.#onZoom());
    }
    this.#drawing.setOption(this.#option(chart, this.#look()), { notMerge: true });
    const empty = chart.series.every((one) => one.value.every((value) => value === null));
    this.#state.textContent = empty ? t("chartEmpty") : "";
    this.#explain(chart);
    this.#fillTable();
  }

  #option(chart: TimeChart, look: Look): Option {
    const option = buildOption(chart, this.#view, look, number, this.#reach(chart));
    if (this.#plain) {
      const { dataZoom, grid, ...rest } = option;
      const inside = (dataZoom as object[])[0];
      return { ...rest, grid: { ...(grid as object), bottom: 8 }, dataZoom: [{ ...inside, disabled: true }] };
    }
    return option;
  }

  #onZoom(): void {
    const zoom = (this.#drawing?.getOption()["dataZoom"] as { startValue: number; endValue: number }[])[0];
    if (!zoom) return;
    this.#view = { from: zoom.startValue - ZONE, to: zoom.endValue - ZONE };
    this.#hideTip();
    this.#loadSoon();
  }

  #show(view: View): void {
    const chart = this.#chart;
    this.#view = view;
    if (chart) this.#draw();
    this.#loadSoon();
  }

  /** Words for all that is drawn in colour: lines, bands, marks. */
  #explain(chart: TimeChart): void {
    const legend = h("ul", { class: "chart-legend" });
    chart.series.forEach((one, i) => {
      const unit = one.unit ? ` (${one.unit})` : "";
      legend.append(h("li", {}, h("span", { class: `swatch series-${(i % 5) + 1}` }), one.title + unit));
    });
    const steps = { raw: "chartStepRaw", minute: "chartStepMinute", hour: "chartStepHour", day: "chartStepDay" } as const;
    const spread = chart.series.some((one) => one.low.length > 0) ? ` · ${t("chartEnvelope")}` : "";
    legend.append(h("li", { class: "end", "data-step": chart.step }, t(steps[chart.step]) + spread));
    const bands = chart.bands.map((band) =>
      h("li", {}, h("span", { class: `badge badge-dot tone-${band.tone}` }, band.label), ` ${edges(band.low, band.high)}`),
    );
    const marks = chart.marks.map((mark, i) =>
      h(
        "li",
        {},
        h("span", { class: `badge tone-${mark.tone}` }, String(i + 1)),
        ` ${momentText(mark.at)} `,
        mark.url ? h("a", { href: mark.url }, mark.text) : mark.text,
      ),
    );
    this.#under.replaceChildren(
      legend,
      ...(bands.length ? [h("ul", { class: "chart-notes", "aria-label": t("chartBands") }, ...bands)] : []),
      ...(marks.length ? [h("ul", { class: "chart-notes", "aria-label": t("chartMarks") }, ...marks)] : []),
      ...chart.notes.map((note) => h("p", { class: "hint" }, note)),
    );
  }

  // Reading off ------------------------------------------------------------------------------

  readonly #onPointer = (event: PointerEvent): void => {
    if (!this.#chart || !this.#drawing) return;
    const x = event.clientX - this.#box.getBoundingClientRect().left;
    const moment = Number(this.#drawing.convertFromPixel({ xAxisIndex: 0 }, x)) - ZONE;
    if (Number.isFinite(moment)) this.#point(moment);
  };

  readonly #hideTip = (): void => {
    this.#tip.hidden = true;
    this.#guide.hidden = true;
  };

  /** Shows, and returns as words, the values next to a moment. */
  #point(moment: number): string {
    const chart = this.#chart;
    if (!chart || !this.#drawing) return "";
    const hits = chart.series.map((one) => ({ one, i: nearest(one, moment) })).filter(({ i }) => i >= 0);
    const first = hits[0];
    if (!first) return "";
    const at = first.one.at[first.i] ?? moment;
    this.#cursor = at;
    const rows = hits.map(({ one, i }) => `${one.title}: ${valueText(one, i)}`);
    this.#tip.replaceChildren(
      h("b", {}, momentText(at, chart.step)),
      ...hits.map(({ one, i }, s) =>
        h("div", {}, h("span", { class: `swatch series-${(s % 5) + 1}` }), `${one.title}: ${valueText(one, i)}`),
      ),
    );
    const x = Number(this.#drawing.convertToPixel({ xAxisIndex: 0 }, at + ZONE));
    this.#guide.hidden = false;
    this.#guide.style.insetInlineStart = `${x}px`;
    this.#tip.hidden = false;
    const width = this.#tip.offsetWidth;
    this.#tip.style.left = `${Math.max(0, x + width + 24 > this.#box.clientWidth ? x - width - 12 : x + 12)}px`;
    this.#tip.style.top = "2rem";
    return `${momentText(at, chart.step)}. ${rows.join("; ")}`;
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = this.#acts[event.key];
    if (!act) return;
    event.preventDefault();
    act(event.shiftKey ? 10 : 1);
  };

  readonly #acts: Record<string, (many: number) => void> = {
    ArrowLeft: (many) => this.#step(-many),
    ArrowRight: (many) => this.#step(many),
    Home: () => this.#say(this.#point(this.#chart?.series[0]?.at[0] ?? 0)),
    End: () => this.#say(this.#point(this.#chart?.series[0]?.at.at(-1) ?? 0)),
    "+": () => this.#show(zoomed(this.#view, 0.5, this.#middle())),
    "=": () => this.#show(zoomed(this.#view, 0.5, this.#middle())),
    "-": () => this.#show(zoomed(this.#view, 2, this.#middle())),
    Escape: () => this.#hideTip(),
  };

  #middle(): number {
    const seen = this.#cursor > this.#view.from && this.#cursor < this.#view.to && !this.#guide.hidden;
    return seen ? this.#cursor : (this.#view.from + this.#view.to) / 2;
  }

  #step(by: number): void {
    const one = this.#chart?.series[0];
    if (!one) return;
    let i = this.#guide.hidden ? nearest(one, this.#view.to) : nearest(one, this.#cursor) + by;
    const way = by < 0 ? -1 : 1;
    while (i > 0 && i < one.at.length - 1 && one.value[i] === null) i += way;
    const at = one.at[Math.min(Math.max(i, 0), one.at.length - 1)] ?? 0;
    if (at < this.#view.from || at > this.#view.to) this.#show(moved(this.#view, way * 0.5));
    this.#say(this.#point(at));
  }

  #say(text: string): void {
    this.#said.textContent = text;
  }

  #fillTable(): void {
    const chart = this.#chart;
    if (!this.#table.open || !chart) return;
    const rows = tableRows(chart, this.#view);
    const head = h("tr", {}, h("th", { scope: "col" }, t("chartMoment")));
    for (const one of chart.series) {
      const unit = one.unit ? ` (${one.unit})` : "";
      head.append(h("th", { scope: "col", class: "num" }, one.title + unit));
      if (!one.low.length) continue;
      head.append(h("th", { scope: "col", class: "num" }, t("chartLow")), h("th", { scope: "col", class: "num" }, t("chartHigh")));
    }
    const body = h("tbody", {});
    for (const [moment, cells] of rows.slice(0, ROWS)) {
      const row = h("tr", {}, h("th", { scope: "row" }, momentText(moment, chart.step)));
      for (const cell of cells) row.append(h("td", { class: "num" }, cell === null ? "–" : number(cell, 4)));
      body.append(row);
    }
    const note = rows.length > ROWS ? h("p", { class: "hint" }, t("chartRows", { n: ROWS, all: rows.length })) : "";
    this.#table.replaceChildren(
      h("summary", {}, t("chartTable")),
      h("div", { class: "table-wrap", tabindex: 0, role: "group", "aria-label": chart.title },
        h("table", { class: "table" }, h("thead", {}, head), body)),
      note,
    );
  }

  // Buttons ----------------------------------------------------------------------------------

  #bar(): HTMLElement {
    const spans = h("div", { class: "btn-group", role: "group", "aria-label": t("chartSpan") });
    const names: [string, MessageKey][] = [
      ["hour", "chartHour"],
      ["day", "chartDay"],
      ["week", "chartWeek"],
      ["month", "chartMonth"],
      ["year", "chartYear"],
    ];
    for (const [name, key] of names) {
      spans.append(this.#button(t(key), () => this.#last(SPANS[name] ?? DAY)));
    }
    const way = h(
      "div",
      { class: "btn-group" },
      this.#button(t("chartEarlier"), () => this.#show(moved(this.#view, -0.5)), icon("chevron-left", "sm")),
      this.#button(t("chartLater"), () => this.#show(moved(this.#view, 0.5)), icon("chevron-right", "sm")),
      this.#button(t("chartIn"), () => this.#show(zoomed(this.#view, 0.5)), icon("zoom-in", "sm")),
      this.#button(t("chartOut"), () => this.#show(zoomed(this.#view, 2)), icon("zoom-out", "sm")),
    );
    const save = h(
      "details",
      { class: "menu" },
      h("summary", { class: "btn btn-sm" }, icon("download", "sm"), t("chartSave")),
      h(
        "div",
        { class: "menu-pop" },
        this.#item(t("chartPng"), () => this.#savePicture("png")),
        this.#item(t("chartSvg"), () => this.#savePicture("svg")),
        this.#item(t("chartCsv"), () => this.#saveData("csv")),
        this.#item(t("chartXlsx"), () => this.#saveData("xlsx")),
      ),
    );
    return h("div", { class: "timeline-bar" }, spans, way, save);
  }

  #button(text: string, act: () => void, drawing?: SVGElement): HTMLElement {
    const inside = drawing ? [drawing, h("span", { class: "sr-only" }, text)] : [text];
    const more = drawing ? { title: text } : {};
    return h("button", { type: "button", class: "btn btn-sm", onclick: act, ...more }, ...inside);
  }

  #item(text: string, act: () => void): HTMLElement {
    return h("button", { type: "button", class: "menu-item", onclick: act }, text);
  }

  /** The newest stretch of a length, or the one that ends where the view does. */
  #last(span: number): void {
    const end = Math.min(this.#view.to, Math.max(this.#chart?.last ?? this.#view.to, this.#view.from));
    this.#show({ from: end - span, to: end });
  }

  #savePicture(kind: "png" | "svg"): void {
    const chart = this.#chart;
    if (!chart || !this.#drawing) return;
    if (kind === "png") {
      const background = getComputedStyle(this.#host).getPropertyValue("--surface").trim();
      download(this.#drawing.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: background }), `${chart.title}.png`);
      return;
    }
    const size = { width: this.#box.clientWidth, height: this.#box.clientHeight };
    const paper = echarts.init(null, null, { renderer: "svg", ssr: true, ...size });
    paper.setOption(this.#option(chart, this.#look()));
    const url = URL.createObjectURL(new Blob([paper.renderToSVGString()], { type: "image/svg+xml" }));
    paper.dispose();
    download(url, `${chart.title}.svg`);
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  #saveData(kind: "csv" | "xlsx"): void {
    const url = this.#url(this.#view, 4000);
    url.searchParams.set("dang", kind);
    download(url.href, "");
  }
}

function download(href: string, name: string): void {
  const link = h("a", { href, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

function edges(low: number | null, high: number | null): string {
  if (low === null) return t("chartTo", { high: number(high ?? 0, 3) });
  if (high === null) return t("chartFrom", { low: number(low, 3) });
  return t("chartBetween", { low: number(low, 3), high: number(high, 3) });
}

function valueText(one: ChartSeries, i: number): string {
  const value = one.value[i];
  if (value === null || value === undefined) return "–";
  const low = one.low[i];
  const high = one.high[i];
  const unit = one.unit ? ` ${one.unit}` : "";
  const digits = decimalsFor(Math.abs(value) || 1);
  const spread =
    low !== null && low !== undefined && high !== null && high !== undefined && high > low
      ? ` (${number(low, digits)} – ${number(high, digits)})`
      : "";
  return `${number(value, digits)}${unit}${spread}`;
}

/** Rows of the table within the view: moment → cells of all series. */
function tableRows(chart: TimeChart, view: View): [number, (number | null)[]][] {
  const widths = chart.series.map((one) => (one.low.length ? 3 : 1));
  const total = widths.reduce((sum, width) => sum + width, 0);
  const rows = new Map<number, (number | null)[]>();
  let offset = 0;
  chart.series.forEach((one, s) => {
    one.at.forEach((moment, i) => {
      const value = one.value[i];
      if (value === null || value === undefined || moment < view.from || moment > view.to) return;
      const row = rows.get(moment) ?? new Array<number | null>(total).fill(null);
      row[offset] = value;
      if (one.low.length) {
        row[offset + 1] = one.low[i] ?? null;
        row[offset + 2] = one.high[i] ?? null;
      }
      rows.set(moment, row);
    });
    offset += widths[s] ?? 1;
  });
  return [...rows].sort(([a], [b]) => b - a);
}
