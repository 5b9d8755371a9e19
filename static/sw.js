/* One rule per kind of address; what has no rule goes to the network alone and is never kept.
   built files        named by their content: from the cache, else from the network and into the cache
   /report, /report/… network first; the kept copy when there is no answer in time
   /masking           the same: the form takes the place to cover a photo in from it
   /outbox            the same, with less patience: it is a shell, and what it shows is on the phone
   A copy is fetched by the worker itself, without cookies: it is by construction the page of nobody in particular, and its
   form has an id of its own. Office, partner, tracking, receipt, evidence, account and API pages have no rule, and neither
   has an address with words in it. A new version takes over at once; of what waits to be sent it touches nothing: that
   lies in IndexedDB, and the worker only ever sends it (offline/send.js), as a page would. */
import { sendAll } from "./offline/send.js";

const FILES = `files-${__BUILD__}`;
const PAGES = `pages-${__BUILD__}`;
const PATIENCE_MS = { "/outbox": 1500 };
const USUAL_PATIENCE_MS = 4000;
const FRESH_MS = 86_400_000;
const PICK = "/report";
const FIRST = [PICK, "/report/other", "/outbox", "/masking"];
const PAGE = /^(?:\/report(?:\/[a-z0-9_]+)?|\/outbox|\/masking)$/;
const POSTER = /^(?:\?via=[a-z0-9_]+)?$/;

/* Marked as a copy, so that its script knows that nobody in particular was served it. */
async function copyOf(answer) {
  const page = (await answer.text()).replace("<body", "<body data-kept");
  return new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8", Date: answer.headers.get("Date") ?? "", ...safety(answer) } });
}

/* The rules a page came with go with its copy. */
function safety(answer) {
  const names = ["content-security-policy", "referrer-policy", "permissions-policy", "cross-origin-opener-policy", "cross-origin-embedder-policy", "x-content-type-options"];
  return Object.fromEntries(names.map((name) => [name, answer.headers.get(name)]).filter(([, told]) => told));
}

async function keepCopy(path) {
  const pages = await caches.open(PAGES);
  const kept = await pages.match(path, { ignoreVary: true });
  if (kept && Date.now() - Date.parse(kept.headers.get("Date")) < FRESH_MS) return;
  const answer = await fetch(new Request(path, { credentials: "omit", cache: "no-store" }));
  if (answer.ok && !answer.redirected) await pages.put(path, await copyOf(answer));
}

async function install() {
  await (await caches.open(FILES)).addAll(__ASSETS__);
  await Promise.all(FIRST.map((path) => keepCopy(path).catch(() => {}))); /* Without a signal: at the next visit. */
  await self.skipWaiting();
}

async function activate() {
  const old = (await caches.keys()).filter((name) => /^(?:files|pages)-/.test(name) && name !== FILES && name !== PAGES);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function builtFile(request) {
  const kept = await caches.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(FILES)).put(request, answer.clone());
  return answer;
}

async function page(event, path) {
  const kept = await (await caches.open(PAGES)).match(path, { ignoreVary: true });
  const network = fetch(event.request);
  event.waitUntil(network.then((answer) => (answer.ok ? keepCopy(path) : null)).catch(() => {}));
  /* With nothing kept there is nothing to be impatient for. */
  const late = new Promise((resolve) => { if (kept) setTimeout(resolve, PATIENCE_MS[path] ?? USUAL_PATIENCE_MS, kept); });
  try {
    return await Promise.race([network, late]);
  } catch {
    return kept ?? (await caches.match(PICK, { ignoreVary: true })) ?? Response.error();
  }
}

/* Thrown back to the browser while something is left: it tries again when it sees fit. */
async function send() {
  const done = await sendAll();
  if (done && done.wait !== null) throw new Error("not yet");
}

/* One after another: nobody waits for these. */
async function keepAll(paths) {
  for (const path of paths.filter((one) => PAGE.test(one))) await keepCopy(path).catch(() => {});
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("sync", (event) => { if (event.tag === "outbox") event.waitUntil(send()); });
self.addEventListener("message", (event) => {
  const { keep } = event.data ?? {};
  if (Array.isArray(keep)) event.waitUntil(keepAll(keep));
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (address.pathname.startsWith("/static/dist/")) event.respondWith(builtFile(request));
  else if (request.mode === "navigate" && POSTER.test(address.search) && PAGE.test(address.pathname)) event.respondWith(page(event, address.pathname));
});
