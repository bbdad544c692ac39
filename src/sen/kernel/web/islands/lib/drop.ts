/** File drop: shows what was chosen, refuses what is too big or of another kind. */
import { accepted } from "./accept";
import { h, icon } from "./dom";
import { t } from "./messages";
import { bytes } from "./text";
import { toast } from "./toast";

function show(drop: HTMLElement, input: HTMLInputElement): void {
  const list = drop.querySelector(".drop-list");
  const limit = Number(input.dataset["maxBytes"] ?? 0);
  const files = [...(input.files ?? [])];
  const wrong = files.find((file) => !accepted(file.name, file.type, input.accept));
  const big = limit > 0 ? files.find((file) => file.size > limit) : undefined;
  if (wrong) toast(t("fileWrongKind", { name: wrong.name, accept: input.accept }), "warn");
  if (big) {
    toast(t("fileTooBig", { name: big.name, size: bytes(big.size), limit: bytes(limit) }), "warn");
  }
  if (wrong || big) input.value = "";
  list?.replaceChildren(...[...(input.files ?? [])].map(row));
}

function row(file: File): HTMLElement {
  let preview: Node = icon("file");
  if (file.type.startsWith("image/")) {
    const url = URL.createObjectURL(file);
    preview = h("img", { src: url, alt: "", onload: () => URL.revokeObjectURL(url) });
  }
  return h("li", { class: "drop-file" }, preview, h("span", {}, file.name), h("small", {}, bytes(file.size)));
}

/** A bare file input becomes a place to drop files on. */
function dress(input: HTMLInputElement): void {
  if (input.closest("[data-drop]")) return;
  const drop = h(
    "div",
    { class: "drop", "data-drop": true },
    icon("upload", "lg"),
    h("p", {}, h("b", {}, t("chooseFile")), ` ${t("orDropHere")}`),
  );
  input.replaceWith(drop);
  drop.append(input, h("ul", { class: "drop-list" }));
}

function dressAll(): void {
  for (const one of document.querySelectorAll<HTMLInputElement>("input[type=file]")) dress(one);
}

export function watchDrops(): void {
  dressAll();
  document.addEventListener("htmx:afterSwap", dressAll);
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.type !== "file") return;
    const drop = input.closest<HTMLElement>("[data-drop]");
    if (drop) show(drop, input);
  });
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      const drop = (event.target as Element).closest?.<HTMLElement>("[data-drop]");
      drop?.classList.toggle("is-over", name === "dragenter" || name === "dragover");
    });
  }
}
