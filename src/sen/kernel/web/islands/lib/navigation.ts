/** The side navigation: a drawer on a phone, foldable on a desktop. */
import { store, stored } from "./dom";

export function watchNavigation(): void {
  const app = document.querySelector<HTMLElement>("[data-app]");
  const nav = document.getElementById("nav");
  if (!app || !nav) return;
  let opener: HTMLElement | null = null;

  const close = (): void => {
    if (!app.classList.contains("nav-open")) return;
    app.classList.remove("nav-open");
    document.body.removeAttribute("data-locked");
    opener?.focus();
  };

  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const button = target.closest<HTMLElement>("[data-nav-open]");
    if (button) {
      opener = button;
      app.classList.add("nav-open");
      nav.querySelector<HTMLElement>("[data-nav-close]")?.focus();
    } else if (target.closest("[data-nav-close]") || (target === app && !nav.contains(target))) {
      close();
    }
    if (target.closest("[data-nav-fold]")) {
      store("sen-nav", stored("sen-nav") === "narrow" ? null : "narrow");
      dispatchEvent(new Event("sen:appearance"));
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  // The drawer covers the page: focus must not leave it behind the scrim.
  nav.addEventListener("focusout", (event) => {
    const next = event.relatedTarget;
    if (app.classList.contains("nav-open") && next instanceof Node && !nav.contains(next)) close();
  });

  nav.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
}
