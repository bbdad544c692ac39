/** Drawing points on the map one after another: for measuring and for picking a place. */
import type { GeoJSONSource, Map as MapLibre, MapMouseEvent } from "maplibre-gl";
import type { LonLat } from "./geodesy";

export type Shape = "point" | "line" | "area";

/** The GeoJSON of the points so far: the shape itself and its corners. */
export function sketchFeatures(points: readonly LonLat[], shape: Shape): GeoJSON.FeatureCollection {
  const corners = points.map((p): GeoJSON.Feature => ({
    type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [...p] },
  }));
  const line = points.map((p) => [...p]);
  const first = line[0];
  const features: GeoJSON.Feature[] = [];
  if (shape === "area" && first && line.length > 2) {
    features.push({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[...line, first]] } });
  } else if (shape !== "point" && line.length > 1) {
    features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: line } });
  }
  return { type: "FeatureCollection", features: [...features, ...corners] };
}

/** Collects clicks; Enter or a double click ends, Escape clears, Backspace takes the last back. */
export class Sketch {
  points: LonLat[] = [];
  #open = true;
  #drag = -1;

  constructor(
    readonly map: MapLibre,
    readonly source: string,
    readonly shape: Shape,
    readonly changed: (points: readonly LonLat[]) => void,
  ) {
    map.on("click", this.#onClick);
    map.on("dblclick", this.#onDouble);
    map.on("mousedown", this.#onDown);
    map.on("touchstart", this.#onDown);
    map.getCanvas().addEventListener("keydown", this.#onKey);
    map.getCanvas().classList.add("is-drawing");
    map.doubleClickZoom.disable();
  }

  destroy(): void {
    const { map } = this;
    map.off("click", this.#onClick);
    map.off("dblclick", this.#onDouble);
    map.off("mousedown", this.#onDown);
    map.off("touchstart", this.#onDown);
    map.getCanvas().removeEventListener("keydown", this.#onKey);
    map.getCanvas().classList.remove("is-drawing");
    map.doubleClickZoom.enable();
    this.set([]);
  }

  set(points: LonLat[]): void {
    this.points = points;
    this.draw();
    this.changed(points);
  }

  /** Puts the drawing on the map again, after the style was replaced. */
  draw(): void {
    const source = this.map.getSource<GeoJSONSource>(this.source);
    source?.setData(sketchFeatures(this.points, this.shape));
  }

  add(point: LonLat): void {
    if (!this.#open) {
      this.#open = true;
      this.set([point]);
    } else this.set(this.shape === "point" ? [point] : [...this.points, point]);
  }

  finish(): void {
    this.#open = this.shape === "point";
  }

  undo(): void {
    this.#open = true;
    this.set(this.points.slice(0, -1));
  }

  readonly #onClick = (event: MapMouseEvent): void => {
    const { lng, lat } = event.lngLat;
    const last = this.points.at(-1);
    // The second click of a double click falls on the last corner.
    if (last && this.shape !== "point") {
      const at = this.map.project([last[0], last[1]]);
      if (Math.hypot(at.x - event.point.x, at.y - event.point.y) < 5) return;
    }
    this.add([lng, lat]);
  };

  readonly #onDouble = (event: MapMouseEvent): void => {
    event.preventDefault();
    this.finish();
  };

  readonly #onDown = (event: { point: { x: number; y: number }; preventDefault(): void }): void => {
    this.#drag = this.points.findIndex((p) => {
      const at = this.map.project([p[0], p[1]]);
      return Math.hypot(at.x - event.point.x, at.y - event.point.y) < 12;
    });
    if (this.#drag < 0) return;
    event.preventDefault();
    const move = (next: MapMouseEvent): void => {
      const points = [...this.points];
      points[this.#drag] = [next.lngLat.lng, next.lngLat.lat];
      this.set(points);
    };
    const moveTouch = move as unknown as () => void;
    this.map.on("mousemove", move);
    this.map.on("touchmove", moveTouch);
    const stop = (): void => {
      this.map.off("mousemove", move);
      this.map.off("touchmove", moveTouch);
    };
    this.map.once("mouseup", stop);
    this.map.once("touchend", stop);
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape") this.set([]);
    else if (event.key === "Backspace") this.undo();
    else if (event.key === "Enter") {
      const { lng, lat } = this.map.getCenter();
      // On the keyboard the crosshair in the middle of the map is the pointer.
      if (event.shiftKey) this.finish();
      else this.add([lng, lat]);
    }
  };
}
