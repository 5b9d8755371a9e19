/* Sends what waits: the report, its small pictures, the originals; and believes nothing but the receipt. Whoever runs it,
   a tab or the worker, it may be cut off at any byte and begun again anywhere else: every request can be made twice. */
import { Later, Refusal, Unreachable, ask } from "./asking.js";
import { alone } from "./lock.js";
import { change, items, part, receive, say } from "./outbox.js";
import { upload } from "./tus.js";

const REPORTS = "/api/v1/reports/";
const SEALED = "application/vnd.yixian.sealed";
const ROUNDS = 3;
/* The server does not know this report, or not with this secret: as after a restore from an older backup. */
const UNKNOWN = [401, 404];

const addressOf = (item) => REPORTS + item.id;
const authorizationOf = (item) => `Report ${item.id}.${item.secret}`;

async function put(item) {
  const wish = { method: "PUT", headers: { "Content-Type": SEALED }, body: item.sealed };
  return (await ask(addressOf(item), wish, [200, 201])).json();
}

async function receiptOf(item) {
  const wish = { headers: { Authorization: authorizationOf(item) } };
  return (await ask(`${addressOf(item)}/receipt`, wish, [200])).json();
}

/* Which parts are still owed: what the receipt does not name is owed as well, so that nothing is taken for granted. */
function owed(item, receipt) {
  const stands = new Map(receipt.photos.map((photo) => [photo.sha256, photo.state]));
  return item.parts.filter(({ digest }) => !["held", "declined"].includes(stands.get(digest)));
}

async function bring(item, left) {
  const before = item.parts.filter((one) => !left.includes(one));
  const of = item.parts.reduce((sum, { length }) => sum + length, 0);
  let sent = before.reduce((sum, { length }) => sum + length, 0);
  const pictures = item.parts.filter(({ isPreview }) => !isPreview);
  for (const one of left) {
    const bytes = await part(one.record);
    if (!bytes) throw new Refusal(0, "part_lost");
    const at = pictures.indexOf(one) + 1;
    const tell = (offset) => say({ id: item.id, sent: sent + offset, of, at, pictures: pictures.length });
    tell(0);
    await upload(authorizationOf(item), one.digest, bytes, tell);
    sent += one.length;
  }
}

/* True when the item has left the outbox. */
async function sendOne(item) {
  say({ id: item.id, sent: 0, of: 0 });
  let receipt = item.receipt ? await receiptOf(item).catch((error) => unknownOr(error, item)) : await put(item);
  if (!item.receipt) await change(item.id, { receipt, trouble: null });
  for (let round = 0; round < ROUNDS; round += 1) {
    const left = owed(item, receipt);
    if (!left.length) {
      await receive(item.id, receipt);
      return true;
    }
    /* Small pictures first, then in the order they were taken. */
    left.sort((one, other) => Number(other.isPreview) - Number(one.isPreview));
    try { await bring(item, left); } catch (error) {
      /* Bytes that did not open once may have been hurt on the way; twice, and they lie hurt on this phone. */
      if (error.code !== "digest_differs" || round > 0) await unknownOr(error, item);
    }
    receipt = await receiptOf(item).catch((error) => unknownOr(error, item));
  }
  throw new Refusal(0, "still_missing");
}

async function unknownOr(error, item) {
  if (!(error instanceof Refusal) || !UNKNOWN.includes(error.status) || item.wasPutAgain) throw error;
  item.wasPutAgain = true;
  return put(item);
}

/* A wait counted from a moment this clock has not reached, or in days, is no wait: the clock was put right since. */
function isDue({ trouble, hold }, isAsked) {
  if (isAsked) return true;
  if (trouble) return false;
  const gone = hold ? Date.now() - hold.since : 0;
  return !hold || gone < 0 || gone >= hold.ms;
}

async function round(asked) {
  const waiting = (await items()).filter(({ state }) => state === "waiting");
  let wait = null;
  let isMoving = false;
  for (const item of waiting) {
    if (!isDue(item, asked.has(item.id))) {
      if (item.hold) wait = Math.min(wait ?? Infinity, item.hold.ms);
      continue;
    }
    asked.delete(item.id);
    try {
      isMoving = (await sendOne(item)) || isMoving;
    } catch (error) {
      const found = await settle(item, error);
      if (found === "unreachable") { wait = 0; break; }
      if (found) wait = Math.min(wait ?? Infinity, found);
    }
  }
  return { wait, isMoving };
}

async function settle(item, error) {
  if (error instanceof Later) {
    await change(item.id, { hold: { since: Date.now(), ms: error.ms }, trouble: null });
    return error.ms;
  }
  if (error instanceof Unreachable) {
    await change(item.id, { hold: null, trouble: null });
    say({ id: item.id, isCut: true });
    return "unreachable";
  }
  const { status = 0, code = error.name } = error;
  await change(item.id, { trouble: { status, code }, hold: null });
  return 0;
}

/* One pass over everything. `wait` is null when nothing is left to be tried, 0 when the line failed, else the server's
   wish in milliseconds; undefined altogether when another tab or the worker is at it. */
export function sendAll(asked = new Set()) {
  return alone(() => round(asked));
}
