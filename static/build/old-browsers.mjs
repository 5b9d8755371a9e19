/* What Chromium 90 or Safari 15.0 do not have, found in the built files by Mozilla's table of what came when. esbuild brings the
   language down; it adds no method that is missing and no property, and a call of one stops the page.
   A name counts as new when nothing of that name is old enough in both; of members only calls are looked at, since a property that is
   missing is undefined and stops nothing. What asks first (`x.name?.(`, `"name" in x`) is free. */
import { readFileSync } from "node:fs";

const OLDEST = { chrome: 90, safari: 15 };

/* Used although new; each with why nothing is lost where it is missing. */
const OURS = "a method of our own or of a library's own object, which only shares its name";
export const ALLOWED = {
  forget: OURS, take: OURS, draw: OURS, watch: OURS, run: OURS, expand: OURS, redraw: OURS, addHandler: OURS, createHTML: OURS, createScript: OURS,
  replaceSync: "htmx, only with includeIndicatorCSS, which layouts/base.html turns off",
  "text-size-adjust": "its -webkit- name stands beside it", "user-select": "its -webkit- name stands beside it",
  appearance: "its -webkit- name stands beside it", "appearance: auto": "its -webkit- name stands beside it",
  "print-color-adjust": "its -webkit- name stands beside it", "print-color-adjust: exact": "its -webkit- name stands beside it",
  "-webkit-tap-highlight-color": "looks only", "accent-color": "the browser's own colour is as good",
  "scroll-behavior": "only ever turned off", "scroll-behavior: auto": "only ever turned off",
  "scrollbar-width": "a scroll bar more is seen", "scrollbar-width: none": "a scroll bar more is seen",
  "overflow-wrap: anywhere": "break-word of the body holds", "break-after: avoid": "on paper, where a heading may stand last",
  size: "on paper; the print dialogue asks", "forced-color-adjust": "no forced colours there", "forced-color-adjust: none": "no forced colours there",
  "focus-visible": "base.css keeps the ring of :focus for everybody", "-moz-progress-bar": "Firefox, in a rule of its own",
};
const SILENT = new Set(["inert"]); /* a property that does nothing where it is missing, and should */

function isOld(statement, browser) {
  const lines = [statement.support[browser] ?? []].flat();
  return lines.some(({ version_added: since, flags, prefix, alternative_name: other }) => (
    !flags && !prefix && !other && typeof since === "string" && Number.parseFloat(since.replace("≤", "")) <= OLDEST[browser]));
}

const isEverywhere = ({ __compat: told }) => !told || Object.keys(OLDEST).every((browser) => isOld(told, browser));
const inside = (thing) => Object.entries(thing).filter(([name]) => name !== "__compat");

/* Names by whether anything so called is old enough. `members` stand after a dot, `globals` alone. */
export function table(data) {
  const [members, statics, globals, properties, selectors, values] = Array.from({ length: 6 }, () => new Map());
  const note = (map, name, is) => map.set(name, Boolean(map.get(name) || is));
  for (const group of [data.api, data.javascript.builtins]) for (const [name, thing] of inside(group)) {
    note(globals, name, isEverywhere(thing));
    for (const [member, told] of inside(thing)) {
      const [bare, isHere] = [member.replace(/_(?:static|event)$/, ""), isEverywhere(thing) && isEverywhere(told)];
      note(members, bare, isHere);
      if (isEverywhere(thing)) note(statics, `${name}.${bare}`, isHere);
    }
  }
  for (const [name, thing] of inside(data.css.properties)) {
    properties.set(name, isEverywhere(thing));
    for (const [value, told] of inside(thing)) if (/^[a-z-]+$/.test(value)) values.set(`${name}: ${value}`, isEverywhere(told));
  }
  for (const [name, thing] of inside(data.css.selectors)) selectors.set(name, isEverywhere(thing));
  return { members, statics, globals, properties, selectors, values };
}

export const read = (folder) => table(JSON.parse(readFileSync(`${folder}/node_modules/@mdn/browser-compat-data/data.json`, "utf8")));

const isNew = (map, name) => map.get(name) === false;
const said = (file, text, index, what) => `${file}:${text.slice(0, index).split("\n").length}: ${what} is not in ${Object.entries(OLDEST).map((one) => one.join(" ")).join(" or not in ")}: …${text.slice(Math.max(0, index - 40), index + 30).replace(/\s+/g, " ")}…`;

/* Whether the script asks for the thing before it uses it. */
function asks(text, asked) {
  const name = asked.split(".").pop();
  return new RegExp(`["'\`]${name}["'\`]\\s*in\\b|typeof [\\w.]*\\b${name}\\b|\\.${name}\\?\\.|!\\w*(?:\\.\\w+)*\\.${name}\\b|\\.${name}(?:&&|\\?|\\|\\|)|if\\([\\w.]*\\.${name}\\)`).test(text);
}

export function scriptFaults(text, file, { members, statics, globals }) {
  const faults = [];
  const look = (map, name, index, what) => { if (isNew(map, name) && !(name in ALLOWED) && !asks(text, name)) faults.push(said(file, text, index, what)); };
  for (const { 1: name, 2: call, index } of text.matchAll(/\.([A-Za-z_$][\w$]*)(\s*\()?/g)) if (call || SILENT.has(name)) look(members, name, index, `.${name}`);
  for (const { 0: call, 1: owner, 2: name, index } of text.matchAll(/(?<![\w$.])([A-Z]\w*)\.(\w+)(?=\s*\()/g)) look(statics, `${owner}.${name}`, index, call);
  for (const { 1: name, index } of text.matchAll(/(?<![\w$.#])(?:new )?([A-Za-z_$][\w$]*)\s*[(.]/g)) look(globals, name, index, name);
  for (const { index } of text.matchAll(/\(\?<[=!]/g)) if (!("lookbehind" in ALLOWED)) faults.push(said(file, text, index, "a look behind in a pattern"));
  return faults;
}

export function sheetFaults(text, file, { properties, selectors, values }) {
  const faults = [];
  for (const { 1: name, 2: value, index } of text.matchAll(/(?<=[{;]\s*)([a-z-]+)\s*:\s*([^;{}]+)(?=[;}])/g)) {
    if (isNew(properties, name) && !(name in ALLOWED)) faults.push(said(file, text, index, name));
    for (const word of value.split(/[\s,()!]+/)) if (isNew(values, `${name}: ${word}`) && !(`${name}: ${word}` in ALLOWED)) faults.push(said(file, text, index, `${name}: ${word}`));
  }
  for (const { 1: name, index } of text.matchAll(/::?([a-z-]+)(?=[^{}]*\{)/g)) if (isNew(selectors, name) && !(name in ALLOWED)) faults.push(said(file, text, index, `:${name}`));
  return faults;
}
