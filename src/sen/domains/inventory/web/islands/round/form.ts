/** The form of one visit: what is there, what it is like, photos, where it was seen. */
import { h, icon } from "../../../../../kernel/web/islands/lib/dom";
import { plainNumber, parseNumber } from "../../../../../kernel/web/islands/lib/chart";
import { shrink } from "../../../../../kernel/web/islands/lib/offline/pictures";
import { locate } from "./locate";
import { t } from "./messages";
import type { FieldSpec, Item, Position, Round } from "./types";

export interface Filled {
  body: Record<string, unknown>;
  files: { name: string; blob: Blob }[];
}

type Reader = () => unknown;
const MOST_PHOTOS = 6;
let counter = 0;

/** A field's control under its label, and how its value is read; a fault is thrown in words. */
function control(
  spec: Pick<FieldSpec, "label" | "kind" | "choices">,
  value: unknown,
): { row: HTMLElement; read: Reader } {
  counter += 1;
  const id = `round-${counter}`;
  let input: HTMLInputElement | HTMLSelectElement;
  if (spec.kind === "choice" || spec.kind === "boolean") {
    const choices: Record<string, string> =
      spec.kind === "boolean" ? { true: t("yes"), false: t("no") } : spec.choices;
    const select = h("select", { class: "select", id }, h("option", { value: "" }, t("noChoice")));
    for (const [code, label] of Object.entries(choices)) {
      select.append(h("option", { value: code, selected: String(value ?? "") === code }, label));
    }
    input = select;
  } else {
    const shown = Array.isArray(value) ? value.join(" + ") : String(value ?? "");
    const numeric = spec.kind === "number" || spec.kind === "integer";
    input = h("input", {
      class: "input",
      id,
      value: numeric ? shown.replace(".", ",") : shown,
      type: spec.kind === "date" ? "date" : "text",
      inputmode: numeric ? "decimal" : "text",
      "data-shown": spec.kind === "date" ? "" : undefined,
    });
  }
  const before = input.value;
  const read = (): unknown => {
    if (input.value === before) return value ?? null;
    const text = input.value.trim();
    if (text === "") return null;
    if (spec.kind === "boolean") return text === "true";
    if (spec.kind === "number" || spec.kind === "integer") {
      const number = plainNumber(text) ?? parseNumber(text);
      if (number === null) throw new Error(t("notANumber", { label: spec.label }));
      return number;
    }
    return text;
  };
  return { row: h("div", { class: "field" }, h("label", { class: "label", for: id }, spec.label), input), read };
}

function photos(): { element: HTMLElement; files: { name: string; blob: Blob }[] } {
  const files: { name: string; blob: Blob }[] = [];
  const shown = h("div", { class: "round-photos" });
  const fault = h("p", { class: "error", role: "alert" });
  const input = h("input", {
    type: "file",
    accept: "image/*",
    capture: "environment",
    multiple: true,
    class: "sr-only",
    id: "round-photo",
  });
  input.addEventListener("change", () => {
    const chosen = [...(input.files ?? [])].slice(0, MOST_PHOTOS - files.length);
    input.value = "";
    fault.textContent = "";
    for (const file of chosen) {
      shrink(file)
        .then((blob) => {
          const kept = { name: file.name.replace(/\.\w+$/, "") + ".jpg", blob };
          files.push(kept);
          const url = URL.createObjectURL(blob);
          const remove = h(
            "button",
            { type: "button", class: "btn btn-icon btn-sm", "aria-label": t("removePhoto") },
            icon("x"),
          );
          const figure = h("figure", {}, h("img", { src: url, alt: file.name }), remove);
          remove.addEventListener("click", () => {
            files.splice(files.indexOf(kept), 1);
            URL.revokeObjectURL(url);
            figure.remove();
          });
          shown.append(figure);
        })
        .catch(() => {
          fault.textContent = t("photoFailed");
        });
    }
  });
  const label = h("label", { class: "btn", for: "round-photo" }, icon("camera"), t("takePhoto"));
  const element = h(
    "fieldset",
    { class: "stack" },
    h("legend", {}, t("photos")),
    shown,
    h("p", { class: "row" }, input, label),
    fault,
  );
  return { element, files };
}

