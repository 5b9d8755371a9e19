/* Says what has to be put right as the server's page would: a sentence at each field, and the summary first and in focus. */
import { attach as lead } from "../js/behaviours/focus.js";

const FIELD = ".field";

function clear(form) {
  document.querySelector("[data-check-summary]")?.remove();
  for (const told of form.querySelectorAll("[data-check-fault]")) {
    const field = told.closest(FIELD);
    field?.classList.remove("is-wrong");
    for (const box of field?.querySelectorAll("[aria-invalid]") ?? []) {
      box.removeAttribute("aria-invalid");
      const rest = (box.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id !== told.id).join(" ");
      if (rest) box.setAttribute("aria-describedby", rest);
      else box.removeAttribute("aria-describedby");
    }
    told.remove();
  }
}

function mark(form, name, text) {
  const box = document.getElementById(name);
  const field = box?.closest(FIELD);
  if (!field || field.querySelector(`#${CSS.escape(name)}-error`)) return;
  const told = Object.assign(document.createElement("p"), { className: "field__error", id: `${name}-error`, textContent: text });
  told.dataset.checkFault = "";
  const before = field.querySelector(":scope > .field__hint, :scope > .field__label, :scope > legend");
  if (before) before.after(told);
  else field.prepend(told);
  field.classList.add("is-wrong");
  const named = box.matches("fieldset") ? box : field.matches("fieldset") ? field : box;
  named.setAttribute("aria-describedby", [named.getAttribute("aria-describedby"), told.id].filter(Boolean).join(" "));
  if (named === box && !box.matches("fieldset")) box.setAttribute("aria-invalid", "true");
  for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}

/* True when there was something to tell. */
export function told(form, faults) {
  document.querySelector(".error-summary:not([data-check-summary])")?.remove();
  clear(form);
  if (!faults.length) return false;
  const summary = form.querySelector("[data-check-page]").content.firstElementChild.cloneNode(true);
  summary.dataset.checkSummary = "";
  const list = summary.querySelector("ul");
  list.replaceChildren(...faults.map(([name, text]) => {
    const line = document.createElement("li");
    line.append(Object.assign(document.createElement("a"), { href: `#${name}`, textContent: text }));
    return line;
  }));
  for (const [name, text] of faults) mark(form, name, text);
  form.before(summary);
  lead(summary);
  return true;
}
