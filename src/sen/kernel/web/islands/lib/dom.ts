/** Small helpers that every island shares. */

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | EventListener | undefined>;

/** Makes an element: attributes, `on…` listeners, children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(
  tag: string,
  attributes: Record<string, string | number> = {},
  ...children: Child[]
): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  append(element, children);
  return element;
}

function append(element: Element, children: Child[]): void {
  for (const child of children) if (child) element.append(child);
}

const script = document.querySelector<HTMLScriptElement>("script[data-icons]");
const sprite = script?.dataset["icons"] ?? "/static/icons.svg";

/** A drawing of the sprite; the icon's name must stand in the call for the build to find it. */
export function icon(name: string, size = ""): SVGElement {
  return svg(
    "svg",
    { class: size ? `icon icon-${size}` : "icon", "aria-hidden": "true" },
    svg("use", { href: `${sprite}#${name}` }),
  );
}

export function debounce<A extends unknown[]>(
  wait: number,
  call: (...args: A) => void,
): (...args: A) => void {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => call(...args), wait);
  };
}

/** A failed request that a person may be told about. */
export class RequestError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export async function getJson<T>(url: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(url, {
    headers: { Accept: "application/json" },
    ...(signal ? { signal } : {}),
  });
  if (!response.ok) {
    // Problem details (RFC 9457) say in words what was wrong.
    const problem = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    signal?.throwIfAborted();
    throw new RequestError(response.status, String(problem["detail"] ?? problem["title"] ?? ""));
  }
  return (await response.json()) as T;
}

export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

export function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function store(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Without storage the choice holds for this page only.
  }
}

let counter = 0;

export function uniqueId(prefix: string): string {
  counter += 1;
  return `${prefix}-${counter}`;
}
