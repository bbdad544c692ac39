/** What becomes of an entry of a queue after it was sent. No DOM. */

export type EntryState = "waiting" | "sent" | "conflict" | "refused";

export interface Outcome {
  state: EntryState;
  /** Whether the queue goes on: without a network or a session the others need not be tried. */
  goOn: boolean;
}

/** From the status of the answer (0: none came) and what it says of a conflict. */
export function outcomeOf(status: number, answered: { conflict?: unknown } = {}): Outcome {
  if (status >= 200 && status < 300) {
    return { state: answered.conflict ? "conflict" : "sent", goOn: true };
  }
  // Nothing arrived, the session is over, or the house has trouble: it stays and is tried again.
  if (status === 0 || status === 401 || status === 408 || status === 429 || status >= 500) {
    return { state: "waiting", goOn: false };
  }
  return { state: "refused", goOn: true };
}

/** Metres between two places, good enough to sort by. */
export function distanceM(a: [number, number], b: [number, number]): number {
  const perDegree = 111_320;
  const x = (b[0] - a[0]) * perDegree * Math.cos(((a[1] + b[1]) * Math.PI) / 360);
  return Math.hypot(x, (b[1] - a[1]) * perDegree);
}
