/* Texts come from the page, in the page's language, with {names} for what only the phone knows. */
export function fill(text, values = {}) {
  return (text ?? "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
