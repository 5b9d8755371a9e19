/* Sealing to the server's key (decisions.md 15): an ephemeral P-256 key, HKDF, AES-256-GCM in chunks. What is sealed here
   nobody opens without the server's key, this phone neither. app/platform/sealing.py opens it; both keep to one vector. */
const CHUNK = 256 * 1024;
const TAG = 16;
const POINT = 65;
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const LAST = 0x80;
const text = new TextEncoder();

function fromBase64url(words) {
  const plain = atob(words.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

export function readKey(shown) {
  const at = shown.lastIndexOf(".");
  return { id: shown.slice(0, at), point: fromBase64url(shown.slice(at + 1)) };
}

export function sealedLength(length, keyId) {
  return 5 + keyId.length + POINT + length + TAG * Math.max(1, Math.ceil(length / CHUNK));
}

export async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function cipher(own, point, bound) {
  const other = await crypto.subtle.importKey("raw", point, CURVE, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: other }, own, 256);
  const ikm = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveBits"]);
  const info = text.encode(`yixian-sealed-v1|${bound}`);
  const made = new Uint8Array(await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info }, ikm, 44 * 8));
  const key = await crypto.subtle.importKey("raw", made.slice(0, 32), "AES-GCM", false, ["encrypt"]);
  return { key, base: made.slice(32) };
}

function nonce(base, index, isLast) {
  const made = base.slice();
  const view = new DataView(made.buffer);
  view.setUint32(8, view.getUint32(8) ^ index);
  if (isLast) made[0] ^= LAST;
  return made;
}

/* One whole thing of one report, in memory: twice its size and no more. `own` is for the test that must repeat itself. */
export async function seal(bytes, { id, point }, report, what, own) {
  const pair = own ?? await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const plain = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  const sealed = new Uint8Array(sealedLength(plain.length, id));
  sealed.set([0x59, 0x58, 0x53, 0x31, id.length, ...text.encode(id), ...new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))]);
  const header = sealed.slice(0, 5 + id.length + POINT);
  const { key, base } = await cipher(pair.privateKey, point, `${report}|${what}`);
  const chunks = Math.max(1, Math.ceil(plain.length / CHUNK));
  for (let index = 0, at = header.length; index < chunks; index += 1) {
    const iv = nonce(base, index, index === chunks - 1);
    const piece = plain.subarray(index * CHUNK, (index + 1) * CHUNK);
    const done = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: header }, key, piece));
    sealed.set(done, at);
    at += done.length;
  }
  return sealed.buffer;
}
