/* Turns the plain modules and plain style sheets of this folder into dist/: `node static/build.mjs`.
   Every file there is named by its content, so it may be cached for ever; manifest.json tells the server the names.
   No file of another package is kept in the repository: icons are read from the installed icon set. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { stylesheetFaults } from "./build/css-faults.mjs";
import { drawIcons } from "./build/draw-icons.mjs";
import { sprite } from "./build/sprite.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const at = (...parts) => join(here, ...parts);
const dist = at("dist");
const PUBLIC = "/static/dist/";
const TARGET = ["chrome90", "safari15"];
/* Rooms only the office enters: their styles are no weight on a citizen's phone. */
const OFFICE_ROOMS = ["desk", "evidence", "reference", "charts", "upkeep"];
const BUDGET = { "app.js": 12 * 1024, "desk.js": 20 * 1024, "app.css": 12 * 1024, "office.css": 6 * 1024 };
const manifest = {};
const sizes = [];
const written = new Set();
const carried = new Set(); /* what is loaded on use and must be there without a signal */

function filesIn(folder, extension) {
  const path = at(folder);
  if (!existsSync(path)) return [];
  return readdirSync(path).filter((name) => extname(name) === extension).sort().map((name) => join(path, name));
}

function keep(name, bytes, { hashed = true } = {}) {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const extension = extname(name);
  const kept = hashed ? `${basename(name, extension)}-${hash}${extension}` : basename(name);
  writeFileSync(join(dist, kept), bytes);
  manifest[name] = PUBLIC + kept;
  measure(name, bytes);
}

function measure(name, bytes) {
  sizes.push({ name, bytes: bytes.length, packed: gzipSync(bytes, { level: 9 }).length });
}

/* Order is by file, because old kernels drop a whole @layer: tokens, ground, components, rooms, utilities. */
async function styles() {
  const isOffice = (path) => OFFICE_ROOMS.includes(basename(path, ".css"));
  const rooms = filesIn("css/rooms", ".css");
  await sheet("app.css", [at("css/tokens.css"), at("css/base.css"), ...filesIn("css/components", ".css"),
    ...rooms.filter((path) => !isOffice(path)), at("css/utilities.css")]);
  await sheet("mask.css", [at("css/mask.css")]);
  await sheet("office.css", rooms.filter(isOffice));
}

async function sheet(name, parts) {
  const faults = parts.flatMap((path) => stylesheetFaults(readFileSync(path, "utf8"), path.slice(here.length + 1)));
  if (faults.length) throw new Error(`Style rules that old browsers drop:\n${faults.join("\n")}`);
  const result = await esbuild.build({
    stdin: { contents: parts.map((path) => `@import ${JSON.stringify(path)};`).join("\n"), loader: "css", resolveDir: here },
    bundle: true, minify: true, write: false, target: TARGET, external: ["*.svg", "*.png"], outfile: name,
  });
  keep(name, Buffer.from(result.outputFiles[0].contents));
}

/* `virtual:behaviours` is every file of js/behaviours by its name, so that a new one needs no list to be edited. */
const behaviours = {
  name: "behaviours",
  setup(build) {
    build.onResolve({ filter: /^virtual:behaviours$/ }, () => ({ path: "behaviours", namespace: "virtual" }));
    build.onLoad({ filter: /.*/, namespace: "virtual" }, () => {
      const found = filesIn("js/behaviours", ".js");
      const lines = found.map((path, n) => `import { attach as a${n} } from ${JSON.stringify(path)};`);
      const table = found.map((path, n) => `${JSON.stringify(basename(path, ".js"))}: a${n}`);
      return { contents: `${lines.join("\n")}\nexport const behaviours = {${table.join(", ")}};`, resolveDir: here };
    });
  },
};

/* Three passes: find what is imported on use, build that (with its own shared chunks), then build the two scripts of the
   pages as one file each that name those files. Shared chunks between both would cost a citizen a request for each. */
