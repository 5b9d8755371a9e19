/* What the photo picker does about personal data: a button that opens the place where a photo is covered, a tick where a word
   is owed, and what the form says of each photo. Loaded with the first photo. */
import { fill } from "../lib/words.js";

const MB = 1024 * 1024;

/* The place and its style sheet from the page that holds both, as it comes or as the worker keeps it (sw.js). */
async function paneFrom(address) {
  const answer = await fetch(address).then((found) => (found.ok ? found : null), () => null) ?? await window.caches?.match(address, { ignoreVary: true });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const sheet = document.importNode(page.querySelector("[data-mask-sheet]"));
  const isDressed = new Promise((resolve, reject) => { sheet.onload = resolve; sheet.onerror = reject; });
  document.head.append(sheet);
  await isDressed;
  return page.querySelector("[data-mask-page]");
}

export function marking(picker, { changed, replaced }) {
  const { masking, maskingPage, maxMb } = picker.dataset;
  const texts = picker.dataset;
  const home = picker.querySelector("[data-mask-home]");
  const said = picker.querySelector("[data-photo-marks]");
  const isOwed = masking === "required";
  let photos = [];
  let open = null; /* the photo that is being covered */

  /* Both at once and early: the signal may be gone when the finger is there. Asked for again if it did not come. */
  let coming = null;
  function bring() {
    coming ??= Promise.all([import("./pane.js"), paneFrom(maskingPage)]).catch((error) => { coming = null; throw error; });
    return coming;
  }
  bring().catch(() => {});

  const coveredIn = ({ mark }) => Number(/^masked:(\d+)$/.exec(mark ?? "")?.[1] ?? 0);
  const find = ({ item }, name) => item.querySelector(`[data-photo-${name}]`);

  function owes() {
    if (home.querySelector("[data-has-parts]")) return texts.textHalf;
    const left = isOwed ? photos.filter(({ mark }) => !mark).length : 0;
    return left ? fill(texts.textOwes, { n: left }) : "";
  }

  function say() {
    const sentence = owes();
    if (sentence) picker.dataset.owes = sentence;
    else delete picker.dataset.owes;
    said.value = photos.map(({ mark }) => mark ?? "").join(",");
  }

  function draw(now) {
    photos = now;
    photos.forEach((photo, index) => {
      const [press, covered, tick] = ["mask", "covered", "clear"].map((name) => find(photo, name));
      const parts = coveredIn(photo);
      press.hidden = Boolean(photo.isBlank);
      press.setAttribute("aria-label", fill(texts.textMask, { n: index + 1 }));
      covered.hidden = !parts;
      covered.textContent = fill(texts.textCovered, { n: parts });
      if (!tick) return;
      const label = tick.closest("label");
      /* A photo that was covered needs no word; of one that cannot be drawn here, another one is honest. */
      label.hidden = parts > 0;
      tick.checked = ["clear", "as_is"].includes(photo.mark);
      label.querySelector("[data-photo-words]").textContent = photo.isBlank ? texts.textAsIs : texts.textClear;
    });
    say();
  }

  async function cover(photo) {
    leave();
    open = photo;
    const title = find(photo, "mask").getAttribute("aria-label");
    let made = null;
    try {
      const [{ openPane }, template] = await bring();
      if (open !== photo) return;
      made = await openPane(home, template, photo.file, { title, name: texts.textName, mostBytes: Number(maxMb) * MB });
    } catch (error) {
      console.warn("masking", error);
      picker.dispatchEvent(new CustomEvent("photos:tell", { detail: texts.textNoPane }));
    }
    if (open === photo) open = null;
    if (made && photos.includes(photo)) {
      photo.mark = `masked:${coveredIn(photo) + made.parts}`;
      photo.isHeld = true;
      replaced(photo, made.file);
    }
    say();
    if (photos.includes(photo)) find(photo, "mask").focus();
  }

  function leave() {
    home.firstElementChild?.dispatchEvent(new CustomEvent("mask:leave"));
  }

  new MutationObserver(say).observe(home, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-has-parts"] });

  /* A plain post asks here; on the other way the same is said with all that is to be put right (offline/check.js). */
  const form = picker.closest("form");
  document.addEventListener("submit", (event) => {
    if (event.target !== form || !picker.dataset.owes || "seals" in form.dataset) return;
    event.preventDefault();
    event.stopPropagation();
    picker.dispatchEvent(new CustomEvent("photos:tell", { detail: picker.dataset.owes }));
  }, true);

  return {
    draw,
    watch(photo) {
      find(photo, "mask").addEventListener("click", () => cover(photo));
      find(photo, "clear")?.addEventListener("change", ({ target }) => {
        photo.mark = target.checked ? (photo.isBlank ? "as_is" : "clear") : "";
        changed();
      });
    },
    left(photo) {
      if (open === photo) leave();
    },
  };
}
