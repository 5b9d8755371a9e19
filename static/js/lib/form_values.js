/* What a person said in a form, as pairs of name and text: the part of it that a draft keeps. Photos travel apart.
   Of the hidden fields only the position and the named ones are the person's; the rest belongs to the page served now. */
const TEXTS = /^(?:text|search|tel|email|url|number|date|time|datetime-local|month|textarea)$/;

function isKept(box, alsoHidden) {
  if (!box.name || box.disabled || box.closest("[data-not-kept]")) return false;
  if (box.type === "hidden") return box.name.startsWith("place_") || alsoHidden.includes(box.name);
  return !/^(?:file|password|submit|button|reset|image|fieldset|output)$/.test(box.type);
}

const isTick = (box) => box.type === "radio" || box.type === "checkbox";

export function readValues(form, alsoHidden = []) {
  return [...form.elements].filter((box) => isKept(box, alsoHidden) && (!isTick(box) || box.checked)).map((box) => [box.name, box.value]);
}

export function putValues(form, values, alsoHidden = []) {
  const said = new Map();
  for (const [name, text] of values) said.set(name, [...(said.get(name) ?? []), text]);
  for (const box of form.elements) {
    if (!isKept(box, alsoHidden)) continue;
    const texts = said.get(box.name) ?? [];
    if (isTick(box)) box.checked = texts.includes(box.value);
    else if (texts.length) box.value = texts.shift();
  }
  for (const fold of form.querySelectorAll("details")) {
    if ([...fold.querySelectorAll("input, textarea")].some((box) => TEXTS.test(box.type) && box.value)) fold.open = true;
  }
}

/* Whether the server already put words of the person into the form: then it is not an empty one to be filled from a draft. */
export function hasServedWords(form) {
  return [...form.elements].some((box) => /^text/.test(box.type) && box.defaultValue.trim() !== "");
}
