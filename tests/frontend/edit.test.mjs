import assert from "node:assert/strict";
import { test } from "node:test";
import { distance } from "../../src/sen/kernel/web/islands/map/geodesy.ts";
import * as shapes from "../../src/sen/kernel/web/islands/map/edit/shape.ts";
import { nearest, path, pathsOf } from "../../src/sen/kernel/web/islands/map/edit/snap.ts";

const square = { kind: "polygon", parts: [[[[105, 10], [105.01, 10], [105.01, 10.01], [105, 10.01]]]] };
const corner = (at) => ({ part: 0, path: 0, at });

test("corners are moved, put in and taken out, and the shape before stays as it was", () => {
  const before = JSON.stringify(square);
  assert.deepEqual(shapes.moved(square, corner(1), [105.02, 10]).parts[0][0][1], [105.02, 10]);
  assert.equal(shapes.inserted(square, corner(2), [105.02, 10.005]).parts[0][0].length, 5);
  assert.equal(shapes.without(square, corner(0)).parts[0][0].length, 3);
  const triangle = shapes.without(square, corner(0));
  assert.ok(shapes.isEmpty(shapes.without(triangle, corner(0))), "an area of two corners is none");
  assert.equal(JSON.stringify(square), before);
});

test("a part goes with its outline, a hole goes alone", () => {
  const hole = [[105.002, 10.002], [105.004, 10.002], [105.004, 10.004]];
  const holed = shapes.withPath(square, 0, 1, hole);
  assert.equal(holed.parts[0].length, 2);
  assert.equal(shapes.withPath(holed, 0, 1, []).parts[0].length, 1);
  assert.equal(shapes.withPath(holed, 0, 0, []).parts.length, 0);
  assert.ok(shapes.figures(holed).area < shapes.figures(square).area);
});

test("a step by length and bearing lands there, and reads back", () => {
  const from = [105.6331, 10.4512];
  for (const angle of [0, 37.5, 90, 181, 269, 359]) {
    for (const far of [1, 120, 5000]) {
      const to = shapes.destination(from, far, angle);
      assert.ok(Math.abs(distance(from, to) - far) < far * 2e-4 + 0.001, `${far} m at ${angle}`);
      const apart = Math.abs(shapes.bearing(from, to) - angle);
      assert.ok(Math.min(apart, 360 - apart) < 0.05, `${shapes.bearing(from, to)} is not ${angle}`);
    }
  }
});

test("a shape that crosses itself is found while it is drawn", () => {
  assert.equal(shapes.crossing(square), null);
  const bow = { kind: "polygon", parts: [[[[105, 10], [105.01, 10.01], [105.01, 10], [105, 10.01]]]] };
  const [x, y] = shapes.crossing(bow);
  assert.ok(Math.abs(x - 105.005) < 1e-9 && Math.abs(y - 10.005) < 1e-9);
  const open = { kind: "line", parts: [[[[105, 10], [105.01, 10], [105.005, 10.01], [105.005, 9.99]]]] };
  assert.notEqual(shapes.crossing(open), null);
});

test("corners win over sides, and nothing is snapped to out of reach", () => {
  const paths = [path("roads", [[105, 10], [105.01, 10]])];
  assert.deepEqual(nearest([105.00005, 10.00005], paths, 0.0001), { at: [105, 10], kind: "corner", layer: "roads" });
  const side = nearest([105.005, 10.00005], paths, 0.0001);
  assert.equal(side.kind, "side");
  assert.ok(Math.abs(side.at[0] - 105.005) < 1e-12 && side.at[1] === 10);
  assert.equal(nearest([105.005, 10.001], paths, 0.0001), null);
  const area = { type: "Feature", properties: { layer: "a" }, geometry: { type: "Polygon", coordinates: [[[105, 10], [105.01, 10], [105.01, 10.01], [105, 10]]] } };
  assert.equal(pathsOf([area]).length, 1);
});
