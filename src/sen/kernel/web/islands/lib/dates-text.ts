/** Dates as people write them, day first. */

/** "5/4/2026", "05-04-2026", "5.4.26" or "050426" → "2026-04-05"; null if it is no date. */
export function parseDate(text: string): string | null {
  const compact = /^(\d{2})(\d{2})(\d{2}|\d{4})$/.exec(text.trim());
  const found = compact ?? /^(\d{1,2})\s*[/.\- ]\s*(\d{1,2})\s*[/.\- ]\s*(\d{2}|\d{4})$/.exec(text.trim());
  if (!found) return null;
  const [day, month] = [Number(found[1]), Number(found[2])];
  const short = found[3]?.length === 2;
  const year = Number(found[3]) + (short ? 2000 : 0);
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || year < 1000) return null;
  return date.toISOString().slice(0, 10);
}

/** "2026-04-05" → "05/04/2026" */
export function showDate(iso: string): string {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(iso);
  return found ? `${found[3]}/${found[2]}/${found[1]}` : "";
}
