/** The style of the map as a pure function of configuration and state. No DOM, no MapLibre. */
import type {
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  SourceSpecification,
  StyleSpecification,
} from "maplibre-gl";
import look from "./look.json";
import { EDIT_SOURCES, editLayers } from "./edit/style";
import { pictureStyle } from "./shown";
import type { LayerConfig, MapConfig, MapState, Theme } from "./types";

/** Inter, because its capitals with two marks are drawn right by MapLibre's local glyphs. */
export const FONT = ["Inter"];
export const FONT_STRONG = ["Inter Semibold"];

const NOTHING: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
export const OVERLAYS = ["sen-place", "sen-measure", "sen-me"] as const;

const COLOURS = look.colours;

type Palette = (typeof COLOURS)[Theme];

/**
 * Names of communes come from the tiles of the first zoom at every zoom: a commune lies in one such
 * tile, while each of the many tiles that it fills at zoom 14 would write its name again.
 */
const COMMUNE_NAMES = "communes-names";

/** Absolute tile address: the worker that fetches it has no page to resolve against. */
export function tileUrl(layer: LayerConfig, origin: string, query = ""): string {
  const path = layer.tiles.replace("{id}", layer.id);
  const url = path.startsWith("/") ? origin + path : path;
  if (!query) return url;
  return `${url}${url.includes("?") ? "&" : "?"}${query}`;
}

/** Widths that grow with zoom around their value at zoom 14. */
function scaled(value: number | ExpressionSpecification, factors: [number, number][]): ExpressionSpecification {
  const stops = factors.flatMap(([zoom, factor]) => [zoom, ["*", value, factor]]);
  return ["interpolate", ["exponential", 1.4], ["zoom"], ...stops] as unknown as ExpressionSpecification;
}

/** Shared with the maps that are printed: both look alike. */
const LINE_GROWTH = look.line_growth as [number, number][];
const POINT_GROWTH = look.point_growth as [number, number][];

/** `color` or `width` by the value of a field; values are compared as text. */
function byValue(layer: LayerConfig, what: "color" | "width"): string | number | ExpressionSpecification {
  const { style } = layer;
  const usual = what === "color" ? style.color : (style.width ?? 2);
  if (!style.by) return usual;
  const cases = Object.entries(style.by.values).flatMap(([value, look]) => {
    const chosen = what === "color" ? look.color : look.width;
    return chosen === null || chosen === undefined ? [] : [value, chosen];
  });
  if (cases.length === 0) return usual;
  const other = what === "color" ? style.by.default || usual : usual;
  return ["match", ["to-string", ["get", style.by.field]], ...cases, other] as unknown as ExpressionSpecification;
}

interface Drawing {
  layer: LayerConfig;
  colours: Palette;
  base: { source: string; "source-layer"?: string; minzoom: number };
  layout: { visibility: "visible" | "none" };
}

/** Administrative areas are a frame, not a subject: a dashed line, and a fill only to be clicked. */
function communeLayers({ layer, colours, base, layout }: Drawing): LayerSpecification[] {
  return [
    { id: layer.id, type: "fill", ...base, layout, paint: { "fill-color": colours.land, "fill-opacity": 0.01 } },
    {
      id: `${layer.id}:line`, type: "line", ...base, layout: { ...layout, "line-join": "round" },
      paint: {
        "line-color": colours.commune,
        "line-width": ["interpolate", ["linear"], ["zoom"], 8, 0.7, 14, 1.6],
        "line-dasharray": [4, 2, 1, 2],
      },
    },
  ];
}

function polygonLayers(drawing: Drawing): LayerSpecification[] {
  const { layer, base, layout } = drawing;
  if (layer.id === "communes") return communeLayers(drawing);
  const color = byValue(layer, "color") as string;
  const opacity = layer.style.opacity ?? 0.25;
  return [
    { id: layer.id, type: "fill", ...base, layout, paint: { "fill-color": color, "fill-opacity": opacity } },
    {
      id: `${layer.id}:line`, type: "line", ...base, layout: { ...layout, "line-join": "round" },
      paint: { "line-color": color, "line-width": scaled(layer.style.width ?? 1.2, [[6, 0.5], [14, 1], [18, 1.6]]) },
    },
  ];
}

