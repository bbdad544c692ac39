/**
 * Drawing and changing one shape on the map, by mouse, touch and keyboard.
 *
 * While a path is open, a click adds a corner; a double click, Shift+Enter or a click on the last
 * corner ends it (on the first one it closes an area). Afterwards corners are dragged, the small
 * points between them make new ones, Delete takes the chosen corner out. The crosshair in the
 * middle of the map is the pointer of the keyboard.
 */
import type { GeoJSONSource, Map as MapLibre, MapMouseEvent, MapTouchEvent } from "maplibre-gl";
import type { LonLat } from "../geodesy";
import { type Corner, type Kind, type Shape, cornerAt, corners, empty, inserted, isEmpty, middles, moved, needed, pathAt, withPath, without } from "./shape";
import { type Path, type Snapped, nearest, path as pathOf } from "./snap";

const REACH_PX = 10;
const TOUCH_PX = 22;
const KEPT = 100;

interface Open {
  part: number;
  path: number;
}

type Pointer = MapMouseEvent | MapTouchEvent;

export class Editor {
  shape: Shape;
  chosen: Corner | null = null;
  snapping = true;
  neighbours: readonly Path[] = [];
  #open: Open | null = null;
  #past: Shape[] = [];
  #future: Shape[] = [];
  #pointer: LonLat | null = null;
  #snapped: Snapped | null = null;
  #drag: { corner: Corner; before: Shape } | null = null;
  #quiet = 0;

