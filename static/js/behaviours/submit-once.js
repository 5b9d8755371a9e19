/* A second tap while the first is on its way does nothing. The id in the form makes it harmless anyway; this spares the
   person the doubt. Whoever comes back to the page, or changes something, may send again. */
import { busyOf } from "../lib/busy.js";

export function attach(form) {
  const busy = busyOf(form);
  let isBusy = false;

  function rest() {
    isBusy = false;
    busy.rest();
  }

  form.addEventListener("submit", (event) => {
    if (isBusy) { event.preventDefault(); return; }
    isBusy = true;
    /* After this turn, because a button that is disabled now would not be sent with the form. */
    setTimeout(() => busy.start(event.submitter ?? undefined));
  });
  form.addEventListener("input", () => { if (isBusy) rest(); });
  form.addEventListener("htmx:finally:request", rest);
  window.addEventListener("pageshow", (event) => { if (event.persisted) rest(); });
}