function lineLayers({ layer, colours, base, layout }: Drawing): LayerSpecification[] {
  const round = { ...layout, "line-join": "round", "line-cap": "round" } as const;
  const width = byValue(layer, "width") as number | ExpressionSpecification;
  return [
    {
      id: `${layer.id}:casing`, type: "line", ...base, layout: round,
      paint: {
        "line-color": colours.halo,
        "line-width": scaled(["+", width, 2] as ExpressionSpecification, LINE_GROWTH),
        "line-opacity": 0.8,
      },
    },
    {
      id: layer.id, type: "line", ...base, layout: round,
      paint: {
        "line-color": byValue(layer, "color") as string,
        "line-width": scaled(width, LINE_GROWTH),
        "line-opacity": layer.style.opacity ?? 1,
      },
    },
  ];
}

function pointLayers({ layer, colours, base, layout }: Drawing): LayerSpecification[] {
  const radius = layer.style.radius ?? 5;
  return [
    {
      id: layer.id, type: "circle", ...base, layout,
      paint: {
        "circle-color": byValue(layer, "color") as string,
        "circle-radius": scaled(radius, POINT_GROWTH),
        "circle-opacity": layer.style.opacity ?? 1,
        "circle-stroke-color": colours.point,
        "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 8, 0.5, 13, 1.5],
      },
    },
  ];
}

function label({ layer, colours, base, layout }: Drawing): LayerSpecification[] {
  const field = layer.style.label_field;
  if (!field) return [];
  const along = layer.kind === "line";
  const source = layer.id === "communes" ? COMMUNE_NAMES : base.source;
  // A point's name needs more room than its dot: it comes two zooms later.
  const minzoom = Math.max(base.minzoom, layer.kind === "point" ? 12 : 9);
  return [
    {
      id: `${layer.id}:label`, type: "symbol", ...base, source, minzoom,
      layout: {
        ...layout,
        "symbol-placement": along ? "line" : "point",
        "symbol-spacing": 320,
        "text-field": ["to-string", ["get", field]],
        "text-font": along ? FONT_STRONG : FONT,
        "text-size": ["interpolate", ["linear"], ["zoom"], 9, 10.5, 16, 13],
        "text-max-width": 9,
        "text-line-height": 1.35,
        ...(layer.kind === "point"
          ? { "text-variable-anchor": ["top", "bottom", "left", "right"], "text-radial-offset": 0.85, "text-justify": "auto" }
          : {}),
        "text-optional": true,
      },
      paint: { "text-color": colours.text, "text-halo-color": colours.halo, "text-halo-width": 1.6 },
    },
  ];
}

/** The chosen feature in lotus, below its label. */
function highlight({ layer, colours, base, layout }: Drawing, selected: MapState["selected"]): LayerSpecification[] {
  const wanted = selected?.layer === layer.id ? selected.id : -1;
  const filter: FilterSpecification = ["==", ["id"], Number(wanted)];
  const id = `${layer.id}:selected`;
  if (layer.kind === "point") {
    return [{
      id, type: "circle", ...base, layout, filter,
      paint: {
        "circle-color": byValue(layer, "color") as string,
        "circle-radius": scaled((layer.style.radius ?? 5) + 3, POINT_GROWTH),
        "circle-stroke-color": colours.mark,
        "circle-stroke-width": 3,
      },
    }];
  }
  const width = layer.kind === "line" ? scaled((layer.style.width ?? 2) + 3, LINE_GROWTH) : 3;
  return [{
    id, type: "line", ...base, layout: { ...layout, "line-join": "round", "line-cap": "round" }, filter,
    paint: { "line-color": colours.mark, "line-width": width },
  }];
}

const DRAW = { polygon: polygonLayers, line: lineLayers, point: pointLayers } as const;

type Base = Drawing["base"];

