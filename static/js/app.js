/* Gives every element with data-behaviour="name" the behaviour of that name, now and after each swap by htmx, which only
   the office's pages load (desk.js). */
import { behaviours } from "virtual:behaviours";

const attached = new WeakSet();

function bring(root) {
  const found = root.matches?.("[data-behaviour]") ? [root] : [];
  for (const element of [...found, ...root.querySelectorAll("[data-behaviour]")]) {
    if (attached.has(element)) continue;
    attached.add(element);
    for (const name of element.dataset.behaviour.split(" ")) {
      /* One broken behaviour must not take the others with it: the form beneath works without any. */
      try { if (behaviours[name]) { behaviours[name](element); element.classList.add("is-live"); } }
      catch (error) { console.error(`behaviour ${name}`, error); }
    }
  }
}

document.documentElement.classList.add("has-script");
bring(document.documentElement);
document.addEventListener("htmx:after:process", (event) => bring(event.target instanceof Element ? event.target : document.documentElement));
