import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff } from "../../src/sen/kernel/web/islands/lib/backoff.ts";
import { every, parseNumber, plainNumber, positions, runs, ticks } from "../../src/sen/kernel/web/islands/lib/chart.ts";
import { matching } from "../../src/sen/kernel/web/islands/lib/match.ts";
import { age, area, bytes, fold, length, marked, number } from "../../src/sen/kernel/web/islands/lib/text.ts";

test("folding leaves what people type without diacritics", () => {
  assert.equal(fold("Cầu Mỹ Thuận, ĐT.848"), "cau my thuan, dt.848");
  assert.equal(fold("ẪỄỖỮ Ặ đ"), "aeou a d");
});

test("hits are marked in the original letters", () => {
  const pieces = marked("Cầu Mỹ Thuận", "my thu");
  assert.deepEqual(pieces.filter((p) => p.hit).map((p) => p.text), ["Mỹ", "Thu"]);
  assert.equal(pieces.map((p) => p.text).join(""), "Cầu Mỹ Thuận");
});

test("decomposed text is marked in its composed form", () => {
  assert.deepEqual(marked("Cầu".normalize("NFD"), "cau"), [{ text: "Cầu", hit: true }]);
});

test("numbers, lengths and areas are written as the reader's language does", () => {
  assert.equal(number(1234.56, 1, "vi"), "1.234,6");
  assert.equal(length(532.4, "vi"), "532 m");
  assert.equal(length(12_345, "vi"), "12,3 km");
  assert.equal(length(2_345, "en"), "2.35 km");
  assert.equal(area(9_000, "vi"), "9.000 m²");
  assert.equal(area(125_000, "vi"), "12,5 ha");
  assert.equal(area(3_500_000, "vi"), "3,5 km²");
  assert.equal(bytes(10_000_000, "vi"), "10 MB");
});

test("the age of live data grows from seconds to hours", () => {
  assert.equal(age(2, "vi"), "vừa xong");
  assert.equal(age(59, "vi"), "59 giây trước");
  assert.equal(age(61, "en"), "1 min ago");
  assert.equal(age(7300, "vi"), "2 giờ trước");
});

test("pages are found by any of their words, beginnings first", () => {
  const pages = ["Công việc nền", "Cầu", "Loại cầu"].map((title) => ({ title, url: "#" }));
  assert.deepEqual(matching(pages, "cau").map((p) => p.title), ["Cầu", "Loại cầu"]);
  assert.deepEqual(matching(pages, "nen viec").map((p) => p.title), ["Công việc nền"]);
});

test("reconnecting waits longer each time, at most half a minute", () => {
  assert.equal(backoff(0, 1), 1000);
  assert.equal(backoff(3, 0), 4000);
  assert.equal(backoff(20, 1), 30_000);
});

test("axis ticks are round and cover the data", () => {
  assert.deepEqual(ticks(0, 1480), [0, 500, 1000, 1500]);
  assert.deepEqual(ticks(0, 0.7), [0, 0.2, 0.4, 0.6, 0.8]);
  assert.ok(ticks(-3, 5)[0] <= -3);
});

test("table cells are read as Vietnamese numbers, anything else is a gap", () => {
  assert.equal(parseNumber("1.480"), 1480);
  assert.equal(plainNumber("1.480"), 1.48);
  assert.equal(plainNumber(""), null);
  assert.equal(plainNumber("–"), null);
  assert.equal(parseNumber("12,5"), 12.5);
  assert.equal(parseNumber("1.234.567,25"), 1234567.25);
  assert.equal(parseNumber("−3"), -3);
  assert.equal(parseNumber("0.75"), 0.75);
  assert.equal(parseNumber("—"), null);
});

test("a gap breaks the line of a chart", () => {
  assert.deepEqual(runs([1, 2, null, 3]), [[[0, 1], [1, 2]], [[3, 3]]]);
  assert.deepEqual(positions(3, 0, 100, false), [0, 50, 100]);
  assert.deepEqual(positions(2, 0, 100, true), [25, 75]);
  assert.equal(every(24, 240, 30), 3);
});
