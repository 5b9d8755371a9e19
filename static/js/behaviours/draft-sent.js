/* On the receipt: the server holds the report, so this phone's draft of it goes. Only where this very page is the answer to
   the post of this tab: it was reached by a redirect, and from the form that said it was sending. */
import { drop } from "../../offline/queue.js";
import { sending } from "../lib/sending.js";

export function attach() {
  const sent = sending.read();
  const [arrival] = performance.getEntriesByType("navigation");
  if (!sent || !arrival?.redirectCount || document.referrer !== sent.from) return;
  sending.forget();
  drop(sent.draft).catch(() => {});
}
