/**
 * Tables: row selection with its bulk bar, and the column chooser.
 *
 * <div data-table="assets"> … <input class="checkbox" data-pick-all> in the head,
 * <input class="checkbox" data-pick name="ids" value="…"> in the rows,
 * <div class="bulk-bar" data-bulk hidden><span data-bulk-count></span> …</div>,
 * <input type="checkbox" data-column="width"> in a menu, data-col="width" on th and td.
 * Works after htmx has replaced the rows, because it listens at the document.
 */
import { debounce, store, stored } from "./dom";
import { t } from "./messages";

let last: HTMLInputElement | null = null;

function picks(table: Element): HTMLInputElement[] {
  return [...table.querySelectorAll<HTMLInputElement>("input[data-pick]")];
}

function refresh(table: Element): void {
  const all = picks(table);
  const chosen = all.filter((box) => box.checked);
  for (const box of all) {
    box.closest("tr")?.setAttribute("aria-selected", String(box.checked));
  }
  const head = table.querySelector<HTMLInputElement>("input[data-pick-all]");
  if (head) {
    head.checked = chosen.length > 0 && chosen.length === all.length;
    head.indeterminate = chosen.length > 0 && chosen.length < all.length;
  }
  const bar = table.querySelector<HTMLElement>("[data-bulk]");
  if (bar) {
    bar.hidden = chosen.length === 0;
    const count = bar.querySelector("[data-bulk-count]");
    if (count) count.textContent = t("selected", { n: chosen.length });
  }
  table.dispatchEvent(
    new CustomEvent("sen:selection", { bubbles: true, detail: chosen.map((box) => box.value) }),
  );
}

function onPick(event: MouseEvent): void {
  const box = event.target;
  if (!(box instanceof HTMLInputElement)) return;
  const table = box.closest("[data-table]");
  if (!table) return;
  if (box.matches("[data-pick-all]")) {
    for (const other of picks(table)) other.checked = box.checked;
    refresh(table);
  } else if (box.matches("[data-pick]")) {
    const all = picks(table);
    // Shift picks the range since the last one, as everywhere else.
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      for (const other of all.slice(from, (to ?? 0) + 1)) other.checked = box.checked;
    }
    last = box;
    refresh(table);
  }
}

function hiddenColumns(table: HTMLElement): Set<string> | null {
  const text = stored(`sen-columns-${table.dataset["table"] ?? ""}`);
  return text === null ? null : new Set(text.split(",").filter(Boolean));
}

function applyColumns(table: HTMLElement): void {
  const hidden = hiddenColumns(table);
  if (!hidden) return;
  for (const cell of table.querySelectorAll<HTMLElement>("[data-col]")) {
    cell.hidden = hidden.has(cell.dataset["col"] ?? "");
  }
  for (const box of table.querySelectorAll<HTMLInputElement>("input[data-column]")) {
    box.checked = !hidden.has(box.dataset["column"] ?? "");
  }
}

function onColumn(event: Event): void {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || !box.matches("[data-column]")) return;
  const table = box.closest<HTMLElement>("[data-table]");
  if (!table) return;
  const hidden = [...table.querySelectorAll<HTMLInputElement>("input[data-column]")]
    .filter((one) => !one.checked)
    .map((one) => one.dataset["column"] ?? "");
  store(`sen-columns-${table.dataset["table"] ?? ""}`, hidden.join(","));
  applyColumns(table);
}

/** A table that scrolls sideways must be reachable with the keyboard, and have a name. */
function makeScrollable(): void {
  for (const wrap of document.querySelectorAll<HTMLElement>(".table-wrap:not([tabindex])")) {
    if (wrap.scrollWidth <= wrap.clientWidth && wrap.scrollHeight <= wrap.clientHeight) continue;
    const title = wrap.closest(".panel")?.querySelector(".panel-title") ?? wrap.querySelector("caption");
    wrap.tabIndex = 0;
    wrap.setAttribute("role", "region");
    wrap.setAttribute("aria-label", title?.textContent?.trim() || t("table"));
  }
}

function prepare(): void {
  makeScrollable();
  for (const table of document.querySelectorAll<HTMLElement>("[data-table]")) {
    applyColumns(table);
    if (picks(table).some((box) => box.checked)) refresh(table);
  }
}

export function watchTables(): void {
  document.addEventListener("click", onPick);
  document.addEventListener("change", onColumn);
  document.addEventListener("htmx:afterSwap", prepare);
  document.addEventListener("click", (event) => {
    const clear = (event.target as Element).closest("[data-bulk-clear]");
    const table = clear?.closest("[data-table]");
    if (!table) return;
    for (const box of picks(table)) box.checked = false;
    refresh(table);
  });
  addEventListener("resize", debounce(200, makeScrollable));
  prepare();
}
