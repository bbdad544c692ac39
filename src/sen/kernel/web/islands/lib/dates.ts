/**
 * Date fields show day/month/year whatever the language of the browser.
 *
 * A native date input writes the order of the browser: on an English Windows 04/05 would be the
 * fifth of April. So the native input stays (it holds the value, and its calendar is used), and a
 * text field stands in front of it.
 */
import { parseDate, showDate } from "./dates-text";
import { h, icon } from "./dom";
import { t } from "./messages";

function problem(text: string, native: HTMLInputElement): string {
  if (text.trim() === "") return "";
  const iso = parseDate(text);
  if (!iso) return t("dateWrong", { text });
  if (native.min && iso < native.min) return t("dateEarly", { date: showDate(native.min) });
  if (native.max && iso > native.max) return t("dateLate", { date: showDate(native.max) });
  return "";
}

function enhance(native: HTMLInputElement): void {
  if (native.dataset["shown"] !== undefined || native.readOnly || native.disabled) return;
  native.dataset["shown"] = "";
  const copied = ["aria-label", "aria-describedby", "aria-invalid", "class"] as const;
  const text = h("input", {
    type: "text",
    inputmode: "numeric",
    autocomplete: "off",
    placeholder: t("dateFormat"),
    required: native.required,
    value: showDate(native.value),
  });
  for (const name of copied) {
    const value = native.getAttribute(name);
    if (value !== null) text.setAttribute(name, value);
  }
  // The label must lead to the field that is seen.
  text.id = native.id;
  native.id = native.id ? `${native.id}_native` : "";
  native.required = false;
  native.className = "date-native";
  native.tabIndex = -1;
  native.setAttribute("aria-hidden", "true");
  const button = h(
    "button",
    { class: "date-button", type: "button", "aria-label": t("openCalendar"), tabindex: -1 },
    icon("calendar-days"),
  );
  button.addEventListener("click", () => native.showPicker());
  const box = h("span", { class: "date-field" });
  native.replaceWith(box);
  box.append(text, native, button);
  native.addEventListener("change", () => {
    text.value = showDate(native.value);
    text.setCustomValidity("");
  });
  text.addEventListener("change", (event) => {
    event.stopPropagation(); // the native input tells of the change, once its value is right
    const words = problem(text.value, native);
    text.setCustomValidity(words);
    if (words) {
      text.reportValidity();
      return;
    }
    native.value = parseDate(text.value) ?? "";
    text.value = showDate(native.value);
    native.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

export function watchDates(): void {
  const scan = (): void => {
    for (const one of document.querySelectorAll<HTMLInputElement>("input[type=date]")) enhance(one);
  };
  document.addEventListener("htmx:afterSwap", scan);
  scan();
}
