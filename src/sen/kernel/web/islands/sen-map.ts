/**
 * `<sen-map config="/map/config.json">`: the one map of the house.
 *
 * What stands inside the element is shown where script or WebGL is missing. Attributes:
 *   config            address of the configuration
 *   label             what the map shows, for screen readers
 *   layers, pictures  ids to switch on, instead of those of the configuration
 *   print             the page that prints what the map shows
 *   filter-layers     layers that follow the list of the page, with filter-register its key
 *   mode="pick" for="id" geometry="point|line|polygon|any" format="geojson|wkt|latlon"
 *   describe-url="…" edited-layer="works" edited-row="12" single   drawing for a field: map/edit
 *   focus="lon,lat[,zoom]"  where to open;  hash="off"  keeps the view out of the address
 *   compact           few controls, for a panel in a page
 * Events out: sen:select {layer, id}, sen:pick {points}, sen:ready. In: sen:filter {query, layers}.
 */
import type { GeoJSONSource, Map as MapLibre, VectorTileSource } from "maplibre-gl";
import { getJson, h, icon } from "./lib/dom";
import { t } from "./lib/messages";
import { toast } from "./lib/toast";
import { layerList, mapButton, sheet } from "./map/box";
import { Details, type Hit, hitsAt } from "./map/details";
import { filterQuery } from "./map/filter";
import { assetUrl, prepareMap } from "./map/fonts";
import { formatView, parseView, type View } from "./map/permalink";
import { Measure } from "./map/measure";
import { EditDesk } from "./map/edit/desk";
import { SelectTool } from "./map/edit/select";
import { PictureList, askServices, say } from "./map/pictures";
import { type Shown, formatPictures, parsePictures, usualPictures } from "./map/shown";
import { printUrl } from "./map/printing";
import { feature, placeFeatures } from "./map/places";
import { MapSearch } from "./map/search";
import { buildStyle, isGround, tileUrl } from "./map/style";
import { Swipe } from "./map/swipe";
import type { MapConfig, MapState, Place, Theme } from "./map/types";

type Library = typeof import("maplibre-gl");

const currentTheme = (): Theme => (document.documentElement.dataset["theme"] === "dark" ? "dark" : "light");

class SenMap extends HTMLElement {
  map: MapLibre | null = null;
  #config!: MapConfig;
  #state!: MapState;
  #view: View | null = null;
  #details: Details | null = null;
  #measure: Measure | null = null;
  #pick: EditDesk | null = null;
  #choice: SelectTool | null = null;
  #place: Place | null = null;
  #library: Library | null = null;
  #swipe: Swipe | null = null;
  #me: [number, number] | null = null;
  #failed = false;
  #observer: IntersectionObserver | null = null;
  readonly #themeWatch = new MutationObserver(() => this.#setState({ theme: currentTheme() }));

