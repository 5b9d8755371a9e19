/* From a draft to a waiting item of the outbox: one photo at a time, so that a cheap phone holds one photo and its sealed
   twin at most. Until the last step the draft stands as it was; that step takes it away and lets the item wait, together. */
import { randomId } from "../js/lib/random_id.js";
import { begin, forget, hand, keepPart } from "./outbox.js";
import { packed } from "./pack.js";
import { preview } from "./preview.js";
import { askToStay, open } from "./queue.js";
import { readKey, seal, sealedLength, sha256 } from "./seal.js";

export { check } from "./check.js";
export { told } from "./faults.js";

const SMALL = 150 * 1024;
const SECRET_BYTES = 16;
const WAKE_MS = 1000;
const ANSWER_MS = 5000;

function newSecret() {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

async function sealPart(item, key, bytes, digest, isPreview) {
  const record = randomId();
  await keepPart(item, record, await seal(bytes, key, item.id, digest));
  item.parts.push({ record, digest, size: bytes.byteLength, length: sealedLength(bytes.byteLength, key.id), isPreview });
}

/* What the person did about personal data in a photo, as the report says it. */
function maskingOf(mark) {
  const [masking, parts] = (mark ?? "").split(":");
  return { ...(masking ? { masking } : {}), ...(parts ? { masked_parts: Number(parts) } : {}) };
}

/* One photo: promised by the digest of what is sent of it. With 省流量 that is the small picture, where one can be made. */
async function sealPhoto(item, key, photo, mark, isSaving) {
  const { bytes, name, type, path } = photo;
  const isSmall = bytes.byteLength <= SMALL;
  const small = isSmall ? null : await preview(bytes, type);
  const promise = { path: path === "camera" ? "camera" : "picker", name: name.slice(0, 255), media_type: type, ...maskingOf(mark) };
  const isOnlySmall = isSaving && small;
  const main = isOnlySmall ? small : bytes;
  const digest = await sha256(main);
  if (item.parts.some((part) => part.digest === digest)) return null;
  await sealPart(item, key, main, digest, false);
  const made = { ...promise, sha256: digest, size_bytes: main.byteLength, fidelity: isOnlySmall ? "phone_preview" : promise.masking === "masked" ? "masked_on_phone" : "original" };
  if (isOnlySmall) return { ...made, media_type: "image/jpeg" };
  if (!small) return made;
  const smallDigest = await sha256(small);
  await sealPart(item, key, small, smallDigest, true);
  return { ...made, preview: { sha256: smallDigest, size_bytes: small.byteLength } };
}

export async function sealDraft(form, draft) {
  const key = readKey(document.documentElement.dataset.sealingKey);
  const isSaving = Boolean(form.elements.namedItem("data_saving")?.checked);
  const item = { id: randomId(), draft: draft.id, secret: newSecret(), at: Date.now(), parts: [], photos: 0, isSaving };
  const base = await open();
  await begin(item);
  try {
    const photos = [];
    for (const id of draft.photos) {
      const photo = await base.get("photos", id);
      if (!photo) throw new Error("a photo is gone");
      const promise = await sealPhoto(item, key, photo, draft.marks?.[id], isSaving);
      if (promise) photos.push(promise);
    }
    item.photos = photos.length;
    const json = new TextEncoder().encode(JSON.stringify(packed(form, item.secret, photos)));
    item.sealed = await seal(json, key, item.id, "report");
    await hand(item);
  } catch (error) {
    await forget(item.id).catch(() => {});
    throw error;
  }
  askToStay();
}

async function wake() {
  try {
    const worker = await navigator.serviceWorker?.getRegistration();
    await worker?.sync?.register("outbox");
  } catch { /* No background sync here: the pages send. */ }
}

/* Nobody waits long for what is only a courtesy; undefined when it takes longer. */
const within = (ms, promise) => Promise.race([promise, new Promise((resolve) => { setTimeout(resolve, ms); })]);

/* To the outbox's own page; where no page can come without a signal, the form's place says that all is kept. */
export async function arrive(form) {
  await within(WAKE_MS, wake());
  const address = form.dataset.outbox;
  const canGo = navigator.serviceWorker?.controller || (await within(ANSWER_MS, fetch(address).then(({ ok }) => ok, () => false)));
  /* In place of the form: the way back leads to where one chose, not to a form that is already handed in. */
  if (canGo) { location.replace(address); return; }
  const kept = document.querySelector("[data-sealed-kept]");
  form.hidden = true;
  for (const bar of document.querySelectorAll(".step-bar")) bar.hidden = true;
  kept.hidden = false;
  kept.focus();
  window.addEventListener("online", () => location.replace(address), { once: true });
}
