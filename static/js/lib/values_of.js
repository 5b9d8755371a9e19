/* What a form says by name, as its elements stand now; nothing that is folded away by another answer, and no files. */
export function valuesOf(form) {
  const said = new Map();
  for (const box of form.elements) {
    if (!box.name || box.disabled || box.type === "file" || box.closest("[data-shown-when][hidden]")) continue;
    if (/^(?:radio|checkbox)$/.test(box.type) && !box.checked) continue;
    said.set(box.name, [...(said.get(box.name) ?? []), box.value]);
  }
  return { all: (name) => said.get(name) ?? [], one: (name) => said.get(name)?.[0] ?? "" };
}