  connectedCallback(): void {
    if (this.map || this.#observer) return;
    // MapLibre is heavy: a map below the fold costs nothing until one scrolls near.
    this.#observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        this.#observer?.disconnect();
        void this.#start();
      },
      { rootMargin: "200px" },
    );
    this.#observer.observe(this);
  }

  disconnectedCallback(): void {
    this.#observer?.disconnect();
    this.#observer = null;
    this.#themeWatch.disconnect();
    document.removeEventListener("sen:filter", this.#onFilter);
    removeEventListener("popstate", this.#onList);
    removeEventListener("beforeprint", this.#onPrint);
    removeEventListener("afterprint", this.#afterPrint);
    document.removeEventListener("htmx:pushedIntoHistory", this.#onList);
    this.#pick?.destroy();
    this.#pick = null;
    this.#swipe?.close();
    this.#swipe = null;
    this.map?.remove();
    this.map = null;
  }

  async #start(): Promise<void> {
    this.setAttribute("aria-busy", "true");
    try {
      const [library, config] = await Promise.all([
        import("maplibre-gl"),
        getJson<MapConfig>(this.getAttribute("config") ?? "/map/config.json"),
        prepareMap(),
      ]);
      if (this.isConnected) this.#build(library, config);
    } catch (error) {
      console.error(error);
      const text = error instanceof TypeError || error instanceof DOMException ? t("mapConfigFailed") : t("mapFailed");
      this.prepend(h("p", { class: "map-failure", role: "status" }, text));
    } finally {
      this.removeAttribute("aria-busy");
    }
  }

  #build(library: Library, config: MapConfig): void {
    this.#config = config;
    this.#library = library;
    this.#view = this.getAttribute("hash") === "off" ? null : parseView(location.hash);
    const asked = this.#view?.layers ?? this.getAttribute("layers")?.split(",") ?? null;
    const shown = config.layers.filter((one) => !isGround(one) && (asked ? asked.includes(one.id) : one.visible));
    this.#state = {
      theme: currentTheme(),
      visible: new Set(shown.map((one) => one.id)),
      filters: this.#filters(),
      pictures: this.#askedPictures(),
      selected: null,
    };
    const fallback = h("div", { class: "map-fallback", hidden: true });
    fallback.append(...this.childNodes);
    const canvas = h("div", { class: "map-canvas" });
    this.append(canvas, fallback);
    library.setWorkerUrl(assetUrl("islands/maplibre-worker.js"));
    try {
      this.map = this.#create(library, canvas);
    } catch (error) {
      canvas.remove();
      fallback.hidden = false;
      throw error;
    }
    this.classList.add("is-ready");
    // Told to the constructor, the bounds would be fitted before the map knows its own size.
    this.map.resize();
    if (!this.#view && !this.hasAttribute("focus")) this.#home(0);
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", this.getAttribute("label") ?? t("map"));
    this.#controls(library);
    this.#listen();
    if (!this.#view) void this.#fitList();
  }

  /** Corners are dragged with one finger: the page must not take it. */
  get #draws(): boolean {
    return this.getAttribute("mode") === "pick" && (this.getAttribute("geometry") ?? "point") !== "point";
  }

  #create(library: Library, container: HTMLElement): MapLibre {
    const { bounds, center, zoom } = this.#config;
    const [lon, lat, near] = (this.getAttribute("focus") ?? "").split(",").map(Number);
    const focus: [number, number] | null =
      lon !== undefined && lat !== undefined && Number.isFinite(lat) ? [lon, lat] : null;
    const view = this.#view;
    const around = bounds ? ([bounds[0] - 1.5, bounds[1] - 1.2, bounds[2] + 1.5, bounds[3] + 1.2] as const) : null;
    return new library.Map({
      container,
      style: this.#style(),
      center: view ? [view.lon, view.lat] : (focus ?? center),
      zoom: view?.zoom ?? (focus ? (near ?? 15) : zoom),
      ...(around ? { maxBounds: [...around] as [number, number, number, number] } : {}),
      minZoom: 5,
      maxZoom: 20,
      maxPitch: 0,
      attributionControl: false,
      renderWorldCopies: false,
      // Tiles are stretched beyond their last zoom, never cut: a cut area would be named once a piece.
      zoomLevelsToOverscale: 20,
      fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
      pixelRatio: Math.min(devicePixelRatio, 2),
      cooperativeGestures: this.hasAttribute("compact") && !this.#draws && matchMedia("(pointer: coarse)").matches,
      locale: {
        "Map.Title": t("mapCanvas"),
        "CooperativeGesturesHandler.MobileHelpText": t("mapTwoFingers"),
        "CooperativeGesturesHandler.WindowsHelpText": t("mapCtrlScroll"),
        "CooperativeGesturesHandler.MacHelpText": t("mapCtrlScroll"),
      },
    });
  }

  // Interface ---------------------------------------------------------------------------------

  #controls(library: Library): void {
    const map = this.map as MapLibre;
    const compact = this.hasAttribute("compact");
    const mode = this.getAttribute("mode");
    this.#details = new Details((hit) => this.#select(hit));
    this.#measure = new Measure(map, () => this.#details?.close());
    const list = layerList(this.#config, this.#state.visible, (id, on) => this.#toggle(id, on));
    if (this.#config.pictures?.length) {
      const acts = { change: (shown: Shown) => this.#showPictures(shown), swipe: () => this.#toggleSwipe() };
      const pictures = new PictureList(this.#config, this.#state.pictures ?? new Map(), acts).element;
      list.element.insertBefore(pictures, list.element.querySelector(".map-notes"));
    }
    const told = sheet("map-services", () => told.hide());
    map.on("click", (event) => {
      if (this.#busy || hitsAt(map, this.#config, event.point, 5).some((hit) => hit.layer.kind !== "polygon")) return;
      void askServices(this.#config, this.#state.pictures ?? new Map(), event.lngLat, map.getZoom()).then((found) => {
        if (found) told.show(say("info"), ...found);
        else told.hide();
      });
    });
    const print = this.getAttribute("print");
    const panel = sheet("map-panel", () => panel.hide());
    const openLayers = (): void => {
      if (panel.element.hidden) panel.show(t("layers"), list.element);
      else panel.hide();
    };
    const zoom = h(
      "div",
      { class: "map-tools-group" },
      mapButton(icon("plus"), t("zoomIn"), () => map.zoomIn()),
      mapButton(icon("minus"), t("zoomOut"), () => map.zoomOut()),
    );
    const more = h(
      "div",
      { class: "map-tools-group" },
      mapButton(icon("house"), t("home"), () => this.#home()),
      mapButton(icon("locate-fixed"), t("myPosition"), () => this.#locate()),
      compact ? null : extra(mapButton(icon("ruler"), t("measure"), () => this.#toggleMeasure())),
      compact ? null : extra(mapButton(icon("link"), t("share"), () => void this.#share())),
      print === null ? null : mapButton(icon("printer"), say("print"), () => location.assign(this.#printUrl(print))),
      mapButton(icon("maximize"), t("fullscreen"), () => this.#fullscreen()),
    );
    const choice = new SelectTool(map, this.#config, () => this.#state.visible, (id) => this.#state.filters.get(id) ?? "", () => this.#details?.close());
    if (mode !== "pick" && !compact && SelectTool.layersOf(this.#config).length > 0) {
      this.#choice = choice;
      more.append(mapButton(icon("square-dashed-mouse-pointer"), t("select"), () => choice.toggle()));
    }
    const layers = h("div", { class: "map-tools-group" }, mapButton(icon("layers"), t("layers"), openLayers));
    const tools = h("div", { class: "map-tools" }, this.#config.layers.length > 1 ? layers : null, zoom, more);
    const search = new MapSearch(this.#config, (place) => this.goTo(place));
    const left = h("div", { class: "map-left" }, search.element, this.#measure.element, choice.element);
    if (mode === "pick") {
      const input = document.getElementById(this.getAttribute("for") ?? "");
      const field = input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement ? input : null;
      this.#pick = new EditDesk(map, this, field, () => this.#shownLayers());
      this.after(this.#pick.element);
    }
    const credit = [...(this.#config.attributions ?? []), ...(this.#config.pictures ?? []).flatMap((one) => one.attribution ?? []), "MapLibre"].filter((one, i, all) => all.indexOf(one) === i).join(" · ");
    this.append(left, tools, panel.element, told.element, this.#details.element, h("p", { class: "map-credit" }, credit), h("span", { class: "map-cross", "aria-hidden": "true" }));
    map.addControl(new library.ScaleControl({ maxWidth: 110, unit: "metric" }), "bottom-left");
    map.on("zoom", () => list.setZoom(map.getZoom()));
    list.setZoom(map.getZoom());
    if (this.#opensWithLayers) openLayers();
  }

  #listen(): void {
    const map = this.map as MapLibre;
    map.on("click", (event) => {
      if (this.#busy) return;
      const reach = event.originalEvent instanceof PointerEvent && event.originalEvent.pointerType === "touch" ? 12 : 5;
      this.#details?.show(hitsAt(map, this.#config, event.point, reach));
    });
    let waiting = false;
    map.on("mousemove", (event) => {
      if (waiting || this.#busy) return;
      waiting = true; // once a frame is enough
      requestAnimationFrame(() => {
        waiting = false;
        if (!this.map) return;
        const hits = hitsAt(map, this.#config, event.point, 3);
        const clickable = hits.some((hit) => hit.layer.kind !== "polygon");
        map.getCanvas().style.cursor = clickable ? "pointer" : "";
      });
    });
    map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || this.#busy) return;
      this.#details?.show(hitsAt(map, this.#config, map.project(map.getCenter()), 14));
    });
    map.on("moveend", () => this.#remember());
    map.on("error", ({ error }) => {
      if (this.#failed || (error instanceof DOMException && error.name === "AbortError")) return;
      this.#failed = true;
      console.error(error);
      toast(t("mapTilesFailed"), "warn");
    });
    map.once("load", () => this.#drawOverlays());
    map.once("idle", () => {
      this.dataset["drawn"] = "";
      this.dispatchEvent(new CustomEvent("sen:ready", { bubbles: true }));
    });
    this.#themeWatch.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    addEventListener("beforeprint", this.#onPrint);
    addEventListener("afterprint", this.#afterPrint);
    document.addEventListener("sen:filter", this.#onFilter);
    addEventListener("popstate", this.#onList);
    document.addEventListener("htmx:pushedIntoHistory", this.#onList);
  }

  // State -------------------------------------------------------------------------------------

  #setState(change: Partial<MapState>): void {
    this.#state = { ...this.#state, ...change };
    const map = this.map;
    if (!map) return;
    map.setStyle(this.#style(), { diff: true });
    this.#swipe?.setStyle(buildStyle(this.#config, this.#state, location.origin));
    this.#drawOverlays();
  }

  /** The style's own overlay sources are empty: what was drawn is put back. */
  #drawOverlays(): void {
    const map = this.map;
    if (!map) return;
    this.#measure?.draw();
    this.#pick?.draw();
    this.#choice?.draw();
    this.#setData("sen-place", this.#place ? placeFeatures(this.#place) : []);
    this.#setData("sen-me", this.#me ? [feature({ type: "Point", coordinates: this.#me })] : []);
  }

  #setData(source: string, features: GeoJSON.Feature[]): void {
    this.map?.getSource<GeoJSONSource>(source)?.setData({ type: "FeatureCollection", features });
  }

  /** Whether clicks belong to a tool. */
  get #busy(): boolean {
    return Boolean(this.#measure?.active || this.#choice?.active || this.#pick);
  }

  #shownLayers(): string[] {
    return this.#config.layers.filter((one) => !isGround(one) && this.#state.visible.has(one.id)).map((one) => one.id);
  }

  // Pictures ----------------------------------------------------------------------------------

  #askedPictures(): Shown {
    const known = this.#config.pictures ?? [];
    const asked = this.#view?.pictures ?? this.getAttribute("pictures");
    return asked === null ? usualPictures(known) : parsePictures(asked, known);
  }

  /** While one swipes the map itself is without the topmost picture. */
  #style(): ReturnType<typeof buildStyle> {
    const below = this.#swipe ? new Map([...(this.#state.pictures ?? [])].slice(0, -1)) : this.#state.pictures;
    return buildStyle(this.#config, { ...this.#state, ...(below ? { pictures: below } : {}) }, location.origin);
  }

  #showPictures(pictures: Shown): void {
    this.#setState({ pictures });
    if (this.#swipe && pictures.size === 0) this.#toggleSwipe();
    this.#remember(true);
  }

  #toggleSwipe(): void {
    if (this.#swipe) {
      this.#swipe.close();
      this.#swipe = null;
    } else if (!this.#state.pictures?.size) {
      toast(say("swipeNeeds"), "warn");
      return;
    } else if (this.map && this.#library) {
      this.#swipe = new Swipe(this.#library, this.map, buildStyle(this.#config, this.#state, location.origin));
    }
    this.#setState({});
  }

  #printUrl(base: string): string {
    const map = this.map as MapLibre;
    const { lng, lat } = map.getCenter();
    const known = new Set(this.#config.layers.map((one) => one.id));
    const layers = [...this.#state.visible].filter((id) => known.has(id));
    const [filter = ""] = this.#state.filters.values();
    return printUrl(base, this.#config, { lng, lat, zoom: map.getZoom(), layers, pictures: this.#state.pictures ?? new Map(), filter });
  }

  #toggle(id: string, on: boolean): void {
    const visible = new Set(this.#state.visible);
    if (on) visible.add(id);
    else visible.delete(id);
    this.#setState({ visible });
    this.#remember(true);
  }

  #select(hit: Hit | null): void {
    this.#setState({ selected: hit ? { layer: hit.layer.id, id: hit.id } : null });
    const detail = hit ? { layer: hit.layer.id, id: hit.id } : null;
    this.dispatchEvent(new CustomEvent("sen:select", { bubbles: true, detail }));
  }

  // On paper ----------------------------------------------------------------------------------

  readonly #onPrint = (): void => {
    this.#afterPrint();
    if (!this.map) return;
    this.map.redraw(); // the drawing can be read only in the frame that made it
    const picture = h("img", { class: "map-print print-only", alt: this.getAttribute("label") ?? t("map") });
    picture.src = this.map.getCanvas().toDataURL("image/png");
    this.append(picture);
  };

  readonly #afterPrint = (): void => {
    this.querySelector(".map-print")?.remove();
  };

  // Following the list ------------------------------------------------------------------------

  #filters(): Map<string, string> {
    const register = this.getAttribute("filter-register");
    const names = (this.getAttribute("filter-layers") ?? "").split(",").filter(Boolean);
    if (!register) return new Map();
    const query = filterQuery(register, location.search);
    return new Map(query ? names.map((name) => [name, query]) : []);
  }

  readonly #onList = (): void => {
    if (this.hasAttribute("filter-register")) this.#applyFilters(this.#filters());
  };

  readonly #onFilter = (event: Event): void => {
    const { query, layers } = (event as CustomEvent<{ query: string; layers?: string[] }>).detail;
    const names = layers ?? (this.getAttribute("filter-layers") ?? "").split(",").filter(Boolean);
    this.#applyFilters(new Map(query ? names.map((name) => [name, query]) : []));
  };

  #applyFilters(filters: Map<string, string>): void {
    const before = this.#state.filters;
    this.#state = { ...this.#state, filters };
    for (const layer of this.#config.layers) {
      if (before.get(layer.id) === filters.get(layer.id)) continue;
      const source = this.map?.getSource<VectorTileSource>(layer.id);
      source?.setTiles([tileUrl(layer, location.origin, filters.get(layer.id))]);
    }
    void this.#fitList();
  }

  // Acts --------------------------------------------------------------------------------------

  goTo(place: Place): void {
    this.#place = place;
    this.#drawOverlays();
    this.map?.flyTo({ center: [place.lon, place.lat], zoom: place.zoom ?? 15, maxDuration: 1500 });
    this.#details?.close();
  }

  #home(duration?: number): void {
    const { bounds, center, zoom } = this.#config;
    if (bounds) this.#fit(bounds, duration);
    else this.map?.flyTo({ center, zoom, ...(duration === undefined ? {} : { duration }) });
  }

  #fit(bounds: [number, number, number, number], duration?: number): void {
    const timing = duration === undefined ? {} : { duration };
    this.map?.fitBounds(bounds, { padding: this.#padding(), maxZoom: 15, ...timing });
  }

  /** Shows all that the narrowed list holds; without a filter, or with too many rows, all. */
  async #fitList(): Promise<void> {
    const [found] = this.#state.filters;
    if (!found) return;
    const [layer, query] = found;
    const { bounds } = await getJson<{ bounds: [number, number, number, number] | null }>(`/map/extent/${layer}?${query}`);
    if (this.#state.filters.get(layer) !== query) return; // the list went on meanwhile
    if (bounds) this.#fit(bounds, 0);
    else this.#home(0);
  }

  get #opensWithLayers(): boolean {
    const wholePage = document.body.classList.contains("fill");
    return wholePage && this.clientWidth > 900 && this.getAttribute("mode") !== "pick";
  }

  /** Keeps what is shown clear of the list of layers. */
  #padding(): { top: number; bottom: number; left: number; right: number } {
    const panel = this.querySelector<HTMLElement>(".map-panel");
    const covered = panel ? !panel.hidden && this.clientWidth > 700 : this.#opensWithLayers;
    return { top: 24, bottom: 24, left: 24, right: covered ? 370 : 24 };
  }

  #locate(): void {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        this.#me = [coords.longitude, coords.latitude];
        this.#drawOverlays();
        this.map?.flyTo({ center: this.#me, zoom: 15 });
      },
      () => toast(t("positionDenied"), "warn"),
      { enableHighAccuracy: true, timeout: 10_000 },
    );
  }

  #toggleMeasure(): void {
    if (this.#measure?.active) this.#measure.close();
    else this.#measure?.start("line");
  }

  #fullscreen(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void this.requestFullscreen();
  }

  async #share(): Promise<void> {
    this.#remember(true);
    await navigator.clipboard.writeText(location.href);
    toast(t("copied"), "ok");
  }

  #remember(withLayers = false): void {
    if (this.getAttribute("hash") === "off" || this.hasAttribute("compact") || !this.map) return;
    const { lng, lat } = this.map.getCenter();
    const known = this.#view?.layers ?? null;
    const layers = withLayers || known ? [...this.#state.visible] : null;
    const shown = formatPictures(this.#state.pictures ?? new Map(), this.#config.pictures ?? []);
    this.#view = { zoom: this.map.getZoom(), lat, lon: lng, layers, pictures: shown || null };
    history.replaceState(history.state, "", formatView(this.#view));
  }
}

function extra(button: HTMLButtonElement): HTMLButtonElement {
  button.classList.add("map-extra");
  return button;
}

customElements.define("sen-map", SenMap);
