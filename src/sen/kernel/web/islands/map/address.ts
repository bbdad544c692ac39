/** Whether a text is a chainage or coordinates, which only the server can place as a whole. */
export function isAddress(query: string): boolean {
  return /^\s*km\s*\d/i.test(query) || /^[\d\s.,;°'"′″+\-NSEWBĐ]+$/i.test(query);
}
