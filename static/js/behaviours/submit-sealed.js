/* 提交, with or without a signal, goes one way: looked at by the same rules as the server's, sealed into the outbox, and out
   from there. Where the browser cannot seal or has no room, the form is posted as it stands, as it would be without script.
   What is heavy is loaded at the first touch of the form, so that it is there when the signal is not. */
import { busyOf } from "../lib/busy.js";

const load = () => import("../../offline/sealing.js");

function canSeal(form) {
  return Boolean(document.documentElement.dataset.sealingKey && window.isSecureContext && crypto.subtle && window.indexedDB && !form.elements.namedItem("held_photo"));
}

/* A signed-in forwarder's stamp stays on the phone; the kept copy of the form, which is nobody's, takes it from there. */
async function keepSource(form) {
  const served = form.elements.namedItem("source_stamp");
  const isKept = "kept" in document.body.dataset;
  if (!served && !isKept) return;
  const { keepStamp, stamp } = await import("../../offline/outbox.js");
  if (served) { await keepStamp(served.value, form.dataset.forwarder); return; }
  const found = await stamp();
  if (!found) return;
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "source_stamp", value: found.value }));
  const notice = document.querySelector("[data-forwarder-notice]");
  notice.querySelector("[data-forwarder-name]").textContent = found.name;
  notice.hidden = false;
}

export function attach(form) {
  if (!canSeal(form)) return;
  const busy = busyOf(form);
  const trouble = form.querySelector("[data-sealed-trouble]");
  let isPlain = false;
  let isBusy = false;

  /* What belongs to a step before this one settles first: photos still being read, words not yet written. */
  function settled(name, target) {
    const event = new CustomEvent(name, { detail: {} });
    target?.dispatchEvent(event);
    return event.detail.answer;
  }

  /* True when the form has been handed over: from then on it must not be sent a second time. */
  async function submit() {
    const { check, sealDraft, told, arrive } = await load();
    await settled("photos:settle", form.querySelector('[data-behaviour~="photo-picker"]'));
    if (told(form, check(form))) return false;
    const draft = await settled("draft:settle", form);
    /* It may have arrived already, under the form's own id: only the same way again is sure to be the same report. */
    if (draft.isPosted) throw new Error("posted before");
    await sealDraft(form, draft);
    settled("draft:over", form);
    await arrive(form).catch(() => location.replace(form.dataset.outbox));
    return true;
  }

  function rest() {
    isBusy = false;
    busy.rest();
  }

  function plainly(submitter) {
    /* Without a signal a post would only lead away from what is written. */
    if (navigator.onLine === false) {
      if (trouble) { trouble.hidden = false; trouble.scrollIntoView({ block: "center" }); }
      return;
    }
    isPlain = true;
    delete form.dataset.seals;
    if (form.requestSubmit) form.requestSubmit(submitter ?? undefined);
    else form.submit();
  }

  keepSource(form).catch(() => {});
  form.noValidate = true;
  form.dataset.seals = ""; /* what is owed before anything leaves is told with all the rest (offline/check.js) */
  for (const touch of ["focusin", "change", "photos"]) form.addEventListener(touch, () => { load().catch(() => {}); }, { once: true });
  form.addEventListener("submit", async (event) => {
    if (isPlain || form.elements.namedItem("homepage")?.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (isBusy) return;
    isBusy = true;
    busy.start(event.submitter ?? undefined);
    if (trouble) trouble.hidden = true;
    try {
      if (await submit()) return;
      rest();
    } catch (error) {
      console.warn("sealing", error);
      rest();
      plainly(event.submitter);
    }
  });
}
