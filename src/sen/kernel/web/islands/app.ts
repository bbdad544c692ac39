/** Loaded on every page: htmx, the behaviours of plain HTML components, and the island loader. */
import "./lib/htmx";
import { watchAppearance } from "./lib/appearance";
import { watchDates } from "./lib/dates";
import { watchDrops } from "./lib/drop";
import { watchForms } from "./lib/forms";
import { loadIslands } from "./lib/loader";
import { watchMenus } from "./lib/menus";
import { watchNavigation } from "./lib/navigation";
import { watchTables } from "./lib/tables";
import { toast, watchToast } from "./lib/toast";

watchAppearance();
watchMenus();
watchNavigation();
watchForms();
watchTables();
watchDates();
watchDrops();
loadIslands();

for (const box of document.querySelectorAll<HTMLElement>("[data-toast]")) watchToast(box);
addEventListener("sen:toast", (event) => toast(event.detail.text, event.detail.tone));

document.addEventListener("click", (event) => {
  if ((event.target as Element).closest("[data-print-page]")) print();
});

// <button data-toast-text="…" data-toast-tone="ok">: an answer that needs no server.
document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-toast-text]");
  if (!button) return;
  dispatchEvent(
    new CustomEvent("sen:toast", {
      detail: { text: button.dataset["toastText"], tone: button.dataset["toastTone"] },
    }),
  );
});
