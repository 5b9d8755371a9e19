/* The desk by keyboard: j and k walk the rows, o opens, / leads to the search, ? shows the help. A row is a clue's link, or a
   link with data-row, or what holds one. Never while somebody writes, never with Ctrl, Alt or Meta. */
const WRITING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

export function attach(room) {
  const rows = () => [...room.querySelectorAll(".clue-row, [data-row]")].map((row) => (row.matches("a") ? row : row.querySelector("a"))).filter(Boolean);

  function walk(step) {
    const all = rows();
    const at = all.indexOf(document.activeElement);
    const next = all[at < 0 ? Math.max(0, all.findIndex((row) => row.getAttribute("aria-current"))) : at + step];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  function help() {
    const panel = room.querySelector("[data-shortcuts-help]");
    if (!panel) return;
    if (panel.matches("details")) panel.open = !panel.open;
    else panel.hidden = !panel.hidden;
    panel.querySelector("summary")?.focus();
  }

  const keys = {
    j: () => walk(1),
    k: () => walk(-1),
    o: () => { if (rows().includes(document.activeElement)) document.activeElement.click(); },
    "?": help,
    "/": () => room.querySelector("[type=search]")?.focus(),
  };
  document.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || !room.isConnected || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target.closest(WRITING)) return;
    event.preventDefault();
    act();
  });
}
