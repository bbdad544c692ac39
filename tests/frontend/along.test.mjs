import assert from "node:assert/strict";
import { test } from "node:test";
import {
  chainage, clamp, extent, holdsAt, labelNear, nextMark, pack, pan, placeOf, rulerStep, rulerTicks, zoom,
} from "../../src/sen/domains/network/web/islands/along/layout.ts";

const ROAD = [0, 12_500];

test("labels are written as on km-posts, backwards before Km0", () => {
  assert.equal(chainage(12_500), "Km12+500");
  assert.equal(chainage(7.4), "Km0+007");
  assert.equal(chainage(-50), "Km0-050");
});

test("a view stays on the road and keeps its length", () => {
  assert.deepEqual(clamp({ from: -300, to: 700 }, ...ROAD), { from: 0, to: 1000 });
  assert.deepEqual(pan({ from: 11_000, to: 12_000 }, 5000, ...ROAD), { from: 11_500, to: 12_500 });
  assert.deepEqual(clamp({ from: -9, to: 99_999 }, ...ROAD), { from: 0, to: 12_500 });
});

test("zooming keeps the place below the pointer and stops at fifty metres", () => {
  const near = zoom({ from: 0, to: 8000 }, 2000, 0.5, ...ROAD);
  assert.deepEqual(near, { from: 1000, to: 5000 });
  let view = near;
  for (let i = 0; i < 30; i += 1) view = zoom(view, 2000, 0.5, ...ROAD);
  assert.equal(Math.round(view.to - view.from), 50);
  assert.ok(view.from < 2000 && view.to > 2000);
});

test("the ruler takes round steps with room for its labels", () => {
  const step = rulerStep({ from: 0, to: 10_000 }, 800, 84);
  assert.equal(step, 2000);
  assert.deepEqual(rulerTicks({ from: 500, to: 4100 }, 1000), [1000, 2000, 3000, 4000]);
});

test("labels that would lie on each other go to another row or are left out", () => {
  assert.deepEqual(pack([[0, 50], [20, 60], [30, 70], [55, 90]], 2), [0, 1, -1, 0]);
});

test("what holds at a place: stretches around it and things near it", () => {
  const tracks = [
    { title: "Mặt đường", marks: [{ a: 0, b: 500, text: "Nhựa" }, { a: 500, b: 900, text: "Đá" }] },
    { title: "Cống", marks: [{ a: 503, b: 503, text: "", label: "Cống Ba" }] },
  ];
  assert.deepEqual(holdsAt(tracks, 500, 5), [["Mặt đường", "Đá"], ["Cống", "Cống Ba"]]);
  assert.deepEqual(holdsAt(tracks, 480, 5), [["Mặt đường", "Nhựa"]]);
});

test("things are chosen one after another along the road", () => {
  const [one, two] = [{ a: 10, b: 10, text: "" }, { a: 40, b: 60, text: "" }];
  const tracks = [{ marks: [two] }, { marks: [one] }];
  assert.equal(nextMark(tracks, null, true), one);
  assert.equal(nextMark(tracks, one, true), two);
  assert.equal(nextMark(tracks, two, true), two);
  assert.equal(nextMark(tracks, two, false), one);
});

test("a label finds its place on the map and the place its label", () => {
  const line = [[105.5, 10.3, 0], [105.51, 10.3, 1000], [105.51, 10.31, 2100]];
  const place = placeOf(line, 1550);
  assert.ok(Math.abs(place[1] - 10.305) < 1e-9);
  const back = labelNear(line, ...place);
  assert.ok(Math.abs(back.m - 1550) < 0.5 && back.away < 0.1);
  assert.deepEqual(placeOf(line, -5), [105.5, 10.3]);
  assert.equal(labelNear([], 105, 10), null);
});

test("the scale of a step line begins at zero unless its values lie close together", () => {
  assert.deepEqual(extent({ marks: [{ n: 2 }, { n: 8 }] }), [0, 8]);
  const [low, high] = extent({ marks: [{ n: 10 }, { n: 11 }] });
  assert.ok(low > 8 && high === 11);
});
