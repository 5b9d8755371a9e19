/* The office by keyboard, one behaviour for all its pages: j and k walk the rows (and open them beside the list where there
   is room), o or Enter opens, n goes to the next clue, x ticks the row, / leads to the search, ? shows the keys. Every other key is what the
   page gives it: the element with data-key is pressed, or unfolded and its first box made ready, or (data-focus) only made ready. In an unfolded form a
   digit chooses, Ctrl+Enter sends, Escape folds away. Never while somebody writes, never inside an input method. */
const WRITING = "input:not([type=checkbox]):not([type=radio]), textarea, [contenteditable]";
const BOXES = "select, textarea, input:not([type=hidden]), button[type=submit]";

const rows = () => [...document.querySelectorAll(".clue-row, [data-row]")].map((row) => (row.matches("a") ? row : row.querySelector("a"))).filter(Boolean);
const isSeen = (element) => !element.disabled && (element.checkVisibility?.() ?? element.getClientRects().length > 0);

function unfold(details) {
  for (let outer = details; outer; outer = outer.parentElement.closest("details")) outer.open = true;
  details.querySelector(":scope > :not(summary)")?.querySelector(BOXES)?.focus();
}

function press(key) {
  const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
  const element = found.find(isSeen) ?? found.find((one) => one.closest("details:not([open])"));
  if (!element) return false;
  if (element.matches("summary")) unfold(element.parentElement);
  else if ("focus" in element.dataset) element.focus();
  else element.click();
  return true;
}

/* A digit in a list of choices takes that one and makes the next list that must be chosen from ready, else the button; the
   first, empty option does not count. */
function choose(select, at) {
  const options = [...select.options].filter((option) => option.value);
  if (!options[at]) return;
  select.value = options[at].value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  const boxes = [...select.form.querySelectorAll(BOXES)];
  const next = boxes.slice(boxes.indexOf(select) + 1);
  (next.find((box) => box.matches("select[required]")) ?? next.find((box) => box.matches("button")) ?? select).focus();
}

export function attach(header) {
  const isBeside = () => window.matchMedia("(min-width: 84rem)").matches;
  let waiting = 0;

  function go(row) {
    if (!row) return;
    row.focus();
    row.scrollIntoView({ block: "nearest" });
    clearTimeout(waiting);
    /* Whoever walks fast is not shown every clue on the way. */
    if (isBeside()) waiting = setTimeout(() => row.click(), 120);
  }

  function walk(step) {
    const all = rows();
    let at = all.indexOf(document.activeElement);
    if (at < 0) at = all.findIndex((row) => row.getAttribute("aria-current"));
    go(at < 0 ? all[0] : all[at + step]);
  }

  function next() {
    const all = rows();
    const at = all.findIndex((row) => row.getAttribute("aria-current"));
    if (all.length) { clearTimeout(waiting); (all[at + 1] ?? all[0]).click(); }
    else if (header.dataset.next) window.location.assign(header.dataset.next);
  }

  /* The box before the row one stands on, or before the one that is shown. */
  function pick() {
    const row = rows().find((one) => one === document.activeElement) ?? document.querySelector(".clue-row[aria-current]");
    row?.closest("li")?.querySelector("input[name=pick]")?.click();
  }

  function help() {
    const panel = document.querySelector("[data-shortcuts-help]");
    if (!panel) return;
    panel.open = !panel.open;
    panel.querySelector("summary").focus();
    panel.scrollIntoView({ block: "nearest" });
  }

  const keys = {
    j: () => walk(1),
    k: () => walk(-1),
    n: next,
    x: pick,
    o: () => { if (rows().includes(document.activeElement)) document.activeElement.click(); },
    "?": help,
    "/": () => document.querySelector("[type=search]")?.focus(),
  };

  function fold() {
    const open = document.activeElement.closest?.("details[open].step, details[open].details") ?? document.querySelector("details[open].step");
    if (!open) return false;
    open.open = false;
    open.querySelector("summary").focus();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (!header.isConnected || event.isComposing || event.altKey || event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = target.closest("form") ?? document.querySelector("form[data-main]");
      if (form) { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") { if (fold()) event.preventDefault(); return; }
    if (target.closest(WRITING)) return;
    const digit = /^[1-9]$/.test(event.key) ? Number(event.key) - 1 : -1;
    if (target.matches("select")) {
      if (digit >= 0) { event.preventDefault(); choose(target, digit); }
      return;
    }
    if (digit >= 0 && pressTick(digit)) { event.preventDefault(); return; }
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
    else if (event.key.length === 1 && press(event.key)) event.preventDefault();
  });

  /* On a page that is one form, a digit ticks that choice of its first list. */
  function pressTick(at) {
    const boxes = document.querySelectorAll("form[data-main] input[type=checkbox][name=receivers]");
    if (!boxes[at] || !isSeen(boxes[at].closest("label") ?? boxes[at])) return false;
    boxes[at].click();
    return true;
  }
}
