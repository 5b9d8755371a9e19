/* The outbox: what was submitted and is not yet known to be held, and the receipts of what is. An item goes through
     sealing   its parts are being written; its draft still stands, and a crash here costs nothing
     waiting   sealed and whole, the draft gone, all in one step
     received  the server holds or has declined every byte; the sealed bytes are gone, the query code stands here
   Two more records live beside the items, under fixed names: a forwarder's stamp, and a lease where there are no locks. */
import { STRICT, dropOwned, open } from "./queue.js";

const STAMP = "stamp";
export const LEASE = "lease";
const BESIDE = [STAMP, LEASE];
const ALL = ["drafts", "photos", "outbox"];

const heard = typeof BroadcastChannel === "function" ? new BroadcastChannel("outbox") : null;
const listeners = new Set();
if (heard) heard.onmessage = ({ data }) => { for (const tell of listeners) tell(data); };

/* Tells every tab, this one too. {id, sent, of} while bytes go; {} when a record has changed. */
export function say(news = {}) {
  heard?.postMessage(news);
  for (const tell of listeners) tell(news);
}

export function listen(tell) {
  listeners.add(tell);
}

export async function items() {
  const found = await (await open()).getAll("outbox");
  return found.filter(({ id, state }) => !BESIDE.includes(id) && state !== "sealing").sort((one, other) => one.at - other.at);
}

export async function part(record) {
  return (await (await open()).get("photos", record))?.bytes;
}

/* A piece of an item that is not whole yet; the item's own record is written first, so that nothing is ever ownerless. */
export async function begin(item) {
  const step = (await open()).transaction(ALL, "readwrite", STRICT);
  const outbox = step.objectStore("outbox");
  const left = (await outbox.getAll()).filter(({ state, draft }) => state === "sealing" && draft && draft === item.draft);
  await Promise.all([
    ...left.flatMap(({ id }) => [outbox.delete(id), dropOwned(step, id)]),
    outbox.put({ ...item, state: "sealing" }),
    step.done,
  ]);
}

export async function keepPart(item, record, bytes) {
  const step = (await open()).transaction("photos", "readwrite", STRICT);
  await Promise.all([step.store.put({ id: record, owner: item.id, bytes }), step.done]);
}

/* The one step in which a draft becomes a waiting item. A second tab that was quicker has taken the draft with it. */
export async function hand(item) {
  const { draft, ...kept } = item;
  const step = (await open()).transaction(ALL, "readwrite", STRICT);
  const [outbox, drafts] = [step.objectStore("outbox"), step.objectStore("drafts")];
  if (draft && !(await drafts.get(draft))) {
    step.abort();
    await step.done.catch(() => {});
    throw new Error("the draft is gone");
  }
  await Promise.all([
    outbox.put({ ...kept, state: "waiting" }),
    ...(draft ? [drafts.delete(draft), dropOwned(step, draft)] : []),
    step.done,
  ]);
  say();
}

/* Changes a record that is still there; one that was cleared meanwhile stays cleared. */
export async function change(id, changes) {
  const step = (await open()).transaction("outbox", "readwrite", STRICT);
  const found = await step.store.get(id);
  if (found) step.store.put({ ...found, ...changes });
  await step.done;
  say();
  return found && { ...found, ...changes };
}

/* Every digest is held or declined: the bytes go, and what is left is the receipt. */
export async function receive(id, receipt) {
  const step = (await open()).transaction(["photos", "outbox"], "readwrite", STRICT);
  const outbox = step.objectStore("outbox");
  const found = await outbox.get(id);
  if (found) {
    const { secret, at, photos, parts } = found;
    await Promise.all([outbox.put({ id, secret, at, photos, parts, receipt, state: "received", isSeen: false }), dropOwned(step, id)]);
  }
  await step.done;
  say();
}

export async function forget(id) {
  const step = (await open()).transaction(["photos", "outbox"], "readwrite", STRICT);
  await Promise.all([step.objectStore("outbox").delete(id), dropOwned(step, id), step.done]);
  say();
}

export async function stamp() {
  return (await open()).get("outbox", STAMP);
}

/* A signed-in forwarder's stamp stays on the phone, so that what is sent later keeps its source (decisions.md 14). */
export async function keepStamp(value, name) {
  const step = (await open()).transaction("outbox", "readwrite", STRICT);
  if (value) step.store.put({ id: STAMP, value, name });
  else step.store.delete(STAMP);
  await step.done;
}
