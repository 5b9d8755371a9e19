/* The outbox's own page; all of it is loaded on use. */
export function attach(page) {
  import("../outbox/page.js").then(({ show }) => show(page), (error) => {
    console.error("outbox", error);
    page.querySelector("[data-outbox-broken]").hidden = false;
  });
}
