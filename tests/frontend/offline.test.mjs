// What becomes of an entry that was recorded without a network.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  distanceM,
  outcomeOf,
} from "../../src/sen/kernel/web/islands/lib/offline/states.ts";

test("an entry leaves the queue only when the server has it", () => {
  assert.deepEqual(outcomeOf(200, {}), { state: "sent", goOn: true });
  assert.deepEqual(outcomeOf(200, { conflict: "TWO_RECORDS" }), { state: "conflict", goOn: true });
  for (const status of [0, 401, 429, 500, 503]) {
    assert.deepEqual(outcomeOf(status), { state: "waiting", goOn: false }, String(status));
  }
  for (const status of [403, 409, 422]) {
    assert.deepEqual(outcomeOf(status), { state: "refused", goOn: true }, String(status));
  }
});

test("distances are right to a metre over a commune", () => {
  const metres = distanceM([105.6, 10.4], [105.6, 10.41]);
  assert.ok(Math.abs(metres - 1113.2) < 1, String(metres));
  assert.equal(distanceM([105.6, 10.4], [105.6, 10.4]), 0);
});
