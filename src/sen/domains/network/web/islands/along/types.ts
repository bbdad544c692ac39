/** What `so-do/du-lieu.json` says: one road with everything along it. Places are metres of the label. */

export type Shape = "band" | "line" | "structure" | "mark";

export interface Mark {
  a: number;
  b: number;
  /** The value for people. */
  text: string;
  n?: number;
  label?: string;
  /** Below the base of the page. */
  url?: string;
  symbol?: string;
  color?: string;
  side?: "LEFT" | "RIGHT";
  lane?: number;
}

export interface Track {
  name: string;
  title: string;
  shape: Shape;
  unit: string;
  icon: string;
  quiet: boolean;
  legend: [string, string][];
  marks: Mark[];
}

export interface Post {
  m: number;
  label: string;
  old: string | null;
  url: string;
}

export interface Road {
  id: number;
  label: string;
  name: string;
  start: number;
  end: number;
  lanes: number;
  oneWay: boolean;
  dual: boolean;
  width: number | null;
}

export interface Along {
  road: Road;
  posts: Post[];
  /** [longitude, latitude, label] along the road. */
  line: [number, number, number][];
  tracks: Track[];
}

/** The part of the road that is looked at. */
export interface View {
  from: number;
  to: number;
}
