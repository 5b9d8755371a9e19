/* One sprite with the pictures we use, read from the installed icon set and named in our own words (icons.json). */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const set = createRequire(import.meta.url)("@iconify-json/lucide/icons.json");
const INK = ["fill", "stroke", "stroke-linecap", "stroke-linejoin", "stroke-width"];

function symbol([name, theirs]) {
  const found = set.icons[theirs];
  if (!found) throw new Error(`icons.json: the icon set has no "${theirs}" (for "${name}")`);
  /* Pen and colour come from the style sheet, so the drawing's own are taken off. A dot in "currentColor" stays. */
  const pen = new RegExp(` (?:${INK.join("|")})="(?:none|currentColor|round|2)"`, "g");
  const drawing = found.body.replace(/<(g|path|circle|rect|ellipse|line|polyline|polygon)\b[^>]*>/g,
    (tag) => (tag.includes('fill="currentColor"') ? tag : tag.replace(pen, "")));
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round">${drawing}</symbol>`;
}

export function sprite(table) {
  const wanted = Object.entries(JSON.parse(readFileSync(table, "utf8")));
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${wanted.map(symbol).join("\n")}</svg>\n`);
}
