/* Asks the worker, when the page has nothing better to do, to keep the forms this list leads to: what is reported most is
   there without a signal too. Not where a person spares data. */
const REST_MS = 3000;

export async function attach(list) {
  if (!navigator.serviceWorker || navigator.connection?.saveData) return;
  const { active } = await navigator.serviceWorker.ready;
  const keep = [...list.querySelectorAll("a[href]")].map((link) => link.pathname);
  setTimeout(() => active?.postMessage({ keep }), REST_MS);
}
