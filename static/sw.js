/* One rule per kind of address; what has no rule goes to the network alone and is never kept.
   built files        named by their content: from the cache, else from the network and into the cache
   /report, /report/… network first, the kept copy when there is no answer in time; kept only when the server says it may be
                      (no `no-store`), which it says to nobody who is signed in
   Office, partner, tracking, receipt, evidence, account and API pages have no rule. IndexedDB is never touched here. */
const FILES = `files-${__BUILD__}`;
const PAGES = `pages-${__BUILD__}`;
const PATIENCE_MS = 4000;
const PICK = "/report";
const REPORT_PAGE = /^\/report(?:\/[a-z0-9_]+)?$/;

/* Without cookies this is by construction the page of nobody in particular. */
async function keepPick() {
  try {
    const answer = await fetch(new Request(PICK, { credentials: "omit", cache: "no-store" }));
    if (answer.ok && !answer.redirected) await (await caches.open(PAGES)).put(PICK, answer);
  } catch { /* Offline while installing: it is kept at the next visit. */ }
}

async function install() {
  await (await caches.open(FILES)).addAll(__ASSETS__);
  await keepPick();
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

function mayBeKept(answer) {
  const rule = answer.headers.get("Cache-Control") ?? "no-store";
  return answer.ok && !answer.redirected && answer.type === "basic" && !/no-store/.test(rule);
}

async function fromNetwork(event) {
  const answer = await fetch(event.request);
  if (mayBeKept(answer)) {
    const copy = answer.clone();
    event.waitUntil(caches.open(PAGES).then((pages) => pages.put(event.request.url, copy)).catch(() => {}));
  }
  return answer;
}

async function reportPage(event) {
  const pages = await caches.open(PAGES);
  const kept = await pages.match(event.request.url, { ignoreVary: true });
  const network = fromNetwork(event);
  event.waitUntil(network.catch(() => {}));
  /* With nothing kept there is nothing to be impatient for. */
  const late = new Promise((resolve) => { if (kept) setTimeout(resolve, PATIENCE_MS, kept); });
  try {
    return await Promise.race([network, late]);
  } catch {
    return kept ?? (await pages.match(PICK, { ignoreVary: true })) ?? Response.error();
  }
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (address.pathname.startsWith("/static/dist/")) event.respondWith(builtFile(request));
  else if (request.mode === "navigate" && !address.search && REPORT_PAGE.test(address.pathname)) event.respondWith(reportPage(event));
});
