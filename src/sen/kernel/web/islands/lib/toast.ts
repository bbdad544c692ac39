import { h, icon } from "./dom";
import { t } from "./messages";

export type Tone = "ok" | "info" | "warn" | "danger";

const DRAWINGS: Record<Tone, () => SVGElement> = {
  ok: () => icon("circle-check"),
  info: () => icon("info"),
  warn: () => icon("triangle-alert"),
  danger: () => icon("circle-alert"),
};

/** Shows a message; mistakes stay until closed, the rest goes after some seconds. */
export function toast(text: string, tone: Tone = "info", href = ""): void {
  const region = document.getElementById("toasts");
  if (!region) return;
  const close = h(
    "button",
    { class: "toast-close", type: "button", "aria-label": t("close") },
    icon("x"),
  );
  const box = h(
    "div",
    { class: `toast tone-${tone}`, "data-toast": true },
    DRAWINGS[tone](),
    h("p", {}, href ? h("a", { href }, text) : text),
    close,
  );
  region.append(box);
  watchToast(box);
}

/** Lets a toast, also one that the server rendered, close itself. */
export function watchToast(box: HTMLElement): void {
  const close = (): void => box.remove();
  box.querySelector(".toast-close")?.addEventListener("click", close);
  if (box.classList.contains("tone-danger") || box.classList.contains("tone-warn")) return;
  let timer = window.setTimeout(close, 7000);
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", () => {
    timer = window.setTimeout(close, 3000);
  });
}

declare global {
  interface WindowEventMap {
    "sen:toast": CustomEvent<{ text: string; tone?: Tone }>;
  }
}
