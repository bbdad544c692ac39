// Makes one SVG sprite with just the icons that the sources name.
import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join, relative } from "node:path";

// {% icon "name" %}, icon="name", icon = "name", icon: "name", "icon": "name", icon('name')
const NAMED = /(?<![.\w])(?:\w*_)?icon"?'?\s*[=:(]?\s*["']([a-z0-9]+(?:-[a-z0-9]+)*)["']/g;
// In Python a name may also stand as a bare argument; then it counts if it is the name of a drawing.
const QUOTED = /["']([a-z0-9]+(?:-[a-z0-9]+)*)["']/g;
const FALLBACK = "circle-dashed";

/** The drawing inside an <svg>, without comments and white space. */
function inner(svg) {
  return svg
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/^[\s\S]*?<svg[^>]*>/, "")
    .replace(/<\/svg>\s*$/, "")
    .replace(/\s+/g, " ")
    .replace(/> </g, "><")
    .trim();
}

/** Icon name -> the file that names it. */
export async function iconNames(root, texts) {
  const own = join(root, "src/sen/kernel/web/styles/icons");
  const drawn = new Set(await readdir(join(root, "node_modules/lucide-static/icons")));
  const where = new Map([[FALLBACK, "tools/frontend-icons.mjs"]]);
  for (const path of texts) {
    const text = await readFile(path, "utf8");
    for (const [, name] of text.matchAll(NAMED)) {
      if (!where.has(name)) where.set(name, relative(root, path));
    }
    if (!path.endsWith(".py") || path.includes("/tests/")) continue;
    for (const [, name] of text.matchAll(QUOTED)) {
      const bare = name.includes("-") || path.includes("/web/");
      if (bare && drawn.has(`${name}.svg`) && !where.has(name)) {
        where.set(name, relative(root, path));
      }
    }
  }
  // Own drawings are few and always on board, so that data (asset types) may name them too.
  for (const file of await readdir(own)) {
    if (file.endsWith(".svg")) where.set(file.slice(0, -4), own);
  }
  const always = (await readFile(join(own, "always.txt"), "utf8"))
    .split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));
  for (const name of always) if (!where.has(name)) where.set(name, "icons/always.txt");

  return new Map([...where].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export async function buildSprite(root, where) {
  const own = join(root, "src/sen/kernel/web/styles/icons");
  const lucide = join(root, "node_modules/lucide-static/icons");
  const missing = [];
  const symbols = [];
  for (const name of where.keys()) {
    let file = [join(own, `${name}.svg`), join(lucide, `${name}.svg`)].find(existsSync);
    if (!file) {
      missing.push([name, where.get(name)]);
      file = join(lucide, `${FALLBACK}.svg`);
    }
    symbols.push(
      `<symbol id="${name}" viewBox="0 0 24 24">${inner(await readFile(file, "utf8"))}</symbol>`,
    );
  }
  const sprite =
    `<svg xmlns="http://www.w3.org/2000/svg">` +
    `<!-- most drawings: Lucide, ISC licence, https://lucide.dev -->${symbols.join("")}</svg>`;
  return { sprite, count: symbols.length, missing };
}

/** Names an icon that no set draws; with `strict` that is an error. */
export function brokenIcons(missing, strict) {
  if (missing.length === 0) return;
  const list = missing.map(([name, path]) => `  "${name}" in ${path}`).join("\n");
  const text =
    `Icons that neither web/styles/icons nor Lucide draws (a dashed circle is shown):\n${list}\n`;
  if (strict) throw new Error(text);
  process.stderr.write(text);
}
