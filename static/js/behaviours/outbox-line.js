/* One quiet line under the header of every public page: no signal, and how much waits on this phone. Where something waits,
   this page sends it; what sends is loaded only then, and only after the page itself is there. */
import { open } from "../../offline/queue.js";
import { fill } from "../lib/words.js";

const REST_MS = 400;

export function attach(bar) {
  const find = (name) => bar.querySelector(`[data-line-${name}]`);
  const [offline, link, count] = ["offline", "link", "count"].map(find);
  const isOutbox = location.pathname === link.getAttribute("href");
  let isSending = false;

  function show() {
    offline.hidden = navigator.onLine !== false;
    bar.hidden = offline.hidden && link.hidden;
  }

  function tell(found) {
    const waiting = found.filter(({ state }) => state === "waiting");
    const troubled = waiting.filter(({ trouble }) => trouble);
    const fresh = found.filter(({ state, isSeen }) => state === "received" && !isSeen);
    const [text, n] = troubled.length ? [bar.dataset.textTrouble, troubled.length]
      : waiting.length ? [bar.dataset.textWaiting, waiting.length] : [bar.dataset.textReceived, fresh.length];
    link.hidden = isOutbox || !n;
    link.classList.toggle("is-waiting", Boolean(waiting.length));
    if (n && count.textContent !== fill(text, { n })) count.textContent = fill(text, { n });
    show();
  }

  async function send() {
    isSending = true;
    const [{ items, listen }, { start }] = await Promise.all([import("../../offline/outbox.js"), import("../../offline/sending.js")]);
    listen(async (news) => { if (!("sent" in news)) tell(await items()); });
    start();
  }

  async function look() {
    const base = await open();
    const all = await base.getAll("outbox");
    const found = all.filter(({ state }) => state === "waiting" || state === "received");
    /* Who is signed in nowhere leaves no stamp of a forwarder on this phone; a kept page cannot know. */
    const isNobody = "nobody" in bar.dataset && !("kept" in document.body.dataset);
    if (isNobody && all.some(({ id }) => id === "stamp")) (await import("../../offline/outbox.js")).keepStamp("");
    tell(found);
    if (!isSending && !isOutbox && found.some(({ state }) => state === "waiting")) await send();
  }

  /* The bar is new at each page, so that what another tab put in is seen when this one is looked at again. */
  const soon = () => setTimeout(() => look().catch(() => {}), REST_MS);
  window.addEventListener("online", show);
  window.addEventListener("offline", show);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") soon(); });
  show();
  if (!window.indexedDB) return;
  if (document.readyState === "complete") soon();
  else window.addEventListener("load", soon, { once: true });
}
