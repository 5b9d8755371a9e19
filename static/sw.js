/* One rule per kind of address; what has no rule goes to the network alone and is never kept.
   built files        named by their content: from the cache, else from the network and into the cache
   /report, /report/… network first; the kept copy when there is no answer in time
   A copy is fetched by the worker itself, without cookies: it is by construction the page of nobody in particular, and its
   form has an id of its own. Office, partner, tracking, receipt, evidence, account and API pages have no rule, and neither
   has an address with words in it. IndexedDB is never touched here. */
const FILES = `files-${__BUILD__}`;
const PAGES = `pages-${__BUILD__}`;
const PATIENCE_MS = 4000;
const FRESH_MS = 86_400_000;
const PICK = "/report";
const REPORT_PAGE = /^\/report(?:\/[a-z0-9_]+)?$/;
const POSTER = /^(?:\?via=[a-z0-9_]+)?$/;

async function keepCopy(path) {
  const pages = await caches.open(PAGES);
  const kept = await pages.match(path, { ignoreVary: true });
  if (kept && Date.now() - Date.parse(kept.headers.get("Date")) < FRESH_MS) return;
  const answer = await fetch(new Request(path, { credentials: "omit", cache: "no-store" }));
  if (answer.ok && !answer.redirected) await pages.put(path, answer);
}

async function install() {
  await (await caches.open(FILES)).addAll(__ASSETS__);
  await keepCopy(PICK).catch(() => {}); /* Without a signal: at the next visit. */
  await self.skipWaiting();
}

async function activate() {
  const old = (await caches.keys()).filter((name) => name !== FILES && name !== PAGES);
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

async function reportPage(event, path) {
  const kept = await (await caches.open(PAGES)).match(path, { ignoreVary: true });
  const network = fetch(event.request);
  event.waitUntil(network.then((answer) => (answer.ok ? keepCopy(path) : null)).catch(() => {}));
  /* With nothing kept there is nothing to be impatient for. */
  const late = new Promise((resolve) => { if (kept) setTimeout(resolve, PATIENCE_MS, kept); });
  try {
    return await Promise.race([network, late]);
  } catch {
    return kept ?? (await caches.match(PICK, { ignoreVary: true })) ?? Response.error();
  }
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (address.pathname.startsWith("/static/dist/")) event.respondWith(builtFile(request));
  else if (request.mode === "navigate" && POSTER.test(address.search) && REPORT_PAGE.test(address.pathname)) event.respondWith(reportPage(event, address.pathname));
});