/** Names on the ground: `spaced` for what lies outside, strong for towns. */
function groundNames(layer: LayerConfig, base: Base, colours: Palette, look: "water" | "town" | "far"): LayerSpecification {
  const along = layer.kind === "line";
  const color = { water: colours.waterText, town: colours.text, far: colours.communeText }[look];
  return {
    id: `ground-${layer.id}:label`, type: "symbol", ...base,
    // Towns give way to the names of communes, which say the same from zoom 9 on.
    ...(look === "town" ? { maxzoom: 9 } : {}),
    ...(look === "water" ? { minzoom: Math.max(base.minzoom, 10) } : {}),
    layout: {
      "symbol-placement": along ? "line" : "point",
      "symbol-spacing": 420,
      "text-field": ["to-string", ["get", layer.style.label_field || "name"]],
      "text-font": look === "town" ? FONT_STRONG : FONT,
      "text-size": look === "far" ? ["interpolate", ["linear"], ["zoom"], 6, 11, 11, 14] : 12,
      "text-letter-spacing": look === "town" ? 0 : 0.06,
      "text-max-width": 7,
      "text-line-height": 1.35,
      "text-padding": 6,
    },
    paint: { "text-color": color, "text-halo-color": colours.halo, "text-halo-width": 1.5 },
  };
}

function fill(id: string, base: Base, color: string): LayerSpecification {
  return { id, type: "fill", ...base, paint: { "fill-color": color, "fill-antialias": true } };
}

function line(id: string, base: Base, color: string, width: number): LayerSpecification {
  return {
    id, type: "line", ...base,
    layout: { "line-join": "round", "line-cap": "round" },
    paint: { "line-color": color, "line-width": scaled(width, LINE_GROWTH) },
  };
}

/** `/tiles/ground/…` → `ground:ground`. */
function groundSource(layer: LayerConfig): string {
  return `ground:${layer.tiles.split("/")[2] ?? layer.id}`;
}

/** The ground: quiet, so that what people look for stands out. The id says what a layer is. */
function ground(layer: LayerConfig, colours: Palette, hasProvince: boolean): LayerSpecification[] {
  const id = `ground-${layer.id}`;
  const base: Base = { source: groundSource(layer), "source-layer": layer.source_layer, minzoom: layer.minzoom };
  const name = layer.id.replace("basemap_", "");
  if (layer.kind === "point") return [groundNames(layer, base, colours, name === "towns" ? "town" : "far")];
  if (name === "province") {
    return [fill(id, base, colours.land), line(`${id}:line`, base, colours.landLine, 2)];
  }
  if (name === "land") {
    // Beside a province the land is only what surrounds it; its own edge may be the data's edge.
    if (hasProvince) return [fill(id, base, colours.outside)];
    return [fill(id, base, colours.land), line(`${id}:line`, base, colours.landLine, 1)];
  }
  if (name === "sea" || (name.startsWith("water") && layer.kind === "polygon")) {
    return [fill(id, base, colours.water)];
  }
  if (name.startsWith("water") || name === "rivers") {
    return [line(id, base, colours.water, 2.4), groundNames(layer, base, colours, "water")];
  }
  if (layer.kind === "line") return groundRoads(layer, colours, base, id);
  return [line(id, base, colours.commune, 1.2)];
}

function groundRoads(layer: LayerConfig, colours: Palette, base: Base, id: string): LayerSpecification[] {
  const width = layer.style.width ?? 2;
  return [line(`${id}:casing`, base, colours.casing, width + 1.4), line(id, base, colours.minor, width)];
}

