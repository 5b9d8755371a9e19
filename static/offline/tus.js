/* Our own small client of tus 1.0.0: create, ask how far, send in pieces. A piece carries no checksum, so that what arrived
   of a piece that was cut counts; the whole is checked against its promised digest by the server. After any failure the
   offset is asked for, never guessed. The size of a piece follows the line: about two seconds' worth. */
import { Refusal, Unreachable, ask } from "./asking.js";

const UPLOADS = "/api/v1/uploads";
const LEAST = 32 * 1024;
const MOST = 1024 * 1024;
const PIECE_MS = 2000;
const GONE = [404, 410];

let size = 64 * 1024;

function suit(ms) {
  if (ms < PIECE_MS / 2) size = Math.min(MOST, size * 2);
  else if (ms > PIECE_MS * 2) size = Math.max(LEAST, size / 2);
}

function headersFor(authorization, more) {
  return { Authorization: authorization, "Tus-Resumable": "1.0.0", ...more };
}

/* Null when the server says that this digest is settled: the receipt then tells how. */
async function create(authorization, digest, length) {
  const metadata = `digest ${btoa(digest)},sealed ${btoa("1")}`;
  const headers = headersFor(authorization, { "Upload-Length": String(length), "Upload-Metadata": metadata });
  const answer = await ask(UPLOADS, { method: "POST", headers }, [201, 409]);
  return answer.status === 201 ? answer.headers.get("Location") : null;
}

async function offsetOf(address, authorization) {
  const answer = await ask(address, { method: "HEAD", headers: headersFor(authorization) }, [200, 204, ...GONE]);
  return GONE.includes(answer.status) ? null : Number(answer.headers.get("Upload-Offset"));
}

async function sendPiece(address, authorization, bytes, offset) {
  const headers = headersFor(authorization, { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) });
  const began = performance.now();
  try {
    const answer = await ask(address, { method: "PATCH", headers, body: bytes.subarray(offset, offset + size) }, [204, 409, ...GONE]);
    suit(performance.now() - began);
    if (answer.status === 204) return Number(answer.headers.get("Upload-Offset"));
    return GONE.includes(answer.status) ? null : offsetOf(address, authorization);
  } catch (error) {
    if (error instanceof Unreachable) size = Math.max(LEAST, size / 2);
    throw error;
  }
}

/* Brings one sealed thing over, from wherever it stood. Returns when all of it is there or the receipt has to be asked;
   what cuts it short is thrown, and the next call goes on from where the server stands. */
export async function upload(authorization, digest, sealed, tell) {
  const bytes = new Uint8Array(sealed);
  const address = await create(authorization, digest, bytes.length);
  if (!address) return;
  let offset = await offsetOf(address, authorization);
  while (offset !== null && offset < bytes.length) {
    tell(offset);
    const next = await sendPiece(address, authorization, bytes, offset);
    /* A server that says neither how far nor why would keep a phone sending for ever. */
    if (next !== null && !(next >= 0 && next <= bytes.length)) throw new Refusal(0, "odd_offset");
    offset = next;
  }
  tell(bytes.length);
}
