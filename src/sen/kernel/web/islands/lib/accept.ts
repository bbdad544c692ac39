/** Whether `name`/`type` fit an accept attribute (".zip,.gpkg,image/*"). */
export function accepted(name: string, type: string, accept: string): boolean {
  const rules = accept.split(",").map((rule) => rule.trim().toLowerCase()).filter(Boolean);
  if (rules.length === 0) return true;
  return rules.some((rule) => {
    if (rule.startsWith(".")) return name.toLowerCase().endsWith(rule);
    return rule.endsWith("/*") ? type.startsWith(rule.slice(0, -1)) : type === rule;
  });
}
