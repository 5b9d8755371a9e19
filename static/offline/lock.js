/* One sender at a time, among tabs and the worker. A Web Lock goes with whoever held it; where there are none, a record
   in the store says who is at it and is renewed while he is. Should both fail, two senders do no harm: every request may be
   made twice. */
import { STRICT, open } from "./queue.js";
import { LEASE } from "./outbox.js";
import { randomId } from "../js/lib/random_id.js";

const NAME = "outbox";
const LEASE_MS = 45_000;
const RENEW_MS = 15_000;
const me = randomId();

/* A lease from the future is the work of a clock that was put right since: it counts as none. */
async function take() {
  const step = (await open()).transaction("outbox", "readwrite", STRICT);
  const found = await step.store.get(LEASE);
  const age = found ? Date.now() - found.at : LEASE_MS;
  const isFree = !found || found.holder === me || age < 0 || age >= LEASE_MS;
  if (isFree) step.store.put({ id: LEASE, holder: me, at: Date.now() });
  await step.done;
  return isFree;
}

async function give() {
  const step = (await open()).transaction("outbox", "readwrite", STRICT);
  if ((await step.store.get(LEASE))?.holder === me) step.store.delete(LEASE);
  await step.done;
}

async function leased(work) {
  if (!(await take())) return undefined;
  const renewal = setInterval(() => { take().catch(() => {}); }, RENEW_MS);
  try { return await work(); } finally {
    clearInterval(renewal);
    await give().catch(() => {});
  }
}

/* The result of the work, or undefined when somebody else is at it. */
export function alone(work) {
  if (!navigator.locks) return leased(work);
  return navigator.locks.request(NAME, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
}
