/* One request of the outbox and the three ways it can fail: no answer, an answer that says later, an answer that says no. */
const PATIENCE_MS = 60_000;
const SLOWEST_BYTES_PER_MS = 1;
const WORK_TRIES = 3;

/* No answer: the line is cut, the server away. Tried again soon. */
export class Unreachable extends Error {}

/* The server asks for patience, and for how long. */
export class Later extends Error {
  constructor(ms) { super("later"); this.ms = ms; }
}

/* A plain no: nothing changes by asking again. Told to the person, never dropped. */
export class Refusal extends Error {
  constructor(status, code) { super(`${status} ${code}`); this.status = status; this.code = code; }
}

function patience(answer, least) {
  const told = answer.headers.get("Retry-After");
  const seconds = Number(told);
  /* Only a number of seconds: a date would be read against this phone's clock, which may be a year off. */
  return told && Number.isFinite(seconds) && seconds >= 0 ? Math.min(Math.max(seconds * 1000, 1000), 3_600_000) : least;
}

async function attempt(address, wish) {
  const stop = new AbortController();
  const size = wish.body?.byteLength ?? 0;
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS + size / SLOWEST_BYTES_PER_MS);
  try {
    /* Without cookies: who sends is told by the report's own secret, and by nothing else. */
    return await fetch(address, { credentials: "omit", cache: "no-store", redirect: "error", ...wish, signal: stop.signal });
  } catch (error) {
    throw new Unreachable(error.message);
  } finally {
    clearTimeout(timer);
  }
}

async function told(answer) {
  try { return await answer.json(); } catch { return {}; }
}

/* The answer, if it is one of the statuses the caller knows; else one of the three above. */
export async function ask(address, wish, known) {
  let headers = wish.headers;
  for (let tries = 0; ; tries += 1) {
    const answer = await attempt(address, { ...wish, headers });
    if (known.includes(answer.status)) return answer;
    const said = /json/.test(answer.headers.get("Content-Type") ?? "") ? await told(answer) : {};
    if (answer.status === 429 && said.challenge && tries < WORK_TRIES) {
      const { solve } = await import("./work.js");
      headers = { ...wish.headers, "X-Work": await solve(said.challenge) };
      continue;
    }
    if (answer.status === 429 || answer.status === 503) throw new Later(patience(answer, 30_000));
    if (answer.status >= 500 || answer.status === 408) throw new Unreachable(`${answer.status}`);
    throw new Refusal(answer.status, said.code ?? "");
  }
}
