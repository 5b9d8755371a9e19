// Every script and style sheet of ours must be understood by the oldest browsers we serve: esbuild parses it
// and refuses what it cannot bring down to them; the build only warns of a broken style. Then the built files, libraries
// included, must call nothing those browsers lack. Nothing is written.
import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { extname, join, relative } from "node:path";
import { read, scriptFaults, sheetFaults } from "../static/build/old-browsers.mjs";

const root = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "..");
const esbuild = createRequire(join(root, "static", "package.json"))("esbuild");
const outside = new Set(["node_modules", "dist"]);

async function ours(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = entries.map((entry) => {
    if (outside.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ours(path);
    return /\.(js|css)$/.test(entry.name) ? [path] : [];
  });
  return (await Promise.all(nested)).flat();
}

const files = await ours(join(root, "static"));
let broken = 0;
for (const file of files) {
  const source = await readFile(file, "utf8");
  const options = { loader: extname(file).slice(1), target: ["chrome90", "safari15"], sourcefile: relative(root, file), logLevel: "silent" };
  const found = await esbuild.transform(source, options).then((done) => done.warnings, (refused) => refused.errors);
  for (const { text, location } of found) {
    broken += 1;
    console.error(`${location?.file ?? relative(root, file)}:${location?.line ?? 1}: ${text}`);
  }
}
if (files.length === 0) {
  console.error("static/ holds neither script nor style: the check looks in the wrong place");
  broken += 1;
}
const dist = join(root, "static", "dist");
const built = (await readdir(dist).catch(() => [])).filter((name) => /\.(?:js|css)$/.test(name));
const known = read(join(root, "static"));
for (const name of built) {
  const text = await readFile(join(dist, name), "utf8");
  for (const fault of (name.endsWith(".js") ? scriptFaults : sheetFaults)(text, `static/dist/${name}`, known)) {
    broken += 1;
    console.error(fault);
  }
}
if (built.length < 10) {
  console.error("static/dist holds hardly a file: run `make build` first");
  broken += 1;
}
process.exit(broken ? 1 : 0);
