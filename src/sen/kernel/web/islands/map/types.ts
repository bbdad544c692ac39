/** What `/map/config.json` says, and what the map keeps while it lives. */

export type Kind = "point" | "line" | "polygon";

export interface Look {
  color: string;
  label?: string;
  width?: number | null;
}

export interface LayerStyle {
  color: string;
  width?: number | null;
  radius?: number | null;
  opacity?: number | null;
  label_field?: string;
  by?: { field: string; values: Record<string, Look>; default: string } | null;
}

export interface LayerConfig {
  id: string;
  title: string;
  category: string;
  kind: Kind;
  tiles: string;
  /** The features themselves, of a layer that is told whole instead of by tiles. */
  features?: GeoJSON.FeatureCollection;
  source_layer: string;
  minzoom: number;
  maxzoom: number;
  visible: boolean;
  style: LayerStyle;
  detail_url?: string;
  /** What the person may do with rows of the layer: addresses of pages, {id} for the row. */
  edit?: { add?: string; bulk?: string; change?: string; split?: string; merge?: string };
  legend?: { label: string; color: string }[];
  /** Part of the ground: drawn quietly, not clickable, not in the list of layers. */
  basemap?: boolean;
}

/** A raster of the house or a layer of another office's service. */
export interface PictureConfig {
  id: string;
  title: string;
  group: string;
  tiles: string;
  tile_size: number;
  minzoom: number;
  maxzoom: number;
  opacity?: number;
  visible?: boolean;
  bounds?: [number, number, number, number];
  attribution?: string;
  date?: string;
  /** What is wrong with it at present. */
  remark?: string;
  info_url?: string;
  legend_url?: string;
  detail_url?: string;
  /** What the person may do with rows of the layer: addresses of pages, {id} for the row. */
  edit?: { add?: string; bulk?: string; change?: string; split?: string; merge?: string };
}

export interface MapConfig {
  center: [number, number];
  zoom: number;
  bounds?: [number, number, number, number];
  /** Further layers that only draw the ground. */
  basemap?: { layers?: LayerConfig[] } | null;
  categories: { id: string; title: string }[];
  layers: LayerConfig[];
  /** The lowest first. */
  pictures?: PictureConfig[];
  /** `?q=` → `{items: [{title, subtitle, lon?, lat?, zoom?}]}` or one place at once. */
  search_url?: string;
  /** `?q=` → one place; without it `search_url` is asked. */
  goto_url?: string;
  attributions?: string[];
  notices?: string[];
}

export type Theme = "light" | "dark";

/** Everything that decides how the map looks; the style is a pure function of it. */
export interface MapState {
  theme: Theme;
  visible: ReadonlySet<string>;
  /** Query strings that narrow the tiles of a layer, by layer id. */
  filters: ReadonlyMap<string, string>;
  /** Opacity of the pictures that are on, the lowest first. */
  pictures?: ReadonlyMap<string, number>;
  selected: { layer: string; id: string | number } | null;
}

/** Where the map was told to go. */
export interface Place {
  lon: number;
  lat: number;
  zoom?: number;
  label: string;
  geometry?: GeoJSON.Geometry;
}
