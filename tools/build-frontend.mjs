// Builds the front end into SEN_VAR/static (default var/static):
//   sen.css, assets/ (fonts, images), islands/*.js (+ chunks/), icons.svg, theme.js, .source-hash
// Usage: node tools/build-frontend.mjs [--if-changed] [--watch] [--strict]
import { createHash } from "node:crypto";
import { existsSync, watch as watchTree } from "node:fs";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brokenIcons, buildSprite, iconNames } from "./frontend-icons.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const source = join(root, "src", "sen");
const web = join(source, "kernel", "web");
const output = join(resolve(root, process.env.SEN_VAR ?? "var"), "static");
const flags = new Set(process.argv.slice(2));

// Chrome 109 is the last one on Windows 7, which many commune offices still use.
const target = ["chrome109", "firefox115", "safari16"];

/** Every file below `directory` for which `accept` is true, sorted. */
async function walk(directory, accept) {
  const found = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== "node_modules" && entry.name !== "__pycache__") {
        found.push(...(await walk(path, accept)));
      }
    } else if (accept(path)) {
      found.push(path);
    }
  }
  return found.sort();
}

const isIsland = (path) => /\/web\/islands\/[^/]+\.ts$/.test(path) && !path.endsWith(".d.ts");
const isSource = (path) => /\/web\/(islands|styles)\//.test(path);
const mayNameIcons = (path) => /\.(html|toml|py|ts)$/.test(path);

/** One hash over everything that can change the output: sources, locks, and the icons named. */
async function sourceHash(icons) {
  const files = [
    ...(await walk(source, isSource)),
    ...["package-lock.json", "tsconfig.json", "tools/build-frontend.mjs", "tools/frontend-icons.mjs"]
      .map((name) => join(root, name)),
  ];
  const hash = createHash("sha256");
  for (const path of files) {
    hash.update(relative(root, path)).update("\0").update(await readFile(path)).update("\0");
  }
  return hash.update([...icons.keys()].join(" ")).digest("hex");
}

async function build(esbuild, hash, icons) {
  const started = performance.now();
  const staging = `${output}.new`;
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  const common = { bundle: true, minify: true, target, logLevel: "warning", legalComments: "none" };

  const islands = await walk(source, isIsland);
  const names = new Map();
  for (const path of islands) {
    const name = path.slice(path.lastIndexOf("/") + 1, -3);
    if (names.has(name)) {
      throw new Error(`Two islands are called ${name}: ${names.get(name)} and ${path}`);
    }
    names.set(name, path);
  }
  const entryPoints = Object.fromEntries(
    [...names].map(([name, path]) => [`islands/${name}`, path]),
  );
  await esbuild.build({
    ...common,
    entryPoints,
    outdir: staging,
    format: "esm",
    splitting: true,
    chunkNames: "islands/chunks/[name]-[hash]",
    tsconfig: join(root, "tsconfig.json"),
    absWorkingDir: root,
    loader: { ".css": "css", ".json": "json" },
  });
  await esbuild.build({
    ...common,
    entryPoints: {
      "islands/maplibre-worker": join(
        root, "node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs",
      ),
    },
    outdir: staging,
    format: "esm",
  });
  await esbuild.build({
    ...common,
    entryPoints: {
      theme: join(web, "islands", "boot", "theme.ts"),
      "offline-worker": join(web, "islands", "boot", "offline-worker.ts"),
    },
    outdir: staging,
    format: "iife",
  });
  await esbuild.build({
    ...common,
    entryPoints: { sen: join(web, "styles", "sen.css"), map: join(web, "styles", "map.css") },
    outdir: staging,
    loader: { ".woff2": "file", ".svg": "file" },
    assetNames: "assets/[name]",
  });

  const { sprite, count, missing } = await buildSprite(root, icons);
  await writeFile(join(staging, "icons.svg"), sprite);
  for (const file of ["lotus.svg", "favicon.svg"]) {
    await writeFile(join(staging, file), await readFile(join(web, "styles", "images", file)));
  }
  brokenIcons(missing, flags.has("--strict"));
  await writeFile(join(staging, ".source-hash"), hash);

  // Two renames: a reader sees the old tree or the new one, never a half-written one.
  const old = `${output}.old`;
  await rm(old, { recursive: true, force: true });
  if (existsSync(output)) await rename(output, old);
  await rename(staging, output);
  await rm(old, { recursive: true, force: true });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(
    `front end: ${names.size} islands, ${count} icons, ${seconds} s -> ${relative(root, output)}\n`,
  );
}

async function built() {
  const path = join(output, ".source-hash");
  return existsSync(path) ? (await readFile(path, "utf8")).trim() : "";
}

async function run({ onlyIfChanged }) {
  const icons = await iconNames(root, await walk(source, mayNameIcons));
  const hash = await sourceHash(icons);
  if (onlyIfChanged && hash === (await built())) {
    process.stdout.write("front end: unchanged\n");
    return;
  }
  const esbuild = await import("esbuild");
  await build(esbuild, hash, icons);
}

async function watch() {
  let timer;
  let busy = Promise.resolve();
  const again = () => {
    busy = busy
      .then(() => run({ onlyIfChanged: true }))
      .catch((error) => process.stderr.write(`${error.message}\n`));
  };
  watchTree(source, { recursive: true }, (_event, name) => {
    const path = name ? join(source, name) : "";
    if (!isSource(path) && !mayNameIcons(path)) return;
    clearTimeout(timer);
    timer = setTimeout(again, 80);
  });
  again();
}

await mkdir(dirname(output), { recursive: true });
if (flags.has("--watch")) await watch();
else await run({ onlyIfChanged: flags.has("--if-changed") });
