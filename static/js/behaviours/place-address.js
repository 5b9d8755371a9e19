/* Words for the position just taken, where the installation has a geocoder. The page sends a rounded position, and only
   when asked to; what comes back is written into the box for words if that is still empty, else only said. */
import { fill } from "../lib/words.js";

const PATIENCE_MS = 6000;
const DECIMALS = 3;

export function attach(box) {
  const texts = box.dataset;
  const place = box.closest("[data-behaviour~=place]");
  const [lat, lon] = ["lat", "lon"].map((name) => place.querySelector(`[data-place-${name}]`));
  const words = place.querySelector("[name=place_words]");
  const [button, said] = ["ask", "said"].map((name) => box.querySelector(`[data-address-${name}]`));
  const label = button.querySelector("span");
  const asking = label.textContent;

  function show() {
    box.hidden = !(lat.value && lon.value);
    said.hidden = true;
  }

  function say(text) {
    said.hidden = false;
    said.textContent = text;
  }

  async function asked() {
    const round = (input) => Number(input.value).toFixed(DECIMALS);
    const answer = await fetch(texts.ask, {
      method: "POST",
      body: new URLSearchParams({ lat: round(lat), lon: round(lon) }),
      signal: AbortSignal.timeout?.(PATIENCE_MS),
    });
    return answer.ok ? (await answer.text()).trim() : "";
  }

  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled")) return;
    /* Not `disabled`: the keyboard's place on the page would be lost. */
    button.setAttribute("aria-disabled", "true");
    label.textContent = texts.textBusy;
    const found = await asked().catch(() => "");
    button.removeAttribute("aria-disabled");
    label.textContent = asking;
    if (!found) return say(texts.textNone);
    if (words.value.trim()) return say(fill(texts.textTold, { words: found }));
    words.value = found;
    words.dispatchEvent(new Event("input", { bubbles: true }));
    say(texts.textFilled);
  });
  lat.addEventListener("change", show);
  place.closest("form")?.addEventListener("draft:restored", show);
  show();
}
