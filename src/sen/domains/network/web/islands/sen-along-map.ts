/**
 * `<sen-along-map for="map" src="…geojson">`: coloured stretches of roads on a `<sen-map>`.
 * `<sen-along-map for="map" along="diagram">`: the road of a `<sen-along>`; the place below the
 * pointer in the one is shown in the other.
 */
import type { GeoJSONSource, Map as MapLibre, MapMouseEvent } from "maplibre-gl";
import { getJson, RequestError } from "../../../../kernel/web/islands/lib/dom";
import { toast } from "../../../../kernel/web/islands/lib/toast";
import { labelNear } from "./along/layout";
import { t } from "./along/messages";
import type { Along } from "./along/types";

type Features = GeoJSON.FeatureCollection;
type MapElement = HTMLElement & { map: MapLibre | null };
type AlongElement = HTMLElement & { along: Along | null };

const LINES = "along-lines";
const HERE = "along-here";
const NOTHING: Features = { type: "FeatureCollection", features: [] };
/** How near to the road the pointer must be, in pixels. */
const REACH_PX = 14;

class SenAlongMap extends HTMLElement {
  #map: MapLibre | null = null;
  #lines: Features = NOTHING;
  #here: Features = NOTHING;
  #fitted = false;

  connectedCallback(): void {
    const owner = document.getElementById(this.getAttribute("for") ?? "") as MapElement | null;
    if (!owner) return;
    const begin = (): void => {
      if (this.#map || !owner.map) return;
      this.#map = owner.map;
      // A change of style takes away what the style does not know.
      for (const change of ["styledata", "style.load"] as const) this.#map.on(change, () => this.#put());
      this.#map.on("mousemove", (event) => this.#hover(event));
      this.#put();
      this.#fit();
    };
    owner.addEventListener("sen:ready", begin);
    begin();
    const src = this.getAttribute("src");
    if (src) {
      getJson<Features>(src)
        .then((found) => this.#show(found))
        .catch((error: unknown) => toast(error instanceof RequestError && error.message ? error.message : t("failed"), "warn"));
    }
    const along = this.#along;
    along?.addEventListener("sen:along", (event) => {
      const { place } = (event as CustomEvent<{ place: [number, number] | null }>).detail;
      this.#here = place ? { ...NOTHING, features: [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: place } }] } : NOTHING;
      this.#set(HERE, this.#here);
      if (this.#lines.features.length === 0) this.#road();
    });
    if (along) this.#road();
  }

  get #along(): AlongElement | null {
    return document.getElementById(this.getAttribute("along") ?? "") as AlongElement | null;
  }

  /** Draws the road of the diagram, as soon as that knows it. */
  #road(tries = 40): void {
    const line = this.#along?.along?.line;
    if (!line) {
      if (tries > 0) setTimeout(() => this.#road(tries - 1), 250);
      return;
    }
    if (line.length < 2) return;
    const coordinates = line.map(([lon, lat]) => [lon, lat]);
    this.#show({ ...NOTHING, features: [{ type: "Feature", properties: { color: "#b4236a" }, geometry: { type: "LineString", coordinates } }] });
  }

  #show(found: Features): void {
    this.#lines = found;
    this.#set(LINES, found);
    this.#fit();
  }

  #put(): void {
    const map = this.#map;
    // A style that is still loading takes nothing; it says so when it is ready.
    if (!map?.style || map.getSource(LINES) || !map.getStyle()) return;
    map.addSource(LINES, { type: "geojson", data: this.#lines });
    map.addSource(HERE, { type: "geojson", data: this.#here });
    map.addLayer({
      id: LINES, type: "line", source: LINES, layout: { "line-cap": "butt", "line-join": "round" },
      paint: { "line-color": ["get", "color"], "line-width": ["interpolate", ["linear"], ["zoom"], 8, 2.5, 14, 6] },
    });
    map.addLayer({
      id: HERE, type: "circle", source: HERE,
      paint: { "circle-color": "#b4236a", "circle-radius": 7, "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 },
    });
  }

  #set(source: string, data: Features): void {
    this.#map?.getSource<GeoJSONSource>(source)?.setData(data);
  }

  #fit(): void {
    if (this.#fitted || !this.#map || this.#lines.features.length === 0) return;
    let [west, south, east, north] = [180, 90, -180, -90];
    const grow = (part: unknown): void => {
      if (!Array.isArray(part)) return;
      if (typeof part[0] === "number") {
        const [lon, lat] = part as [number, number];
        [west, south, east, north] = [Math.min(west, lon), Math.min(south, lat), Math.max(east, lon), Math.max(north, lat)];
      } else part.forEach(grow);
    };
    for (const { geometry } of this.#lines.features) if (geometry && "coordinates" in geometry) grow(geometry.coordinates);
    if (west > east) return;
    this.#fitted = true;
    this.#map.fitBounds([west, south, east, north], { padding: 30, duration: 0, maxZoom: 15 });
  }

  #hover({ lngLat, point }: MapMouseEvent): void {
    const owner = this.#along;
    const line = owner?.along?.line;
    const map = this.#map;
    if (!map) return;
    if (!owner || !line) {
      const hit = map.getLayer(LINES) ? map.queryRenderedFeatures(point, { layers: [LINES] })[0] : undefined;
      map.getCanvas().title = hit ? `${String(hit.properties["title"])}: ${String(hit.properties["text"])}` : "";
      return;
    }
    const near = labelNear(line, lngLat.lng, lngLat.lat);
    const metres = 156_543 * Math.cos((lngLat.lat * Math.PI) / 180) / 2 ** (map.getZoom() + 1);
    if (near && near.away <= REACH_PX * metres) {
      owner.dispatchEvent(new CustomEvent("sen:along-show", { detail: { m: near.m } }));
    }
  }
}

customElements.define("sen-along-map", SenAlongMap);
