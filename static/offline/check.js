/* The rules of app/intake/rules.py, answers.py and places.py, before anything is sealed: what is sealed is never refused, so
   it is looked at here. Limits and sentences come from the page. What only the server can know it asks through the code. */
import { fill } from "../js/lib/words.js";
import { valuesOf } from "../js/lib/values_of.js";

const UNKNOWN = "unknown";
const WHOLE = /^-?[0-9]{1,9}$/;
const NUMBER = /^-?[0-9]{1,9}(?:\.[0-9]{1,6})?$/;
const PHONE_SIGNS = /^[0-9+\-()/ .转xX#]+$/;
const [OLDEST, NEWEST] = ["1950-01-01", "2100-12-31"];
const COORDINATES = /\d{1,3}(?:\.\d+|\s*[°度]).*\d{1,3}(?:\.\d+|\s*[°度])/s;

const plain = (typed) => typed.slice(0, 40).normalize("NFKC").trim().replace(/[, ]/g, "");

function numberFault(texts, { low, high }, label, isWhole, typed) {
  if (!(isWhole ? WHOLE : NUMBER).test(plain(typed))) return fill(isWhole ? texts.whole : texts.number, { label });
  const said = Number(plain(typed));
  if (low !== undefined && said < Number(low)) return fill(texts.low, { label, low });
  if (high !== undefined && said > Number(high)) return fill(texts.high, { label, high });
  return "";
}

/* Only against fixed days: this phone's own clock may be a year off, and then it is the last to say what lies ahead. */
const dayFault = (texts, label, typed) => (typed.slice(0, 10) < OLDEST || typed.slice(0, 10) > NEWEST ? fill(texts.day, { label }) : "");

function answerFault(question, texts, values) {
  const { question: name, kind, label } = question.dataset;
  const [typed] = values.all(name).filter((value) => value.trim());
  if (typed === undefined) {
    const isUnknown = values.one(`${name}_unknown`) === "yes";
    return "required" in question.dataset && !isUnknown ? fill(texts.required, { label }) : "";
  }
  if (kind === "int" || kind === "number") return numberFault(texts, question.dataset, label, kind === "int", typed);
  return kind === "date" || kind === "datetime" ? dayFault(texts, label, typed) : "";
}

function placeFaults(texts, values) {
  const hasPosition = ["place_lat", "place_lon"].every((name) => values.one(name).trim() && Number.isFinite(Number(values.one(name))));
  const town = values.one("place_town");
  const isTold = hasPosition || (town && town !== UNKNOWN) || values.one("place_words").trim();
  const pasted = values.one("place_pasted");
  if (isTold) return [];
  if (!pasted.trim()) return [["place", texts.place]];
  return COORDINATES.test(pasted.normalize("NFKC")) ? [] : [["place_pasted", texts.pasted]];
}

function wordsFaults(texts, values, photos) {
  const { wordsLeast, wordsMost } = texts;
  const words = values.one("words");
  if ([...words].length > Number(wordsMost)) return [["words", fill(texts.wordsLong, { most: wordsMost })]];
  const said = [...words.replace(/\s/g, "")].length;
  const isOptional = "wordsOptional" in texts;
  if (said >= Number(wordsLeast) || (isOptional && photos)) return [];
  return [["words", fill(isOptional ? texts.wordsOrPhoto : texts.wordsFew, { least: wordsLeast })]];
}

function isPhone(typed) {
  const signs = typed.normalize("NFKC").trim();
  const digits = signs.replace(/[^0-9]/g, "").length;
  return signs.length <= 40 && digits >= 7 && digits <= 15 && PHONE_SIGNS.test(signs);
}

function contactFaults(texts, values) {
  const [name, phone, words] = ["contact_name", "contact_phone", "contact_words"].map(values.one);
  if (![name, phone, words].some((typed) => typed.trim())) return [];
  const faults = [];
  if (phone.trim() && !isPhone(phone)) faults.push(["contact_phone", texts.phone]);
  if (values.one("contact_consent") !== "yes") faults.push(["contact_consent", texts.consent]);
  return faults;
}

/* Pairs of field and sentence, in the order of the page. */
export function check(form) {
  const texts = form.querySelector("[data-check]").dataset;
  const values = valuesOf(form);
  const photos = form.querySelectorAll(".photo-slot").length;
  /* What is owed about personal data, or a photo that lies half covered: the picker keeps the sentence. */
  const { owes } = form.querySelector('[data-behaviour~="photo-picker"]')?.dataset ?? {};
  const questions = [...form.querySelectorAll(".question:not([hidden])")];
  return [
    ...(owes ? [["photos", owes]] : []),
    ...placeFaults(texts, values),
    ...questions.map((question) => [question.dataset.question, answerFault(question, texts, values)]).filter(([, text]) => text),
    ...wordsFaults(texts, values, photos),
    ...contactFaults(texts, values),
  ];
}
