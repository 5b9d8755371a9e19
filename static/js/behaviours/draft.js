/* Keeps what is written on this phone at every change, and brings it back after a reload, a kill or a refusal.
   A draft remembers the id its form was served with: should the post have arrived although its answer did not, sending the
   draft again meets the same id and gives the same receipt. Two tabs never write one draft: each holds a lock on its own. */
import { hasServedWords, putValues, readValues } from "../lib/form_values.js";
import { randomId } from "../lib/random_id.js";
import { opening } from "../lib/opening.js";
import { sending } from "../lib/sending.js";
import * as queue from "../../offline/queue.js";

const REST_MS = 250;
const LOCK_PATIENCE_MS = 500;
const FORM_ID = "form_id";
const HIDDEN = [FORM_ID];

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
  const { category } = form.dataset;
  const find = (name) => form.querySelector(`[data-draft-${name}]`);
  const [notice, clear, trouble] = ["notice", "clear", "trouble"].map(find);
  const picker = form.querySelector('[data-behaviour~="photo-picker"]');
  const served = readValues(form, HIDDEN);
  const idBox = form.elements.namedItem(FORM_ID);
  const ids = new Map(); /* file in the picker -> id of its record */
  const paths = new Map(); /* file in the picker -> from the camera or the album */
  const marks = new Map(); /* file in the picker -> what was done about personal data in it */
  let files = [];
  let held = []; /* ids of photos the server already has, from a form it gave back */
  let draft = null;
  let isTouched = false;
  let isPosted = false; /* went out as a plain form at least once, and may have arrived */
  let isOver = false; /* sealed and in the outbox: nothing of it is written here again */
  let timer = 0;
  let line = Promise.resolve();

  function own() {
    if (!draft) {
      draft = { id: randomId() };
      claim(draft.id);
    }
    return draft;
  }

  async function records(fresh) {
    const made = [];
    for (const file of fresh) {
      const { name, type, lastModified } = file;
      made.push({ id: randomId(), name, type, lastModified, path: paths.get(file), bytes: await file.arrayBuffer() });
    }
    return made;
  }

  async function write() {
    if (isOver) return undefined;
    const values = readValues(form, HIDDEN);
    const now = [...files];
    if (!draft && !now.length && JSON.stringify(values) === JSON.stringify(served)) return undefined;
    const { id } = own();
    const fresh = now.filter((file) => !ids.has(file));
    const made = await records(fresh);
    const gone = [...ids.keys()].filter((file) => !now.includes(file));
    const photos = [...held, ...now.map((file) => ids.get(file) ?? made[fresh.indexOf(file)].id)];
    const said = Object.fromEntries(now.map((file, at) => [photos[held.length + at], marks.get(file) ?? ""]));
    const kept = { id, category, name: form.dataset.name, formId: idBox?.value, values, photos, marks: said, isPosted, at: Date.now() };
    await queue.keep(kept, made, gone.map((file) => ids.get(file)));
    fresh.forEach((file, index) => ids.set(file, made[index].id));
    gone.forEach((file) => ids.delete(file));
    if (trouble) trouble.hidden = true;
    return kept;
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
      marks.set(file, draft.marks?.[id] ?? "");
      files.push(file);
    }
    const detail = { files: [...files], paths: found.map(({ path }) => path), marks: files.map((file) => marks.get(file)) };
    if (found.length) picker?.dispatchEvent(new CustomEvent("photos:put", { detail }));
  }

  /* The draft as it stands in the store once everything is written; what could not be written is the caller's to know. */
  function settle() {
    clearTimeout(timer);
    timer = 0;
    own();
    const written = line.then(write);
    line = written.catch(() => { if (trouble) trouble.hidden = false; });
    return written;
  }

  async function begin() {
    const waiting = await queue.draftsOf(category);
    const open = (one) => { [draft, isPosted] = [one, Boolean(one.isPosted)]; };
    const refused = waiting.find((one) => one.formId === idBox?.value);
    if (refused && document.querySelector(".error-summary")) {
      /* The server gave the form back with its words, and either has the photos or could not put them into the boxes. */
      open(refused);
      claim(draft.id);
      if (form.elements.namedItem("held_photo")) held = refused.photos;
      else await bringPhotos();
      return;
    }
    const wish = opening.take();
    if (hasServedWords(form) || wish === opening.FRESH) return;
    waiting.sort((one, other) => Number(other.id === wish) - Number(one.id === wish));
    for (const one of waiting) {
      if (isTouched || !(await claim(one.id)) || isTouched) continue;
      open(one);
      putValues(form, one.values, HIDDEN);
      await bringPhotos();
      if (notice) notice.hidden = false;
      form.dispatchEvent(new CustomEvent("draft:restored"));
      return;
    }
  }

  async function empty() {
    clearTimeout(timer);
    timer = 0;
    const id = draft?.id;
    draft = null;
    [files, held] = [[], []];
    ids.clear();
    form.reset();
    putValues(form, served, HIDDEN);
    if (notice) notice.hidden = true;
    form.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    if (id) await queue.drop(id);
  }

  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("photos", (event) => {
    const before = files;
    files = event.detail.files;
    const isMarked = files.some((file, at) => (marks.get(file) ?? "") !== (event.detail.marks?.[at] ?? ""));
    files.forEach((file, at) => { paths.set(file, event.detail.paths?.[at]); marks.set(file, event.detail.marks?.[at]); });
    if (files.length > before.length && !ids.size) queue.askToStay();
    if (isMarked || files.some((file) => !ids.has(file)) || files.length !== ids.size) { isTouched = true; save(); }
  });
  form.addEventListener("draft:settle", (event) => { event.detail.answer = settle(); });
  form.addEventListener("draft:over", () => { isOver = true; clearTimeout(timer); timer = 0; });
  window.addEventListener("pageshow", (event) => { if (event.persisted && isOver) location.reload(); });
  form.addEventListener("submit", () => { sending.note(own().id); isPosted = true; save(); });
  /* Another one here: this draft stays as it is, the page comes again with nothing on it. */
  find("another")?.addEventListener("click", async () => {
    if (timer) save();
    await line;
    opening.fresh();
    location.reload();
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
