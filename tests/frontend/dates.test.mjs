import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDate, showDate } from "../../src/sen/kernel/web/islands/lib/dates-text.ts";
import { accepted } from "../../src/sen/kernel/web/islands/lib/accept.ts";

test("dates are day first, with any usual separator", () => {
  for (const text of ["5/4/2026", "05-04-2026", "5.4.26", "05042026", " 5 / 4 / 2026 "]) {
    assert.equal(parseDate(text), "2026-04-05", text);
  }
  assert.equal(showDate("2026-04-05"), "05/04/2026");
});

test("what is no day of the calendar is refused", () => {
  for (const text of ["31/02/2026", "13/13/2026", "2026-04-05", "hôm qua", "29/02/2025", ""]) {
    assert.equal(parseDate(text), null, text);
  }
  assert.equal(parseDate("29/02/2028"), "2028-02-29");
});

test("a file is taken by its ending or by its type", () => {
  assert.ok(accepted("CAU.GPKG", "", ".gpkg,.zip"));
  assert.ok(accepted("a.jpg", "image/jpeg", "image/*"));
  assert.ok(accepted("any", "", ""));
  assert.ok(!accepted("cau.exe", "application/x-msdownload", ".gpkg,image/*"));
});
