/**
 * Keeps the page that is shown for use without a network.
 *
 * The worker (boot/offline-worker.ts) holds the page itself and everything that it loaded; its
 * scope is this page, so that no other page is ever answered from the device.
 */

/** True once the page is on the device; false where the browser cannot keep it. */
export async function keepPage(): Promise<boolean> {
  if (!("serviceWorker" in navigator)) return false;
  try {
    await navigator.serviceWorker.register("/ngoai-tuyen/may.js", { scope: location.pathname });
    const worker = (await navigator.serviceWorker.ready).active;
    if (!worker) return false;
    const loaded = performance
      .getEntriesByType("resource")
      .map((entry) => new URL(entry.name))
      .filter((url) => url.origin === location.origin && url.pathname.startsWith("/static/"))
      .map((url) => url.pathname + url.search);
    return await ask(worker, {
      keep: [...new Set(loaded)],
      page: location.pathname,
    });
  } catch {
    return false;
  }
}

/** Whether this page is on the device already. */
export async function isKept(): Promise<boolean> {
  return "caches" in window && (await caches.has(`sen-offline:${location.pathname}`));
}

/** Takes what is kept of this page off the device. */
export async function forgetPage(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration(location.pathname);
  if (registration?.active) await ask(registration.active, { forget: location.pathname });
}

function ask(worker: ServiceWorker, message: unknown): Promise<boolean> {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = (event: MessageEvent<boolean>) => resolve(event.data);
    worker.postMessage(message, [channel.port2]);
  });
}
