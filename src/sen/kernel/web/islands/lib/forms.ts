/** Forms: warn before unsaved changes are lost, say what is wrong, no double submit. */
import { t } from "./messages";

/** `<form data-guard>`: leaving with changes asks first. */
function guard(form: HTMLFormElement): void {
  let dirty = form.querySelector("[aria-invalid='true']") !== null;
  form.addEventListener("input", () => {
    dirty = true;
  });
  form.addEventListener("submit", () => {
    dirty = false;
  });
  addEventListener("beforeunload", (event) => {
    if (!dirty || !form.isConnected) return;
    event.preventDefault();
    event.returnValue = t("unsaved"); // older browsers need a value
  });
}

function onSubmit(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  const question = (event.submitter ?? form).getAttribute("data-confirm");
  if (question && !confirm(question)) {
    event.preventDefault();
    return;
  }
  const button = event.submitter;
  if (form.method !== "post" || !(button instanceof HTMLButtonElement)) return;
  if (form.hasAttribute("data-busy")) {
    event.preventDefault();
    return;
  }
  // After this tick, so that the button's own name and value are still sent.
  setTimeout(() => {
    if (event.defaultPrevented) return;
    form.setAttribute("data-busy", "");
    button.setAttribute("aria-busy", "true");
  });
}

/** Filters send themselves: `<form data-autosubmit>` on change. */
function onChange(event: Event): void {
  const form = (event.target as Element).closest<HTMLFormElement>("form[data-autosubmit]");
  form?.requestSubmit();
}

export function watchForms(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-guard]")) guard(form);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("change", onChange);
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-busy]")) {
      form.removeAttribute("data-busy");
      form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
    }
  });
  document.querySelector<HTMLElement>("[data-focus]")?.focus();
}
