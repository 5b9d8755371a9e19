/* One waiting item as one file, to be carried to where there is a signal, and back in on another phone. The file holds the
   item's record, its sealed report and its sealed photos; whoever finds it can send it on, and cannot read it.
     "YXF1" | length of the list, 32 bits | the list, JSON | the sealed report | the sealed parts, in the list's order */
import { begin, hand, items, keepPart, part } from "./outbox.js";
import { randomId } from "../js/lib/random_id.js";

const MAGIC = "YXF1";
const HEAD = 8;
const LIST_MOST = 256 * 1024;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const DIGEST = /^[0-9a-f]{64}$/;

function handOver(file) {
  if (navigator.canShare?.({ files: [file] }) && /MicroMessenger|DingTalk|AliApp|iPhone|iPad/.test(navigator.userAgent)) return navigator.share({ files: [file] }).catch(() => {});
  const address = URL.createObjectURL(file);
  Object.assign(document.createElement("a"), { href: address, download: file.name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  return undefined;
}

export async function save(item, name) {
  const { id, secret, at, photos, isSaving } = item;
  const parts = item.parts.map(({ digest, size, length, isPreview }) => ({ digest, size, length, isPreview }));
  const list = new TextEncoder().encode(JSON.stringify({ id, secret, at, photos, isSaving, sealed: item.sealed.byteLength, parts }));
  const head = new DataView(new ArrayBuffer(HEAD));
  [...MAGIC].forEach((sign, place) => head.setUint8(place, sign.charCodeAt(0)));
  head.setUint32(4, list.length);
  /* A Blob of blobs: the browser may keep the photos on its disk instead of in memory. */
  const bytes = [];
  for (const { record } of item.parts) bytes.push(new Blob([await part(record)]));
  return handOver(new File([head.buffer, list, item.sealed, ...bytes], `${name}-${id.slice(0, 4)}.yixian`, { type: "application/octet-stream" }));
}

const isCount = (value, most) => Number.isSafeInteger(value) && value >= 0 && value <= most;

function isWhole(list, size) {
  const { id, secret, at, photos, sealed, parts } = list;
  if (!UUID.test(id) || !/^[\w-]{22,64}$/.test(secret) || !isCount(at, 2 ** 52) || !isCount(photos, 50)) return false;
  if (!Array.isArray(parts) || parts.length > 100 || !isCount(sealed, 2 ** 30)) return false;
  if (!parts.every(({ digest, size: plain, length }) => DIGEST.test(digest) && isCount(plain, 2 ** 40) && isCount(length, 2 ** 40))) return false;
  return size === sealed + parts.reduce((sum, { length }) => sum + length, 0);
}

async function read(file) {
  const head = new DataView(await file.slice(0, HEAD).arrayBuffer());
  const magic = [0, 1, 2, 3].map((place) => String.fromCharCode(head.getUint8(place))).join("");
  const length = head.getUint32(4);
  if (magic !== MAGIC || length > LIST_MOST) throw new Error("not ours");
  const list = JSON.parse(await file.slice(HEAD, HEAD + length).text());
  if (!isWhole(list, file.size - HEAD - length)) throw new Error("not whole");
  return { list, from: HEAD + length };
}

/* Which sentence the page has to say. */
export async function load(file) {
  let found;
  try { found = await read(file); } catch { return "textImportBad"; }
  const { list: { id, secret, at, photos, isSaving, sealed, parts }, from } = found;
  if ((await items()).some((item) => item.id === id)) return "textImportedBefore";
  const item = { id, secret, at, photos, isSaving: Boolean(isSaving), parts: [] };
  try {
    await begin(item);
    let place = from + sealed;
    for (const { digest, size, length, isPreview } of parts) {
      const record = randomId();
      await keepPart(item, record, await file.slice(place, place + length).arrayBuffer());
      item.parts.push({ record, digest, size, length, isPreview: Boolean(isPreview) });
      place += length;
    }
    item.sealed = await file.slice(from, from + sealed).arrayBuffer();
    await hand(item);
    return "textImported";
  } catch {
    return "textNoRoom";
  }
}
