/* The drafts on this phone, above the list of what may be reported; loaded on use. */
export function attach(section) {
  if (window.indexedDB) import("../outbox/drafts.js").then(({ list }) => list(section)).catch(() => {});
}
