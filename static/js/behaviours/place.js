/* The phone's own position with one tap: the first fix at once, better ones for a while after, said with its error and age.
   It only fills hidden fields; the words and the town beside it are an equal way, so nothing here ever stands in the way. */
import { fill } from "../lib/words.js";

const GOOD_M = 20;
const ROUGH_M = 200;
const PATIENCE_MS = 15_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const FAILURES = { 1: "textDenied", 2: "textUnavailable", 3: "textTimeout" };

export function attach(place) {
  const texts = place.dataset;
  const find = (name) => place.querySelector(`[data-place-${name}]`);
  const [locate, found, clear, lat, lon, accuracy, at, source] =
    ["locate", "found", "clear", "lat", "lon", "accuracy-m", "fixed-at", "source"].map(find);
  const [label, words] = [locate.querySelector("span"), locate.querySelector("span").textContent];
  let watch = null;
  let patience = 0;

  /* Without a receiver a pin from the map may still stand here. */
  const canLocate = Boolean(window.isSecureContext && navigator.geolocation);

  function age() {
    const minutes = Math.floor((Date.now() - Date.parse(at.value)) / MINUTE_MS);
    if (!(minutes >= 1)) return texts.textNow;
    if (minutes < 60) return fill(texts.textMinutes, { n: minutes });
    return fill(minutes < 24 * 60 ? texts.textHours : texts.textDays, { n: Math.floor(minutes / (minutes < 24 * 60 ? 60 : 24 * 60)) });
  }

  function sentence() {
    const town = place.querySelector("select")?.selectedOptions[0];
    const values = { accuracy: accuracy.value, age: age(), place: town?.value ? town.textContent.trim() : "" };
    if (Number(accuracy.value) > ROUGH_M) return fill(texts.textRough, values);
    if (source.value === "pin") return fill(texts.textPinned, values);
    return fill(values.place ? texts.textNear : texts.textFound, values);
  }

  function say(text, isGood, isTick = false) {
    /* Growing older is seen, and not read aloud every minute. */
    found.setAttribute("aria-live", isTick ? "off" : "polite");
    found.hidden = !text;
    found.className = isGood ? "place-picker__found" : "notice notice--time";
    if (found.textContent !== text) found.textContent = text;
  }

  function show(isTick = false) {
    const isKnown = Boolean(lat.value && lon.value);
    const hadFocus = [locate, clear].includes(document.activeElement);
    locate.hidden = isKnown || !canLocate;
    clear.hidden = !isKnown;
    if (isKnown) say(sentence(), Number(accuracy.value) <= ROUGH_M, isTick);
    else say("", true);
    if (hadFocus) (isKnown ? clear : locate).focus();
  }

  function put(values) {
    [lat.value, lon.value, accuracy.value, at.value, source.value] = values;
    show();
    lat.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function rest() {
    if (watch !== null) navigator.geolocation.clearWatch(watch);
    clearTimeout(patience);
    watch = null;
    locate.removeAttribute("aria-disabled");
    label.textContent = words;
  }

  function fail(code) {
    /* Between two fixes phones say "unavailable": with one in hand that is nothing to worry about. */
    if (lat.value) return;
    rest();
    say(texts[FAILURES[code]] ?? "", false);
  }

  function take({ coords, timestamp }) {
    if (watch === null) return;
    const error = Math.max(1, Math.ceil(coords.accuracy));
    if (coords.latitude === 0 && coords.longitude === 0) return;
    if (lat.value && error >= Number(accuracy.value)) return;
    /* Some phones count this instant from another year's beginning. */
    const now = Date.now();
    const instant = Math.abs(now - timestamp) < DAY_MS ? Math.min(timestamp, now) : now;
    put([coords.latitude.toFixed(6), coords.longitude.toFixed(6), error, new Date(instant).toISOString(), "browser"]);
    if (error <= GOOD_M) rest();
  }

  locate.addEventListener("click", () => {
    if (watch !== null) return;
    /* Not `disabled`: the keyboard's place on the page would be lost. */
    locate.setAttribute("aria-disabled", "true");
    label.textContent = texts.textLocating;
    say("", true);
    watch = navigator.geolocation.watchPosition(take, ({ code }) => fail(code), { enableHighAccuracy: true, maximumAge: 30_000, timeout: PATIENCE_MS });
    patience = setTimeout(() => { fail(3); rest(); }, PATIENCE_MS + 1000);
  });
  clear.addEventListener("click", () => { rest(); put(["", "", "", "", ""]); });
  place.addEventListener("place:pinned", ({ detail }) => { rest(); put(detail); });
  place.querySelector("select")?.addEventListener("change", () => { if (lat.value) show(); });
  const form = place.closest("form");
  form?.addEventListener("reset", () => { rest(); setTimeout(() => put(["", "", "", "", ""])); });
  form?.addEventListener("draft:restored", () => show());
  setInterval(() => { if (lat.value) show(true); }, MINUTE_MS / 2);
  show();
}
