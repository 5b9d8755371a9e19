/* Keeps what is written on this phone at every change, and brings it back after a reload, a kill or a refusal.
   A draft remembers the id its form was served with: should the post have arrived although its answer did not, sending the
   draft again meets the same id and gives the same receipt. Two tabs never write one draft: each holds a lock on its own. */
import { hasServedWords, putValues, readValues } from "../lib/form_values.js";
import { randomId } from "../lib/random_id.js";
import * as queue from "../../offline/queue.js";

const REST_MS = 250;
const LOCK_PATIENCE_MS = 500;

/* True when no other tab works on this draft; ours is held until the page goes. A reload may overlap its former self. */
function claim(id) {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), LOCK_PATIENCE_MS);
    navigator.locks.request(`draft ${id}`, { signal: patience.signal }, () => {
      clearTimeout(timer);
      resolve(true);
      return new Promise(() => {});
    }).catch(() => resolve(false));
  });
}

export function attach(form) {
  const category = form.dataset.draftKey;
  const alsoHidden = (form.dataset.draftKeep ?? "").split(" ").filter(Boolean);
  const find = (name) => form.querySelector(`[data-draft-${name}]`);
  const [notice, clear, trouble] = ["notice", "clear", "trouble"].map(find);
  const picker = form.querySelector('[data-behaviour~="photo-picker"]');
  const served = readValues(form, alsoHidden);
  const ids = new Map(); /* file in the picker -> id of its record */
  let files = [];
  let draft = null;
  let isTouched = false;
  let timer = 0;
  let line = Promise.resolve();

  async function records(fresh) {
    const made = [];
    for (const file of fresh) {
      const { name, type, lastModified } = file;
      made.push({ id: randomId(), name, type, lastModified, bytes: await file.arrayBuffer() });
    }
    return made;
  }

  async function write() {
    const values = readValues(form, alsoHidden);
    const now = [...files];
    if (!draft && !now.length && JSON.stringify(values) === JSON.stringify(served)) return;
    if (!draft) {
      draft = { id: randomId(), category, formId: form.dataset.formId, photos: [] };
      claim(draft.id);
    }
    const fresh = now.filter((file) => !ids.has(file));
    const made = await records(fresh);
    const gone = [...ids.keys()].filter((file) => !now.includes(file));
    const photos = now.map((file) => ids.get(file) ?? made[fresh.indexOf(file)].id);
    await queue.keep({ ...draft, values, photos, at: Date.now() }, made, gone.map((file) => ids.get(file)));
    draft.photos = photos;
    fresh.forEach((file, index) => ids.set(file, made[index].id));
    gone.forEach((file) => ids.delete(file));
    if (trouble) trouble.hidden = true;
  }

  /* One write at a time; what changes meanwhile is in the next one. */
  function save() {
    clearTimeout(timer);
    timer = 0;
    line = line.then(write).catch(() => { if (trouble) trouble.hidden = false; });
  }

  function soon() {
    isTouched = true;
    timer ||= setTimeout(save, REST_MS);
  }

  async function bringPhotos() {
    const found = await queue.photosOf(draft);
    for (const { id, name, type, lastModified, bytes } of found) {
      const file = new File([bytes], name, { type, lastModified });
      ids.set(file, id);
      files.push(file);
    }
    if (found.length) picker?.dispatchEvent(new CustomEvent("photos:put", { detail: { files: [...files] } }));
  }

  async function begin() {
    const waiting = await queue.draftsOf(category);
    const own = waiting.find((one) => one.formId === form.dataset.formId);
    if (own && document.querySelector(".error-summary")) {
      /* The server gave the form back with its words; only the photos it could not put into the boxes. */
      draft = own;
      claim(draft.id);
      await bringPhotos();
      return;
    }
    if (hasServedWords(form)) return;
    for (const one of waiting) {
      if (isTouched || !(await claim(one.id)) || isTouched) continue;
      draft = one;
      form.dataset.formId = one.formId;
      putValues(form, one.values, alsoHidden);
      await bringPhotos();
      if (notice) notice.hidden = false;
      form.dispatchEvent(new CustomEvent("draft:restored"));
      return;
    }
  }

  async function empty() {
    clearTimeout(timer);
    timer = 0;
    const [id, formId] = [draft?.id, form.dataset.servedFormId];
    draft = null;
    files = [];
    ids.clear();
    form.dataset.formId = formId;
    form.reset();
    putValues(form, served, alsoHidden);
    notice.hidden = true;
    form.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    if (id) await queue.drop(id);
  }

  form.dataset.servedFormId = form.dataset.formId;
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("photos", (event) => {
    const before = files;
    files = event.detail.files;
    if (files.length > before.length && !ids.size) queue.askToStay();
    if (files.some((file) => !ids.has(file)) || files.length !== ids.size) { isTouched = true; save(); }
  });
  clear?.addEventListener("click", () => {
    /* Asked twice in the same place instead of in a box over the page. */
    const label = clear.querySelector("span") ?? clear;
    if (clear.dataset.textSure && label.textContent !== clear.dataset.textSure) { label.textContent = clear.dataset.textSure; return; }
    line = line.then(empty).catch(() => {});
  });
  /* The camera, another app, the end of the page: what is not yet written is written now. */
  const flush = () => { if (timer) save(); };
  window.addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") flush(); });
  line = line.then(begin).catch(() => {});
}
