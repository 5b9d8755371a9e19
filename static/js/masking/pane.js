/* The place where a chosen photo is covered, opened below the photos: boxes by finger, mouse or keys, one step back and
   forth, nearer and along. Nothing is changed until 遮好了; then the covered picture takes the photo's place for good. */
import { boxes } from "../lib/boxes.js";
import { fill } from "../lib/words.js";
import { burn } from "./burn.js";

const STEP = 1.5;
const MOST = 6;
const HIGH = 0.56; /* of the screen's height: beside and below it a thumb can still move the page */

/* Back and forth through what the boxes were after each act. */
function history(parts, changed) {
  const kept = ["[]"];
  let at = 0;

  function show(step) {
    at = step;
    parts.clear();
    for (const shape of JSON.parse(kept[at])) parts.add(shape);
    changed();
  }

  return {
    note() {
      const now = JSON.stringify(parts.shapes());
      if (now !== kept[at]) kept.splice(at += 1, kept.length, now);
      changed();
    },
    back: () => at > 0 && show(at - 1),
    forth: () => at < kept.length - 1 && show(at + 1),
    canBack: () => at > 0,
    canForth: () => at < kept.length - 1,
  };
}

/* How near one is, and where: one finger moves while 移动 is pressed, two fingers always. */
function sight(frame, picture, image, { isFree, abort }) {
  const down = new Map();
  let zoom = 1;

  function fit() {
    const ratio = image.naturalWidth / image.naturalHeight || 1;
    const wide = Math.min(frame.clientWidth, window.innerHeight * HIGH * ratio) * zoom;
    picture.style.width = `${Math.floor(wide)}px`;
  }

  function nearer(by) {
    const [x, y] = [(frame.scrollLeft + frame.clientWidth / 2) / zoom, (frame.scrollTop + frame.clientHeight / 2) / zoom];
    zoom = Math.min(MOST, Math.max(1, zoom * by));
    fit();
    frame.scrollTo(x * zoom - frame.clientWidth / 2, y * zoom - frame.clientHeight / 2);
  }

  const apart = () => { const [a, b] = [...down.values()]; return Math.hypot(a[0] - b[0], a[1] - b[1]); };
  frame.addEventListener("pointerdown", (event) => {
    down.set(event.pointerId, [event.clientX, event.clientY]);
    if (down.size === 2) abort();
  }, true);
  frame.addEventListener("pointermove", (event) => {
    const last = down.get(event.pointerId);
    if (!last || (down.size < 2 && !isFree())) return;
    const before = down.size === 2 ? apart() : 0;
    down.set(event.pointerId, [event.clientX, event.clientY]);
    if (before > 0) nearer(apart() / before);
    frame.scrollBy((last[0] - event.clientX) / down.size, (last[1] - event.clientY) / down.size);
  });
  const lift = (event) => down.delete(event.pointerId);
  for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, lift);
  window.addEventListener("resize", fit);
  image.addEventListener("load", fit);
  return {
    fit,
    nearer: () => nearer(STEP),
    farther: () => nearer(1 / STEP),
    over() {
      for (const name of ["pointerup", "pointercancel"]) window.removeEventListener(name, lift);
      window.removeEventListener("resize", fit);
    },
  };
}

/* What becomes of the photo: { file, parts }, or null when it stays as it is. `gone` is for who opens another one. */
export function openPane(home, template, file, { title, name, mostBytes }) {
  const pane = template.content.firstElementChild.cloneNode(true);
  const find = (what) => pane.querySelector(`[data-mask-${what}]`);
  const press = (what) => pane.querySelector(`[data-mask-act=${what}]`);
  const [frame, picture, image, layer, count, trouble] = ["window", "picture", "image", "parts", "count", "trouble"].map(find);
  const texts = pane.dataset;
  const address = URL.createObjectURL(file);
  let isMoving = false;
  let isBurning = false;
  let isAmong = false;
  let past = null;

  const parts = boxes(layer, frame, { isOn: (event) => !isMoving && event.isPrimary, tell, rest: press("add"), done: () => past.note() });
  past = history(parts, () => {
    tell();
    /* The boxes are new ones after a step back or forth: the keyboard stays among them. */
    if (isAmong && !layer.contains(document.activeElement)) (parts.all().pop() ?? press("add")).focus({ preventScroll: true });
  });
  const view = sight(frame, picture, image, { isFree: () => isMoving, abort: parts.abort });

  function tell() {
    const all = parts.all();
    all.forEach((part, at) => {
      const { left, top } = part.shape;
      part.setAttribute("aria-label", fill(texts.textPart, { n: at + 1, left: Math.round(left), top: Math.round(top) }));
    });
    count.textContent = all.length ? fill(texts.textCount, { n: all.length }) : texts.textNone;
    pane.toggleAttribute("data-has-parts", all.length > 0);
    if (!past) return;
    /* Not `disabled`: a button that goes dead under the focus takes the keyboard's place in the page with it. */
    const can = { back: past.canBack(), forth: past.canForth(), remove: Boolean(parts.chosen()), done: all.length > 0 };
    for (const [what, isOpen] of Object.entries(can)) press(what).setAttribute("aria-disabled", String(!isOpen));
  }

  /* In the middle of what is seen, a little aside of the last one. */
  function add() {
    const [wide, high] = [picture.clientWidth, picture.clientHeight];
    const aside = (parts.all().length % 5) * 12;
    const x = frame.scrollLeft + Math.min(frame.clientWidth, wide) / 2 + aside;
    const y = frame.scrollTop + Math.min(frame.clientHeight, high) / 2 + aside;
    const [left, right] = [x - 45, x + 45].map((value) => (value / wide) * 100);
    const [top, bottom] = [y - 24, y + 24].map((value) => (value / high) * 100);
    parts.add({ left, top, right, bottom }).focus({ preventScroll: true });
    past.note();
  }

  function move() {
    isMoving = !isMoving;
    press("move").setAttribute("aria-pressed", String(isMoving));
    frame.classList.toggle("is-moving", isMoving);
  }

  home.replaceChildren(pane);
  pane.setAttribute("aria-label", title);
  pane.querySelector(".mask__title").textContent = title;
  image.src = address;
  tell();
  pane.scrollIntoView({ block: "start" });
  pane.focus({ preventScroll: true });

  return new Promise((resolve) => {
    function over(answer) {
      view.over();
      URL.revokeObjectURL(address);
      pane.remove();
      resolve(answer);
    }
    async function done() {
      const shapes = parts.shapes();
      if (!shapes.length || isBurning) return;
      isBurning = true;
      trouble.hidden = true;
      try {
        over({ file: await burn(file, shapes, name, mostBytes), parts: shapes.length });
      } catch (error) {
        console.warn("masking", error);
        trouble.hidden = false;
      } finally {
        isBurning = false;
      }
    }
    const stepping = (step) => () => {
      isAmong = layer.contains(document.activeElement);
      step();
      isAmong = false;
    };
    const [back, forth] = [past.back, past.forth].map(stepping);
    const acts = {
      done, add, move, back, forth, nearer: view.nearer, farther: view.farther,
      remove: () => parts.chosen() && parts.remove(parts.chosen()), cancel: () => over(null),
    };
    for (const button of pane.querySelectorAll("[data-mask-act]")) button.addEventListener("click", () => acts[button.dataset.maskAct]());
    /* Its own line of undo; and what is typed here is no word of the form. */
    pane.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !parts.all().length) over(null);
      else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") (event.shiftKey ? forth : back)();
      else return;
      event.preventDefault();
    });
    /* Whoever opens another photo leaves this one. */
    pane.addEventListener("mask:leave", () => over(null));
  });
}