async function scripts() {
  const usual = { bundle: true, format: "esm", minify: true, metafile: true, target: TARGET, outdir: dist, legalComments: "none", absWorkingDir: here };
  const entries = ["app", "desk"].filter((name) => existsSync(at(`js/${name}.js`))).map((name) => at(`js/${name}.js`));
  const asked = new Map();
  const onUse = (answer) => ({
    name: "on-use",
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => (kind === "dynamic-import" ? answer(join(resolveDir, path)) : null));
    },
  });
  const spy = onUse((path) => { asked.set(path, ""); return { path, external: true }; });
  await esbuild.build({ ...usual, entryPoints: entries, write: false, plugins: [behaviours, spy] });
  await loadedOnUse(usual, asked);
  const named = onUse((path) => ({ path: asked.get(path), external: true }));
  const { metafile } = await esbuild.build({ ...usual, entryPoints: entries, entryNames: "[name]-[hash]", plugins: [behaviours, named] });
  for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) {
    manifest[basename(entryPoint)] = PUBLIC + basename(path);
    written.add(basename(path));
    measure(basename(entryPoint), readFileSync(at(path)));
  }
}

async function loadedOnUse(usual, asked) {
  const { metafile: { outputs } } = await esbuild.build({
    ...usual, entryPoints: [...asked.keys()], splitting: true, entryNames: "[name]-[hash]", chunkNames: "[name]-[hash]",
  });
  for (const [path, { entryPoint = "" }] of Object.entries(outputs)) {
    written.add(basename(path));
    if (asked.has(at(entryPoint))) asked.set(at(entryPoint), PUBLIC + basename(path));
    measure(`on use: ${basename(path)}`, readFileSync(at(path)));
    /* What the form and the outbox load on use must be on the phone before it is needed, without a signal. */
    if (/^(?:offline|js\/outbox|js\/masking)\//.test(entryPoint)) for (const part of withImports(outputs, path)) carried.add(PUBLIC + basename(part));
  }
}

/* A script with the chunks it cannot start without; what it loads on use is left out. */
function withImports(outputs, path, found = []) {
  if (found.includes(path)) return found;
  found.push(path);
  for (const needed of outputs[path].imports.filter(({ kind }) => kind === "import-statement")) withImports(outputs, needed.path, found);
  return found;
}

function pictures() {
  for (const path of [...filesIn("img", ".svg"), ...filesIn("img", ".png"), ...filesIn("img", ".jpg")]) {
    keep(`img/${basename(path)}`, readFileSync(path));
  }
  for (const [name, bytes] of drawIcons()) keep(`img/${name}`, bytes);
}

/* Last, because it names what the phone keeps for offline use. The worker's own address never changes. */
async function serviceWorker() {
  if (!existsSync(at("sw.js"))) return;
  const named = Object.entries(manifest).filter(([name]) => !name.startsWith("desk.js") && name !== "office.css" && !name.endsWith(".png"));
  const assets = [...new Set([...named.map(([, address]) => address), ...carried])].sort();
  const build = createHash("sha256").update(assets.join("\n")).digest("hex").slice(0, 10);
  const result = await esbuild.build({
    entryPoints: [at("sw.js")], bundle: true, minify: true, write: false, format: "iife", target: TARGET,
    define: { __ASSETS__: JSON.stringify(assets), __BUILD__: JSON.stringify(build) }, legalComments: "none",
  });
  keep("sw.js", Buffer.from(result.outputFiles[0].contents), { hashed: false });
}

/* A running server reads this folder: new files come first, then the table of names in one step, and only then do the
   files nobody names any more go. */
mkdirSync(dist, { recursive: true });
await styles();
await scripts();
keep("icons.svg", sprite(at("icons.json")));
pictures();
await serviceWorker();
/* Packed once here at the highest level, so that the server never packs them again. */
for (const name of readdirSync(dist).filter((found) => [".css", ".js", ".svg"].includes(extname(found)))) {
  writeFileSync(join(dist, `${name}.gz`), gzipSync(readFileSync(join(dist, name)), { level: 9 }));
}
const table = join(dist, "manifest.json");
writeFileSync(`${table}.new`, `${JSON.stringify(manifest, null, 2)}\n`);
renameSync(`${table}.new`, table);
const named = new Set(["manifest.json", ...written, ...Object.values(manifest).map((address) => basename(address))]);
for (const name of readdirSync(dist).filter((found) => !named.has(found.replace(/\.gz$/, "")))) rmSync(join(dist, name), { recursive: true, force: true });

let over = false;
for (const { name, bytes, packed } of sizes) {
  const limit = BUDGET[name];
  const tooLarge = limit !== undefined && packed > limit;
  over ||= tooLarge;
  console.log(`${name.padEnd(28)} ${String(bytes).padStart(8)} B ${String(packed).padStart(7)} gz${tooLarge ? `  over its ${limit}` : ""}`);
}
if (over) { console.error("A budget is exceeded: see BUDGET in build.mjs."); process.exit(1); }