  constructor(
    readonly map: MapLibre,
    kind: Kind,
    readonly changed: (shape: Shape) => void,
  ) {
    this.shape = empty(kind);
    map.on("click", this.#onClick);
    map.on("dblclick", this.#onDouble);
    map.on("mousemove", this.#onMove);
    map.on("mousedown", this.#onDown);
    map.on("touchstart", this.#onDown);
    map.getCanvas().addEventListener("keydown", this.#onKey);
    map.getCanvas().classList.add("is-drawing");
    map.doubleClickZoom.disable();
    this.start();
  }

  destroy(): void {
    const { map } = this;
    map.off("click", this.#onClick);
    map.off("dblclick", this.#onDouble);
    map.off("mousemove", this.#onMove);
    map.off("mousedown", this.#onDown);
    map.off("touchstart", this.#onDown);
    map.getCanvas().removeEventListener("keydown", this.#onKey);
    map.getCanvas().classList.remove("is-drawing");
    map.doubleClickZoom.enable();
  }

  // State -------------------------------------------------------------------------------------

  get drawing(): boolean {
    return this.#open !== null;
  }

  get snapped(): Snapped | null {
    return this.#snapped;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** The last corner of the open path, from which the next step is measured. */
  get last(): LonLat | null {
    const open = this.#open;
    return open ? (pathAt(this.shape, open.part, open.path).at(-1) ?? null) : null;
  }

  /** Shows a shape that came from elsewhere; nothing before it can be gone back to. */
  load(shape: Shape): void {
    this.#past = [];
    this.#future = [];
    this.chosen = null;
    this.shape = shape;
    this.#open = null;
    if (isEmpty(shape)) this.start();
    this.draw();
  }

  /** Replaces the shape as one step that can be undone. */
  put(shape: Shape): void {
    if (shape === this.shape) return;
    this.#past = [...this.#past.slice(-KEPT), this.shape];
    this.#future = [];
    this.#show(shape);
  }

  undo(): void {
    const before = this.#past.pop();
    if (!before) return;
    this.#future.push(this.shape);
    this.#goBackTo(before);
  }

  redo(): void {
    const next = this.#future.pop();
    if (!next) return;
    this.#past.push(this.shape);
    this.#goBackTo(next);
  }

  #goBackTo(shape: Shape): void {
    this.chosen = null;
    const open = this.#open;
    const cut = pathAt(shape, open?.part ?? 0, open?.path ?? 0).length < needed(shape.kind);
    this.#show(shape);
    // A path that lost its corners is drawn on; a whole one is edited.
    if (!open && (isEmpty(shape) || cut)) this.#open = { part: Math.max(0, shape.parts.length - 1), path: 0 };
    this.draw();
  }

  #show(shape: Shape): void {
    this.shape = shape;
    if (this.chosen && !cornerAt(shape, this.chosen)) this.chosen = null;
    if (isEmpty(shape) && !this.#open) this.#open = { part: 0, path: 0 };
    this.draw();
    this.changed(shape);
  }

  // Acts --------------------------------------------------------------------------------------

  /** Opens a path: the first, a further part, or a hole in the last part. */
  start(what: "part" | "hole" = "part"): void {
    const count = this.shape.parts.length;
    const last = Math.max(0, count - 1);
    if (what === "hole" && count > 0) this.#open = { part: last, path: this.shape.parts[last]?.length ?? 1 };
    else this.#open = { part: count, path: 0 };
    this.chosen = null;
    this.draw();
  }

  /** Goes on at the end of the last line. */
  goOn(): void {
    const last = this.shape.parts.length - 1;
    if (this.shape.kind !== "line" || last < 0) return;
    this.#open = { part: last, path: 0 };
    this.chosen = null;
    this.draw();
  }

  /** Adds a corner to the open path, or moves the chosen one there. */
  add(point: LonLat): void {
    if (this.chosen && !this.#open) {
      this.put(moved(this.shape, this.chosen, point));
      return;
    }
    if (this.shape.kind === "point") {
      this.#open = null;
      this.put({ kind: "point", parts: [[[point]]] });
      return;
    }
    if (!this.#open) this.goOn();
    const open = this.#open ?? { part: this.shape.parts.length, path: 0 };
    this.#open = open;
    const points = pathAt(this.shape, open.part, open.path);
    const last = points.at(-1);
    if (last && last[0] === point[0] && last[1] === point[1]) return;
    this.put(withPath(this.shape, open.part, open.path, [...points, point]));
  }

  /** Ends the open path; one with too few corners stays open. */
  finish(): boolean {
    const open = this.#open;
    if (!open) return true;
    const count = pathAt(this.shape, open.part, open.path).length;
    if (count > 0 && count < needed(this.shape.kind)) return false;
    if (isEmpty(this.shape)) return false;
    this.#open = null;
    this.#pointer = null;
    this.draw();
    this.changed(this.shape);
    return true;
  }

  remove(): void {
    if (this.chosen) {
      const corner = this.chosen;
      this.chosen = null;
      this.put(without(this.shape, corner));
    } else if (this.#open) {
      const { part, path } = this.#open;
      this.put(withPath(this.shape, part, path, pathAt(this.shape, part, path).slice(0, -1)));
    }
  }

  clear(): void {
    this.chosen = null;
    this.#open = { part: 0, path: 0 };
    this.put(empty(this.shape.kind));
  }

  choose(corner: Corner | null): void {
    this.chosen = corner;
    this.draw();
    this.changed(this.shape);
  }

  /** The point where a corner would go: on a neighbour within reach, else where one points. */
  snap(point: LonLat, reach = REACH_PX): LonLat {
    this.#snapped = null;
    if (!this.snapping) return point;
    const at = this.map.project([point[0], point[1]]);
    const above = this.map.unproject([at.x, at.y - reach]);
    const own = this.#drag ? [] : this.shape.parts.flatMap((part) => part.map((path) => pathOf("", path)));
    this.#snapped = nearest(point, [...this.neighbours, ...own], Math.abs(above.lat - point[1]));
    return this.#snapped?.at ?? point;
  }

  // Drawing -----------------------------------------------------------------------------------

  draw(): void {
    this.#set("sen-edit", this.#features());
    const snapped = this.#snapped;
    this.#set("sen-edit-snap", snapped ? [feature("snap", { type: "Point", coordinates: [...snapped.at] })] : []);
  }

  #set(source: string, features: GeoJSON.Feature[]): void {
    this.map.getSource<GeoJSONSource>(source)?.setData({ type: "FeatureCollection", features });
  }

  #features(): GeoJSON.Feature[] {
    const { shape } = this;
    const found: GeoJSON.Feature[] = [];
    for (const part of shape.parts) {
      const rings = part.map((points) => points.map((p) => [...p]));
      const whole = shape.kind === "polygon" ? rings.filter((ring) => ring.length > 2) : [];
      if (whole.length > 0) {
        const closed = whole.map((ring) => [...ring, ring[0] as number[]]);
        found.push(feature("fill", { type: "Polygon", coordinates: closed }));
        for (const ring of closed) found.push(feature("line", { type: "LineString", coordinates: ring }));
      }
      for (const ring of rings) {
        const drawn = shape.kind === "polygon" && ring.length > 2;
        if (!drawn && ring.length > 1) found.push(feature("line", { type: "LineString", coordinates: ring }));
      }
    }
    const { last } = this;
    if (last && this.#pointer) found.push(feature("rubber", { type: "LineString", coordinates: [[...last], [...this.#pointer]] }));
    if (!this.#open) for (const { point } of middles(shape)) found.push(feature("middle", { type: "Point", coordinates: [...point] }));
    for (const corner of corners(shape)) {
      const isChosen = this.chosen && same(this.chosen, corner);
      found.push(feature(isChosen ? "chosen" : "corner", { type: "Point", coordinates: [...(cornerAt(shape, corner) as LonLat)] }));
    }
    return found;
  }

  // Pointer -----------------------------------------------------------------------------------

  #cornerNear(at: { x: number; y: number }, reach: number): Corner | null {
    let found: Corner | null = null;
    let best = reach;
    for (const corner of corners(this.shape)) {
      const away = this.#away(cornerAt(this.shape, corner) as LonLat, at);
      if (away < best) [found, best] = [corner, away];
    }
    return found;
  }

  #away(point: LonLat, at: { x: number; y: number }): number {
    const shown = this.map.project([point[0], point[1]]);
    return Math.hypot(shown.x - at.x, shown.y - at.y);
  }

  readonly #onClick = (event: MapMouseEvent): void => {
    if (performance.now() < this.#quiet) return;
    const reach = touched(event) ? TOUCH_PX : REACH_PX;
    const near = this.#cornerNear(event.point, reach);
    const open = this.#open;
    if (open && near && near.part === open.part && near.path === open.path) {
      const count = pathAt(this.shape, open.part, open.path).length;
      const closes = this.shape.kind === "polygon" && near.at === 0 && count >= 3;
      if (closes || near.at === count - 1) {
        this.finish();
        return;
      }
    }
    if (!open && this.shape.kind !== "point") {
      this.#chooseAt(event, near, reach);
      return;
    }
    this.add(this.snap([event.lngLat.lng, event.lngLat.lat], reach));
  };

  /** A corner is chosen; the middle of a side becomes one; elsewhere nothing is chosen any more. */
  #chooseAt(event: MapMouseEvent, near: Corner | null, reach: number): void {
    const side = near ? undefined : middles(this.shape).find(({ point }) => this.#away(point, event.point) < reach);
    if (side) {
      this.chosen = side.corner;
      this.put(inserted(this.shape, side.corner, side.point));
    } else this.choose(near);
  }

  readonly #onDouble = (event: MapMouseEvent): void => {
    event.preventDefault();
    this.finish();
  };

  readonly #onMove = (event: MapMouseEvent): void => {
    if (this.#drag) return;
    const point = this.snap([event.lngLat.lng, event.lngLat.lat]);
    if (this.#open) this.#pointer = point;
    else this.#snapped = null;
    this.draw();
  };

  readonly #onDown = (event: Pointer): void => {
    const byTouch = touched(event);
    if (byTouch && "points" in event && event.points.length > 1) return;
    const reach = byTouch ? TOUCH_PX : REACH_PX;
    let corner = this.#cornerNear(event.point, reach);
    const before = this.shape;
    if (!corner && !this.#open) {
      const side = middles(this.shape).find(({ point }) => this.#away(point, event.point) < reach);
      if (side) {
        this.shape = inserted(this.shape, side.corner, side.point);
        corner = side.corner;
      }
    }
    if (!corner) return;
    event.preventDefault();
    this.#drag = { corner, before };
    let started = false;
    const move = (next: Pointer): void => {
      if (!started && Math.hypot(next.point.x - event.point.x, next.point.y - event.point.y) < 4) return;
      started = true;
      const to = this.snap([next.lngLat.lng, next.lngLat.lat], reach);
      this.shape = moved(this.shape, corner, to);
      this.draw();
    };
    const stop = (): void => {
      this.map.off("mousemove", move);
      this.map.off("touchmove", move);
      this.map.off("mouseup", stop);
      this.map.off("touchend", stop);
      this.map.off("touchcancel", stop);
      this.#drag = null;
      this.#snapped = null;
      const after = this.shape;
      this.shape = before;
      if (!started) {
        this.draw();
        return;
      }
      this.#quiet = performance.now() + 80; // the click that ends a drag is none
      this.chosen = this.#open ? null : corner;
      this.put(after);
    };
    this.map.on("mousemove", move);
    this.map.on("touchmove", move);
    this.map.on("mouseup", stop);
    this.map.on("touchend", stop);
    this.map.on("touchcancel", stop);
  };

  // Keyboard ----------------------------------------------------------------------------------

  readonly #onKey = (event: KeyboardEvent): void => {
    const withControl = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (withControl && key === "z") (event.shiftKey ? this.redo() : this.undo());
    else if (withControl && key === "y") this.redo();
    else if (withControl) return;
    else if (key === "delete" || key === "backspace") this.remove();
    else if (key === "escape") this.choose(null);
    else if (key === "enter") this.#enter(event.shiftKey);
    else if (key === "n" || key === "p") this.#step(key === "n" ? 1 : -1);
    else if (event.altKey && key.startsWith("arrow")) this.#nudge(key, event.shiftKey ? 10 : 1);
    else return;
    event.preventDefault();
  };

  #enter(ends: boolean): void {
    if (ends) {
      this.finish();
      return;
    }
    const { lng, lat } = this.map.getCenter();
    this.add(this.snap([lng, lat]));
  }

  #step(by: number): void {
    const all = corners(this.shape);
    if (all.length === 0) return;
    const now = all.findIndex((corner) => this.chosen && same(corner, this.chosen));
    const next = all[now < 0 ? (by > 0 ? 0 : all.length - 1) : (now + by + all.length) % all.length] as Corner;
    this.finish();
    this.choose(next);
    const point = cornerAt(this.shape, next) as LonLat;
    this.map.panTo([point[0], point[1]], { animate: false });
  }

  #nudge(key: string, pixels: number): void {
    const point = this.chosen ? cornerAt(this.shape, this.chosen) : null;
    if (!this.chosen || !point) return;
    const at = this.map.project([point[0], point[1]]);
    const across = key === "arrowleft" ? -pixels : key === "arrowright" ? pixels : 0;
    const down = key === "arrowup" ? -pixels : key === "arrowdown" ? pixels : 0;
    const to = this.map.unproject([at.x + across, at.y + down]);
    this.put(moved(this.shape, this.chosen, [to.lng, to.lat]));
  }
}

function feature(role: string, geometry: GeoJSON.Geometry): GeoJSON.Feature {
  return { type: "Feature", properties: { role }, geometry };
}

function same(one: Corner, other: Corner): boolean {
  return one.part === other.part && one.path === other.path && one.at === other.at;
}

function touched(event: Pointer): boolean {
  const { originalEvent } = event;
  return originalEvent.type.startsWith("touch") || (originalEvent instanceof PointerEvent && originalEvent.pointerType === "touch");
}
