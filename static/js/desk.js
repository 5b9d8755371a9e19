/* The office's script. htmx is here and not in app.js: a citizen's page has no use for its weight. Its settings stand in
   the page's <meta name="htmx-config">, because htmx reads them while it loads.
   The queue beside the clue: on a wide screen a row opens in the right pane, on a narrow one it is the link it is. */
import htmx from "htmx.org";

/* A menu that is wider than the phone shows where one is. */
for (const here of document.querySelectorAll(".rooms__list .is-current, .worklists__list .is-current")) {
  const list = here.closest("ul");
  list.scrollLeft += here.getBoundingClientRect().left - list.getBoundingClientRect().left - (list.clientWidth - here.offsetWidth) / 2;
}

const wide = window.matchMedia("(min-width: 84rem)");
const pane = document.getElementById("pane");
const rows = document.getElementById("rows");

function select(link) {
  for (const one of rows.querySelectorAll("a.clue-row")) {
    one.classList.toggle("is-selected", one === link);
    if (one === link) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
}

/* The address of this very view with the clue in it: a reload, and a step's way back, land here again. */
function addressWith(href) {
  const address = new URL(window.location.href);
  address.searchParams.set("clue", new URL(href, address).pathname.split("/").pop());
  return address.pathname + address.search;
}

rows?.addEventListener("click", async (event) => {
  const link = event.target.closest("a.clue-row");
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || !wide.matches) return;
  event.preventDefault();
  const back = addressWith(link.href);
  const address = new URL(link.href);
  address.searchParams.set("back", back);
  await htmx.ajax("GET", address.pathname + address.search, { target: "#pane", swap: "innerHTML", source: pane });
  select(link);
  window.history.replaceState(window.history.state, "", back);
  pane.scrollTop = 0;
});
