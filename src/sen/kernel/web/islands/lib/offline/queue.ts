/**
 * What a person recorded on this device, until the server has taken it in.
 *
 * Every entry has an id that is made here, so that sending it twice changes nothing. Entries
 * belong to whom was signed in when they were made and are sent in that person's session alone.
 */
import { openDatabase, readAll, remove, write } from "./idb";
import { type EntryState, outcomeOf } from "./states";

export interface QueueEntry {
  id: string;
  queue: string;
  user: string;
  madeAt: string;
  body: Record<string, unknown>;
  files: { name: string; blob: Blob }[];
  state: EntryState;
  message: string;
  /** What the server answered when it took the entry in. */
  answer: Record<string, unknown>;
}

export interface Session {
  user: string;
  name: string;
  csrf: string;
}

export type Sending = "done" | "offline" | "signed-out" | "other-user";

const STORE = "entries";

export class OfflineQueue extends EventTarget {
  #database: IDBDatabase | null = null;
  #running: Promise<Sending> | null = null;

  constructor(readonly name: string) {
    super();
  }

  async #open(): Promise<IDBDatabase> {
    this.#database ??= await openDatabase("sen-offline", 1, { [STORE]: "id" });
    return this.#database;
  }

  /** The entries of this queue, oldest first. */
  async all(): Promise<QueueEntry[]> {
    const entries = await readAll<QueueEntry>(await this.#open(), STORE);
    return entries
      .filter((entry) => entry.queue === this.name)
      .sort((a, b) => a.madeAt.localeCompare(b.madeAt));
  }

  async add(
    user: string,
    body: Record<string, unknown>,
    files: QueueEntry["files"],
  ): Promise<QueueEntry> {
    const entry: QueueEntry = {
      id: crypto.randomUUID(),
      queue: this.name,
      user,
      madeAt: new Date().toISOString(),
      body,
      files,
      state: "waiting",
      message: "",
      answer: {},
    };
    await this.#keep(entry);
    return entry;
  }

  async drop(id: string): Promise<void> {
    await remove(await this.#open(), STORE, id);
    this.#tell();
  }

  async #keep(entry: QueueEntry): Promise<void> {
    await write(await this.#open(), STORE, entry);
    this.#tell();
  }

  #tell(): void {
    this.dispatchEvent(new Event("change"));
  }

  /** Sends what waits; one run at a time. */
  send(): Promise<Sending> {
    this.#running ??= this.#send().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #send(): Promise<Sending> {
    const waiting = (await this.all()).filter((entry) => entry.state === "waiting");
    if (waiting.length === 0) return "done";
    const session = await askSession();
    if (!session) return "offline";
    if (!session.user) return "signed-out";
    const own = waiting.filter((entry) => entry.user === session.user);
    for (const entry of own) {
      const { status, answer } = await post(this.name, entry, session.csrf);
      const { state, goOn } = outcomeOf(status, answer);
      const said = String(answer["detail"] ?? "");
      // Once the server has the pictures the device need not keep them.
      const files = state === "waiting" || state === "refused" ? entry.files : [];
      await this.#keep({ ...entry, state, message: said, answer, files });
      if (!goOn) return status === 401 ? "signed-out" : "offline";
    }
    return own.length < waiting.length ? "other-user" : "done";
  }
}

/** Whose session this is; null without a network. */
export async function askSession(): Promise<Session | null> {
  try {
    const response = await fetch("/ngoai-tuyen/phien", {
      headers: { Accept: "application/json", "X-Sen-Background": "1" },
      cache: "no-store",
    });
    return response.ok ? ((await response.json()) as Session) : null;
  } catch {
    return null;
  }
}

async function post(
  queue: string,
  entry: QueueEntry,
  csrf: string,
): Promise<{ status: number; answer: Record<string, unknown> }> {
  const form = new FormData();
  form.set("id", entry.id);
  form.set("made_at", entry.madeAt);
  form.set("body", JSON.stringify(entry.body));
  for (const file of entry.files) form.append("file", file.blob, file.name);
  try {
    const response = await fetch(`/ngoai-tuyen/${queue}/`, {
      method: "POST",
      body: form,
      headers: { Accept: "application/json", "X-CSRFToken": csrf },
    });
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    return { status: response.status, answer };
  } catch {
    return { status: 0, answer: {} };
  }
}
