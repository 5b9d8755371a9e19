/* What waits on this phone. One database for drafts and, once reports are queued, for those: a draft is one record, each of
   its photos another, as bytes (old WebKit loses blobs) under a random id. Every write asks for strict durability: with the
   browser's default a power cut takes all of the last seconds. The service worker and new versions never touch this. */
import { openDB } from "idb";

const STRICT = { durability: "strict" };
let opened;

function open() {
  opened ??= openDB("yixian", 1, {
    upgrade(base) {
      base.createObjectStore("drafts", { keyPath: "id" }).createIndex("category", "category");
      base.createObjectStore("photos", { keyPath: "id" }).createIndex("owner", "owner");
      base.createObjectStore("outbox", { keyPath: "id" });
    },
    blocking(_older, _newer, event) { event.target.close(); opened = undefined; },
    terminated() { opened = undefined; },
  }).catch((error) => { opened = undefined; throw error; });
  return opened;
}

export async function draftsOf(category) {
  const found = await (await open()).getAllFromIndex("drafts", "category", category);
  return found.sort((one, other) => other.at - one.at);
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

export async function drop(id) {
  const step = (await open()).transaction(["drafts", "photos"], "readwrite", STRICT);
  const photos = step.objectStore("photos");
  const owned = await photos.index("owner").getAllKeys(id);
  await Promise.all([step.objectStore("drafts").delete(id), ...owned.map((key) => photos.delete(key)), step.done]);
}

/* Asks the browser not to clear this away when space runs short; no answer is an answer of no. */
export async function askToStay() {
  try { return (await navigator.storage?.persist?.()) ?? false; } catch { return false; }
}