/** Measuring, picking, the found place and one's own position, above everything. */
function overlays(colours: Palette): LayerSpecification[] {
  const isPoint: FilterSpecification = ["==", ["geometry-type"], "Point"];
  const isArea: FilterSpecification = ["==", ["geometry-type"], "Polygon"];
  const drawn = OVERLAYS.filter((name) => name !== "sen-me").flatMap((source): LayerSpecification[] => [
    { id: `${source}:fill`, type: "fill", source, filter: isArea, paint: { "fill-color": colours.markSoft, "fill-opacity": 0.14 } },
    { id: `${source}:casing`, type: "line", source, layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": colours.halo, "line-width": 6 } },
    { id: `${source}:line`, type: "line", source, layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": colours.mark, "line-width": 3 } },
    { id: `${source}:point`, type: "circle", source, filter: isPoint, paint: { "circle-radius": 5, "circle-color": colours.halo, "circle-stroke-color": colours.mark, "circle-stroke-width": 2.5 } },
  ]);
  return [
    ...drawn,
    ...editLayers(colours.mark, colours.halo),
    {
      id: "sen-place:label", type: "symbol", source: "sen-place", filter: isPoint,
      layout: {
        "text-field": ["coalesce", ["get", "label"], ""], "text-font": FONT_STRONG, "text-size": 13,
        "text-anchor": "bottom", "text-offset": [0, -0.8], "text-allow-overlap": true,
      },
      paint: { "text-color": colours.mark, "text-halo-color": colours.halo, "text-halo-width": 2 },
    },
    { id: "sen-me:ring", type: "circle", source: "sen-me", paint: { "circle-radius": 14, "circle-color": "#2f7fd6", "circle-opacity": 0.22 } },
    { id: "sen-me:dot", type: "circle", source: "sen-me", paint: { "circle-radius": 6, "circle-color": "#2f7fd6", "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 } },
  ];
}

function vectorSource(layer: LayerConfig, origin: string, query = ""): SourceSpecification {
  if (layer.features) return { type: "geojson", data: layer.features };
  return { type: "vector", tiles: [tileUrl(layer, origin, query)], minzoom: layer.minzoom, maxzoom: layer.maxzoom };
}

/** Whether a layer only draws the ground. */
export function isGround(layer: LayerConfig): boolean {
  return layer.basemap === true || layer.id.startsWith("basemap_");
}

const ORDER = { polygon: 0, line: 1, point: 2 } as const;

/** Polygons below lines below points, otherwise in the order of the configuration. */
export function drawingOrder(layers: LayerConfig[]): LayerConfig[] {
  return layers
    .map((layer, i) => [layer, i] as const)
    .sort(([a, i], [b, j]) => ORDER[a.kind] - ORDER[b.kind] || i - j)
    .map(([layer]) => layer);
}

export function buildStyle(config: MapConfig, state: MapState, origin: string): StyleSpecification {
  const colours = COLOURS[state.theme];
  const sources: Record<string, SourceSpecification> = {};
  const groundLayers = [...(config.basemap?.layers ?? []), ...config.layers.filter(isGround)];
  const hasProvince = groundLayers.some((layer) => layer.id === "basemap_province");
  const bottom: LayerSpecification[] = [
    { id: "ground", type: "background", paint: { "background-color": hasProvince ? colours.outside : colours.land } },
  ];
  for (const layer of groundLayers) {
    // Layers of the ground that come in the same tiles share a source, so each tile is fetched once.
    const minzoom = Math.min(...groundLayers.filter((one) => one.tiles === layer.tiles).map((one) => one.minzoom));
    sources[groundSource(layer)] = vectorSource({ ...layer, minzoom }, origin);
    bottom.push(...ground(layer, colours, hasProvince));
  }
  const pictures = pictureStyle(config, state.pictures ?? new Map(), origin);
  Object.assign(sources, pictures.sources);
  const middle: LayerSpecification[] = [];
  const labels: LayerSpecification[] = [];
  for (const layer of drawingOrder(config.layers.filter((one) => !isGround(one)))) {
    sources[layer.id] = vectorSource(layer, origin, state.filters.get(layer.id));
    if (layer.id === "communes") {
      const first = { ...layer, maxzoom: layer.minzoom };
      sources[COMMUNE_NAMES] = vectorSource(first, origin, state.filters.get(layer.id));
    }
    const drawing: Drawing = {
      layer,
      colours,
      base: {
        source: layer.id,
        ...(layer.features ? {} : { "source-layer": layer.source_layer }),
        minzoom: layer.minzoom,
      },
      layout: { visibility: state.visible.has(layer.id) ? "visible" : "none" },
    };
    middle.push(...DRAW[layer.kind](drawing), ...highlight(drawing, state.selected));
    labels.push(...label(drawing));
  }
  // Names of the ground give way to nothing below them, but lie under those of the layers.
  const names = bottom.filter((one) => one.type === "symbol");
  const rest = bottom.filter((one) => one.type !== "symbol");
  for (const name of [...OVERLAYS, ...EDIT_SOURCES]) sources[name] = { type: "geojson", data: NOTHING };
  return { version: 8, sources, layers: [...rest, ...pictures.layers, ...middle, ...names, ...labels, ...overlays(colours)] };
}
