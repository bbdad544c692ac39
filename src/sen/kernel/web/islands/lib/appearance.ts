/** Theme and density: stored on this device; boot/theme.ts applies them before the first paint. */
import { store, stored } from "./dom";

function mark(): void {
  const theme = stored("sen-theme") ?? "system";
  const density = stored("sen-density") ?? "dense";
  for (const button of document.querySelectorAll<HTMLElement>("[data-theme-set]")) {
    button.setAttribute("aria-pressed", String(button.dataset["themeSet"] === theme));
  }
  for (const button of document.querySelectorAll<HTMLElement>("[data-density-set]")) {
    button.setAttribute("aria-pressed", String(button.dataset["densitySet"] === density));
  }
}

function changed(): void {
  dispatchEvent(new Event("sen:appearance"));
  mark();
}

export function watchAppearance(): void {
  mark();
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const theme = target.closest<HTMLElement>("[data-theme-set]")?.dataset["themeSet"];
    const density = target.closest<HTMLElement>("[data-density-set]")?.dataset["densitySet"];
    if (theme) store("sen-theme", theme === "system" ? null : theme);
    if (density) store("sen-density", density);
    if (theme || density) changed();
  });
}
