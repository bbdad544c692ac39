/** The round as the server gives it. */

export interface FieldSpec {
  name: string;
  label: string;
  kind: "number" | "integer" | "text" | "choice" | "boolean" | "date" | "numbers";
  required: boolean;
  choices: Record<string, string>;
}

export interface TypeSpec {
  name: string;
  labels: Record<string, string>;
  fields: FieldSpec[];
}

export interface Item {
  visit: number;
  state: string;
  code: string;
  name: string;
  type: string;
  place: string;
  area: string;
  version: number;
  lon: number | null;
  lat: number | null;
  values: Record<string, unknown>;
}

export interface Round {
  campaign: { id: number; code: string; name: string; ends_at: string };
  team: string;
  types: Record<string, TypeSpec>;
  conditions: Record<string, string>;
  items: Item[];
}

export interface Rounds {
  user: string;
  at: string;
  rounds: Round[];
}

export interface Position {
  lon: number;
  lat: number;
  accuracyM: number;
}
