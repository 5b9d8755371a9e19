/* From a form to the JSON of the reports door (app/intake/schemas.py, ReportIn). Nothing is guessed here: answers travel as
   they were typed, and the server reads them by the rules by which it reads the form. */
import { valuesOf } from "../js/lib/values_of.js";

const number = (typed) => (typed.trim() && Number.isFinite(Number(typed)) ? Number(typed) : null);

function placeOf(values) {
  const source = values.one("place_source") || "browser";
  const [lat, lon] = ["place_lat", "place_lon"].map((name) => number(values.one(name)));
  const place = { town: values.one("place_town") || null, words: values.one("place_words"), pasted: values.one("place_pasted") };
  if (place.pasted.trim()) place.datum = values.one("place_datum") || "gcj02";
  if (lat === null || lon === null) return place;
  const [accuracy, at] = [number(values.one("place_accuracy_m")), values.one("place_fixed_at")];
  Object.assign(place, { lat, lon, source, accuracy_m: accuracy, fixed_at: at || null });
  if (source === "pin" && values.one("place_pin_datum")) place.pin_datum = values.one("place_pin_datum");
  return place;
}

function answersOf(form, values) {
  const [answers, unknown] = [{}, []];
  for (const question of form.querySelectorAll(".question:not([hidden])")) {
    const name = question.dataset.question;
    const key = name.replace(/^q_/, "");
    const said = values.all(name).filter((value) => value.trim());
    if (said.length) answers[key] = question.dataset.kind === "multi" ? said : said[0];
    else if (values.one(`${name}_unknown`) === "yes") unknown.push(key);
  }
  return { answers, unknown };
}

function contactOf(values) {
  const [name, phone, words] = ["contact_name", "contact_phone", "contact_words"].map(values.one);
  return [name, phone, words].some((typed) => typed.trim()) ? { name, phone, words, consent: true } : null;
}

export function packed(form, secret, photos) {
  const values = valuesOf(form);
  return {
    category: form.dataset.category,
    secret,
    words: values.one("words"),
    ...answersOf(form, values),
    place: placeOf(values),
    photos,
    contact: contactOf(values),
    source_stamp: values.one("source_stamp"),
    via: values.one("via"),
    is_data_saving: photos.some(({ fidelity }) => fidelity === "phone_preview"),
    locale: document.documentElement.lang === "en" ? "en" : "zh",
    written_at: new Date().toISOString(),
  };
}
