/**
 * The service worker of pages that work without a network. It keeps a page with what it loaded
 * when the page asks for it, and answers from there when the network does not. It never answers
 * for anything else: data and writing are the page's own business.
 */
interface KeepMessage {
  keep?: string[];
  page?: string;
  forget?: string;
}

interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Asked extends Waiting {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Told extends Waiting {
  data: KeepMessage;
  ports: readonly MessagePort[];
}

interface Worker {
  addEventListener(name: "install" | "activate", act: (event: Waiting) => void): void;
  addEventListener(name: "fetch", act: (event: Asked) => void): void;
  addEventListener(name: "message", act: (event: Told) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  location: { origin: string };
}

const worker = self as unknown as Worker;
const PREFIX = "sen-offline:";
/** A network that answers slower than this is none. */
const PATIENCE_MS = 6000;

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener("message", (event) => {
  const { keep, page, forget } = event.data;
  const work = forget
    ? caches.delete(PREFIX + forget)
    : page && keep
      ? keepPage(page, keep)
      : Promise.resolve(false);
  event.waitUntil(work.catch(() => false).then((done) => event.ports[0]?.postMessage(done)));
});

async function keepPage(page: string, keep: string[]): Promise<boolean> {
  const cache = await caches.open(PREFIX + page);
  const wanted = new Set(keep);
  for (const url of wanted) {
    if (!(await cache.match(url))) await cache.add(url);
  }
  const response = await fetch(page, { credentials: "same-origin" });
  if (!response.ok || response.redirected) return false;
  await cache.put(page, response);
  // What an earlier build left behind goes once the new one is whole.
  for (const request of await cache.keys()) {
    const url = new URL(request.url);
    if (url.pathname !== page && !wanted.has(url.pathname + url.search)) await cache.delete(request);
  }
  return true;
}

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (request.mode === "navigate") event.respondWith(pageOf(request, url.pathname));
  else if (url.pathname.startsWith("/static/")) event.respondWith(staticOf(request));
});

async function pageOf(request: Request, page: string): Promise<Response> {
  const kept = await (await caches.open(PREFIX + page)).match(page);
  if (!kept) return fetch(request);
  try {
    return await within(fetch(request));
  } catch {
    return kept;
  }
}

async function staticOf(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

function within(answer: Promise<Response>): Promise<Response> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("slow")), PATIENCE_MS);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
