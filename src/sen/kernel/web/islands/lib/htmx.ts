/** htmx with the settings of a strict content security policy; mistakes become toasts. */
import htmx from "htmx.org/dist/htmx.esm.js";
import { csrfToken } from "./dom";
import { t } from "./messages";
import { toast } from "./toast";

// Also in <meta name="htmx-config">; said here too so that no page can forget it.
htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
// Copying a style attribute would break the policy, even an empty one.
htmx.config.attributesToSettle = ["class", "width", "height"];

type RequestEvent = CustomEvent<{
  headers: Record<string, string>;
  verb: string;
  formData: FormData;
}>;
type ErrorEvent = CustomEvent<{ xhr: XMLHttpRequest }>;

document.addEventListener("htmx:configRequest", (event) => {
  const { headers, verb, formData } = (event as RequestEvent).detail;
  // Filters that were left empty stay out of the address, so that it can be read and shared.
  if (verb === "get") {
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
  }
  const token = csrfToken();
  if (verb !== "get" && token) headers["X-CSRFToken"] = token;
});

document.addEventListener("htmx:responseError", (event) => {
  const { status } = (event as ErrorEvent).detail.xhr;
  if (status === 401) toast(t("sessionOver"), "warn");
  else if (status === 403) toast(t("forbidden"), "danger");
  else toast(t("serverError", { status }), "danger");
});

document.addEventListener("htmx:sendError", () => toast(t("requestFailed"), "danger"));
