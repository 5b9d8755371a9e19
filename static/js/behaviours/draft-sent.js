/* On the receipt: the server holds it, so the phone's draft of it goes. */
import { dropSent } from "../../offline/queue.js";

export function attach(receipt) {
  if (receipt.dataset.formId) dropSent(receipt.dataset.formId).catch(() => {});
}
