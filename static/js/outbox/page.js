/* The outbox as it is shown: what waits, what moves, what is received. Every state is told from the phone's own records and
   from what the sender says; nothing here decides anything. */
import { attach as copying } from "../behaviours/copy.js";
import { change, forget, items, listen } from "../../offline/outbox.js";
import { start } from "../../offline/sending.js";
import { moment } from "../lib/moment.js";
import { fill } from "../lib/words.js";
import { receipt } from "./receipt.js";

const SURE_MS = 8000;

export async function show(page) {
  const texts = page.dataset;
  const find = (name) => page.querySelector(`[data-outbox-${name}]`);
  const [list, empty, again, told, title] = ["list", "empty", "again", "told", "title"].map(find);
  const made = new Map(); /* id of an item -> what draws it anew */
  const moving = new Map(); /* id of an item -> how far its bytes are */
  const cut = new Map(); /* id of an item -> how often in a row its line broke */

  function tell(text) {
    told.hidden = !text;
    told.textContent = text;
  }

  function words(item) {
    return item.photos ? fill(texts.textWhat, { n: item.photos }) : texts.textWhatNone;
  }

  /* Asked twice in the same place; of what was not sent it is said that it was not. */
  function clearing(root, item, isSent) {
    const button = root.querySelector("[data-item-clear]");
    const label = button.querySelector("span");
    let timer = 0;
    const rest = () => { clearTimeout(timer); timer = 0; label.textContent = texts.textClear; button.classList.remove("button--danger"); button.classList.add("button--quiet"); };
    button.addEventListener("click", async () => {
      if (!timer) {
        label.textContent = isSent ? texts.textClearSent : texts.textClearUnsent;
        button.classList.replace("button--quiet", "button--danger");
        timer = setTimeout(rest, SURE_MS);
        return;
      }
      rest();
      await forget(item.id);
      tell(texts.textCleared);
      title.focus();
    });
  }

  function sentence(item, move) {
    if (item.hold) return fill(texts.textHold, { n: Math.max(1, Math.ceil(item.hold.ms / 60_000)) });
    /* Not every phone knows that it has no line: twice in a row nothing went through comes to the same. */
    if (navigator.onLine === false || cut.get(item.id) > 1) return texts.textOffline;
    if (move?.of) return move.at ? fill(texts.textPhotos, { at: move.at, n: move.pictures }) : texts.textWords;
    if (cut.has(item.id)) return texts.textWeak;
    return move ? texts.textWords : texts.textSoon;
  }

  /* Why it stands still; where the words have arrived and only photos are missing, that is said. */
  function reason({ trouble, receipt: known }) {
    return page.getAttribute(`data-trouble-${trouble.code}`) ?? page.getAttribute(known ? "data-trouble-photos" : "data-trouble-other");
  }

  function waiting(item) {
    const root = find("waiting").content.firstElementChild.cloneNode(true);
    const part = (name) => root.querySelector(`[data-item-${name}]`);
    part("what").textContent = words(item);
    part("since").textContent = moment(item.at);
    clearing(root, item, false);
    part("retry").addEventListener("click", () => { tell(""); start(item.id); });
    part("export").addEventListener("click", async () => (await import("../../offline/carry.js")).save(item, texts.textFile));

    function draw(now) {
      const move = moving.get(now.id);
      const isOff = navigator.onLine === false;
      const isMoving = Boolean(move) && !isOff && !now.trouble && !now.hold;
      const [badge, knot, bar, trouble, code] = ["state", "knot", "bar", "trouble", "code"].map(part);
      badge.textContent = now.trouble ? texts.textTrouble : isMoving ? texts.textSending : texts.textKept;
      badge.className = `badge badge--${now.trouble ? "time" : isMoving ? "act" : "plain"}`;
      knot.classList.toggle("is-now", isMoving);
      knot.previousElementSibling.classList.toggle("is-passed", isMoving);
      const percent = move?.of ? Math.min(99, Math.floor((100 * move.sent) / move.of)) : 0;
      bar.hidden = !isMoving || !move.of;
      if (move?.of) bar.value = Math.floor((1000 * move.sent) / move.of);
      part("sending").textContent = isMoving ? texts.textSending : texts.textToSend;
      part("percent").textContent = isMoving && move.of ? fill(texts.textPercent, { percent }) : "";
      part("sentence").textContent = now.trouble ? "" : sentence(now, move);
      trouble.hidden = !now.trouble;
      if (now.trouble) trouble.querySelector(".notice__words p").textContent = reason(now);
      code.hidden = !(now.trouble && now.receipt);
      if (now.receipt) part("code-text").textContent = now.receipt.query_code;
    }

    return { root, draw, state: "waiting" };
  }

  function received(item) {
    const root = find("received").content.firstElementChild.cloneNode(true);
    receipt(root, item, page);
    clearing(root, item, true);
    copying(root.querySelector("[data-receipt-copy]"));
    return { root, draw() {}, state: "received" };
  }

  async function draw() {
    const found = await items();
    const known = new Set(found.map(({ id }) => id));
    for (const [id, { root }] of made) if (!known.has(id)) { root.remove(); made.delete(id); moving.delete(id); }
    /* What has just been received stands first: that is what the person waits for. */
    const order = [...found.filter(({ state }) => state === "received").reverse(), ...found.filter(({ state }) => state === "waiting")];
    order.forEach((item, at) => {
      let shown = made.get(item.id);
      if (shown?.state !== item.state) {
        const fresh = item.state === "received" ? received(item) : waiting(item);
        shown?.root.replaceWith(fresh.root);
        made.set(item.id, fresh);
        shown = fresh;
      }
      shown.draw(item);
      if (list.children[at] !== shown.root) list.insertBefore(shown.root, list.children[at] ?? null);
    });
    empty.hidden = found.length > 0;
    /* With nothing but receipts the tick says it all. */
    title.classList.toggle("only-read", found.length > 0 && found.every(({ state }) => state === "received"));
    again.hidden = !found.some(({ state }) => state === "waiting") || found.some(({ state }) => state === "received");
    find("sealed").hidden = !found.some(({ state }) => state === "waiting");
    await promise(found);
    if (document.visibilityState === "visible") for (const { id, state, isSeen } of found) if (state === "received" && !isSeen) await change(id, { isSeen: true });
  }

  /* Whether the browser promised to keep this; said only while something depends on it. */
  async function promise(found) {
    const isWaiting = found.some(({ state }) => state === "waiting");
    const isKept = isWaiting && Boolean(await navigator.storage?.persisted?.().catch(() => false));
    find("stay").hidden = !isKept;
    find("may-go").hidden = !isWaiting || isKept;
  }

  let line = Promise.resolve();
  const soon = () => { line = line.then(draw).catch((error) => { console.warn("outbox", error); }); };

  find("import").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    const { load } = await import("../../offline/carry.js");
    tell(texts[await load(file)]);
    start();
  });
  listen((news) => {
    if ("sent" in news) moving.set(news.id, news);
    if (news.of) cut.delete(news.id);
    if (news.isCut) { moving.delete(news.id); cut.set(news.id, (cut.get(news.id) ?? 0) + 1); }
    soon();
  });
  window.addEventListener("online", soon);
  window.addEventListener("offline", soon);
  document.addEventListener("visibilitychange", soon);
  await draw();
  start();
}