/** Shows the position as soon as the device knows it. */
function position(): { element: HTMLElement; read: () => Position | null } {
  let at: Position | null = null;
  const said = h("p", { class: "hint", role: "status" }, t("locating"));
  const again = h("button", { type: "button", class: "btn btn-sm" }, icon("locate"), t("locate"));
  const ask = (): void => {
    said.textContent = t("locating");
    locate()
      .then((found) => {
        at = found;
        said.textContent = t("position", { lat: found.lat, lon: found.lon, m: found.accuracyM });
      })
      .catch((error: Error) => {
        said.textContent = t("noPosition", { why: error.message });
      });
  };
  again.addEventListener("click", ask);
  ask();
  return { element: h("div", { class: "stack" }, said, h("p", {}, again)), read: () => at };
}

/** The form of an item of the round, or (null) of a new asset. */
export function visitForm(
  round: Round,
  item: Item | null,
  save: (filled: Filled) => void,
): HTMLElement {
  const fault = h("p", { class: "error", role: "alert" });
  const details = h("div", { class: "stack" });
  const readers = new Map<string, Reader>();
  const type = h("select", { class: "select", id: "round-type" });
  for (const [code, spec] of Object.entries(round.types)) {
    type.append(h("option", { value: code }, spec.name));
  }
  if (item) type.value = item.type;

  const show = (): void => {
    const spec = round.types[type.value];
    readers.clear();
    details.replaceChildren();
    if (!spec) return;
    const plain: Pick<FieldSpec, "label" | "kind" | "choices">[] = [
      { label: spec.labels["name"] ?? "", kind: "text", choices: {} },
      { label: spec.labels["condition"] ?? "", kind: "choice", choices: round.conditions },
      { label: spec.labels["opened_year"] ?? "", kind: "integer", choices: {} },
    ];
    const names = ["name", "condition", "opened_year"];
    const add = (name: string, one: Pick<FieldSpec, "label" | "kind" | "choices">): void => {
      if (item && !(name in item.values)) return;
      const made = control(one, item?.values[name]);
      readers.set(name, made.read);
      details.append(made.row);
    };
    plain.forEach((one, place) => add(names[place] ?? "", one));
    for (const field of spec.fields) add(field.name, field);
  };
  type.addEventListener("change", show);
  show();

  const outcomes = h("fieldset", { class: "stack" }, h("legend", {}, t("outcome")));
  for (const [value, label] of [
    ["FOUND", t("found")],
    ["NOT_FOUND", t("notFound")],
  ] as const) {
    const input = h("input", {
      type: "radio",
      name: "outcome",
      value,
      checked: value === "FOUND",
    });
    input.addEventListener("change", () => {
      details.hidden = value === "NOT_FOUND";
    });
    outcomes.append(h("label", { class: "check" }, input, h("span", {}, label)));
  }
  const pictures = photos();
  const where = position();
  const note = h("textarea", { class: "textarea", rows: 2, id: "round-note", maxlength: 2000 });
  const form = h(
    "form",
    { class: "stack", novalidate: true },
    item
      ? outcomes
      : h(
          "div",
          { class: "field" },
          h("label", { class: "label", for: "round-type" }, t("type")),
          type,
        ),
    details,
    pictures.element,
    h("div", { class: "field" }, h("label", { class: "label", for: "round-note" }, t("note")), note),
    where.element,
    fault,
    h("p", { class: "row" }, h("button", { class: "btn btn-primary" }, icon("save"), t("save"))),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    try {
      const at = where.read();
      const outcome = item ? String(new FormData(form).get("outcome")) : "NEW";
      const values: Record<string, unknown> = {};
      const base: Record<string, unknown> = {};
      for (const [name, read] of readers) {
        if (item) base[name] = item.values[name] ?? null;
        values[name] = read();
      }
      if (!item && !values["name"]) throw new Error(t("needName"));
      if (!item && !at) throw new Error(t("needPosition"));
      save({
        body: {
          campaign: round.campaign.id,
          visit: item?.visit ?? null,
          outcome,
          type: type.value,
          base_version: item?.version ?? null,
          base,
          values: outcome === "NOT_FOUND" ? {} : withoutEmpty(values, item),
          note: note.value,
          lon: at?.lon ?? null,
          lat: at?.lat ?? null,
          accuracy_m: at?.accuracyM ?? null,
        },
        files: pictures.files,
      });
    } catch (error) {
      fault.textContent = error instanceof Error ? error.message : String(error);
    }
  });
  return form;
}

/** A new asset sends only what was filled in. */
function withoutEmpty(values: Record<string, unknown>, item: Item | null): Record<string, unknown> {
  if (item) return values;
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
