/* Keeps sending for as long as a page is open: at once, when the network returns, when the page is looked at again, and
   between these after a pause that grows and is never the same on two phones. */
import { listen } from "./outbox.js";
import { sendAll } from "./send.js";

const FIRST_MS = 1000;
const LONGEST_MS = 120_000;
const BUSY_MS = 3000;

const asked = new Set();
let pause = FIRST_MS;
let timer = 0;
let isRunning = false;
let isWanted = false;

function later(ms) {
  clearTimeout(timer);
  timer = setTimeout(go, ms);
}

function backoff() {
  const ms = pause * (0.5 + Math.random());
  pause = Math.min(LONGEST_MS, pause * 2);
  return ms;
}

async function go() {
  if (isRunning) { isWanted = true; return; }
  clearTimeout(timer);
  [isRunning, isWanted] = [true, false];
  let done;
  try { done = await sendAll(asked); } catch (error) { console.warn("outbox", error); done = { wait: 0 }; }
  isRunning = false;
  if (isWanted) later(0);
  else if (!done) later(BUSY_MS);
  else if (done.wait !== null) later(done.wait || backoff());
}

/* Starts, or starts again at once: a person's own wish also tries what was refused before. */
export function start(id) {
  if (id) asked.add(id);
  pause = FIRST_MS;
  go();
}

/* Bytes that went through show that the line is there: the next pause begins small again. */
listen(({ sent }) => { if (sent) pause = FIRST_MS; });
window.addEventListener("online", () => start());
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") start(); });
