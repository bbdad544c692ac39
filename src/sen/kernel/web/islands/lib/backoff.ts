/** Waiting time before try n: doubling to half a minute, spread so that not all come at once. */
export function backoff(attempt: number, random = Math.random()): number {
  return Math.min(30_000, 1000 * 2 ** attempt) * (0.5 + random / 2);
}
