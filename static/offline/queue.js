/* What waits on this phone. One database for drafts and for what was submitted: a draft is one record, each of its photos
   another, as bytes (old WebKit loses blobs) under a random id; what is submitted stands in `outbox`, sealed, its sealed
   photos beside the others. Every write asks for strict durability: with the browser's default a power cut takes all of the
   last seconds. New versions of the worker never touch this, and its shape stays: a tab of yesterday must still open it. */
import { deleteDB, openDB } from "idb";

export const STRICT = { durability: "strict" };
const TURN_MS = 3000;
let opened;

/* After a power cut Chromium goes on writing behind whatever the cut left at the end of its log, and at the next opening
   drops what came after, or throws the whole store away (docs/durability.md). To drop a database makes it begin a new log,
   for all of this origin: so an empty one comes and goes before anything of ours is written. Not to succeed is no harm. */
async function turnLog() {
  const turned = openDB("yixian-turn", 1).then((base) => { base.close(); return deleteDB("yixian-turn"); });
  await Promise.race([turned.catch(() => {}), new Promise((done) => { setTimeout(done, TURN_MS); })]);
}

export function open() {
  opened ??= turnLog().then(() => openDB("yixian", 1, {
    upgrade(base) {
      base.createObjectStore("drafts", { keyPath: "id" }).createIndex("category", "category");
      base.createObjectStore("photos", { keyPath: "id" }).createIndex("owner", "owner");
      base.createObjectStore("outbox", { keyPath: "id" });
    },
    blocking(_older, _newer, event) { event.target.close(); opened = undefined; },
    terminated() { opened = undefined; },
  })).catch((error) => { opened = undefined; throw error; });
  return opened;
}

const newestFirst = (found) => found.sort((one, other) => other.at - one.at);

export async function draftsOf(category) {
  return newestFirst(await (await open()).getAllFromIndex("drafts", "category", category));
}

export async function allDrafts() {
  return newestFirst(await (await open()).getAll("drafts"));
}

/* In the order of the draft; one that is not there is left out. */
export async function photosOf(draft) {
  const base = await open();
  const found = await Promise.all(draft.photos.map((id) => base.get("photos", id)));
  return found.filter(Boolean);
}

/* The draft with its new photos, and without those taken out, in one step: never a draft without its picture. */
export async function keep(draft, added = [], removed = []) {
  const step = (await open()).transaction(["drafts", "photos"], "readwrite", STRICT);
  const photos = step.objectStore("photos");
  await Promise.all([
    step.objectStore("drafts").put(draft),
    ...added.map((photo) => photos.put({ ...photo, owner: draft.id })),
    ...removed.map((id) => photos.delete(id)),
    step.done,
  ]);
}

/* Deletes every photo record of an owner, inside a step that is under way. */
export async function dropOwned(step, owner) {
  const photos = step.objectStore("photos");
  const owned = await photos.index("owner").getAllKeys(owner);
  await Promise.all(owned.map((key) => photos.delete(key)));
}

export async function drop(id) {
  const step = (await open()).transaction(["drafts", "photos"], "readwrite", STRICT);
  await Promise.all([step.objectStore("drafts").delete(id), dropOwned(step, id), step.done]);
}

/* Asks the browser not to clear this away when space runs short; no answer is an answer of no. */
export async function askToStay() {
  try { return (await navigator.storage?.persist?.()) ?? false; } catch { return false; }
}
