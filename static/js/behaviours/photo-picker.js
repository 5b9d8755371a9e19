/* Two inputs become one list: picks add up, each photo can be taken out again, and what is posted is what is shown.
   All travel in the album's input, in the order of the list. Each file is read at once, because phones hand out files that
   vanish later, and one vanished file would make the browser give up the whole post.
   Says "photos" {files, paths, marks} whenever the list has changed; takes "photos:put" with the same from a restored draft,
   and answers "photos:settle" when nothing is being read any more.
   Where the page offers it, a photo can be covered before it is sent (js/masking/). What was done about personal data is the
   photo's mark: masked:n, clear, as_is or nothing. While one is owed, or a photo lies half covered, `data-owes` says so, and
   nothing leaves: neither by way of the outbox (offline/check.js reads it) nor as a plain post. */
import { fill } from "../lib/words.js";

const MB = 1024 * 1024;

export function attach(picker) {
  const texts = picker.dataset;
  const find = (name) => picker.querySelector(`[data-photo-${name}]`);
  const inputs = [...picker.querySelectorAll("[data-photo-input]")];
  const album = inputs.find((input) => input.multiple);
  const [list, count, told, slot] = ["list", "count", "told", "slot"].map(find);
  const limit = Number(texts.limit);
  const maxMb = Number(texts.maxMb) || 25;
  /* Thrown before anything is changed: then the browser's own two boxes stay visible and are posted as they are. */
  if (!album || !slot || !new DataTransfer().items) throw new Error("the plain file boxes stay");
  let photos = [];
  let reading = Promise.resolve();
  let marks = null;

  async function bringMarks() {
    if (!texts.masking || marks) return;
    try {
      const { marking } = await import("../masking/marks.js");
      marks ??= marking(picker, { changed, replaced: (photo, file) => { show(photo, file); changed(); } });
      photos.forEach(marks.watch);
      draw();
    } catch (error) {
      /* Then the two sentences for who has no script are asked. */
      console.warn("masking", error);
      picker.classList.add("is-unmarked");
    }
  }

  function post() {
    const all = new DataTransfer();
    for (const { file } of photos) all.items.add(file);
    for (const input of inputs) if (input !== album) input.value = "";
    album.files = all.files;
  }

  function draw() {
    photos.forEach(({ item }, index) => {
      const place = { n: index + 1 };
      item.querySelector("img").alt = fill(texts.textPhoto, place);
      item.querySelector("[data-photo-remove]").setAttribute("aria-label", fill(texts.textRemove, place));
      if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
    });
    marks?.draw(photos);
    count.textContent = photos.length ? fill(texts.textCount, { n: photos.length, limit }) : "";
  }

  function say(sentences) {
    told.hidden = !sentences.length;
    told.replaceChildren(...sentences.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
  }

  function changed() {
    post();
    draw();
    const held = photos.filter((photo) => photo.isHeld);
    const detail = { files: held.map(({ file }) => file), paths: held.map(({ path }) => path), marks: held.map(({ mark }) => mark ?? "") };
    picker.dispatchEvent(new CustomEvent("photos", { bubbles: true, detail }));
  }

  function show(photo, file) {
    if (photo.address) URL.revokeObjectURL(photo.address);
    Object.assign(photo, { file, address: URL.createObjectURL(file) });
    photo.item.querySelector("img").src = photo.address;
  }

  function put(file, isHeld, path, mark) {
    const item = slot.content.firstElementChild.cloneNode(true);
    const [image, state] = [item.querySelector("img"), item.querySelector("[data-photo-state]")];
    const photo = { item, isHeld, path, mark, chosen: file };
    /* HEIC is kept and sent untouched, only this browser cannot draw it. */
    image.addEventListener("error", () => { image.hidden = true; state.hidden = false; photo.isBlank = true; draw(); });
    show(photo, file);
    item.querySelector("[data-photo-remove]").addEventListener("click", () => takeOut(photo));
    marks?.watch(photo);
    photos.push(photo);
    return photo;
  }

  function remove(photo) {
    URL.revokeObjectURL(photo.address);
    marks?.left(photo);
    photo.item.remove();
    photos = photos.filter((other) => other !== photo);
  }

  function takeOut(photo) {
    const at = photos.indexOf(photo);
    remove(photo);
    say([]);
    changed();
    const next = photos[Math.min(at, photos.length - 1)];
    (next ? next.item.querySelector("[data-photo-remove]") : album).focus();
  }

  async function hold(photo) {
    const { file } = photo;
    try {
      const bytes = await file.arrayBuffer();
      if (!photos.includes(photo)) return;
      if (!bytes.byteLength) throw new Error("empty");
      /* Covered meanwhile: then that is the photo, and these bytes are nobody's any more. */
      if (photo.file === file) photo.file = new File([bytes], file.name, { type: file.type, lastModified: file.lastModified });
      photo.isHeld = true;
    } catch {
      if (photo.file !== file) return;
      remove(photo);
      say([fill(texts.textUnreadable, { name: file.name })]);
    }
    changed();
  }

  const isSame = (one, other) => one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;

  async function add(files, path) {
    const refused = [];
    const taken = [];
    let over = 0;
    for (const file of files) {
      if (photos.some((photo) => isSame(photo.chosen, file))) refused.push(fill(texts.textTwice, { name: file.name }));
      else if (file.size > maxMb * MB) refused.push(fill(texts.textTooLarge, { name: file.name, limit: maxMb }));
      else if (photos.length >= limit) over += 1;
      else taken.push(put(file, false, path));
    }
    if (over) refused.push(fill(texts.textTooMany, { n: over, limit }));
    say(refused);
    post();
    draw();
    for (const photo of taken) await hold(photo);
  }

  const take = (files, path) => { reading = Promise.all([reading, add(files, path), bringMarks()]); };
  for (const input of inputs) input.addEventListener("change", () => take([...input.files], input.dataset.photoInput));
  picker.addEventListener("photos:settle", (event) => { event.detail.answer = reading; });
  picker.addEventListener("photos:tell", (event) => { say([event.detail]); told.scrollIntoView({ block: "center" }); album.focus({ preventScroll: true }); });
  picker.addEventListener("photos:put", (event) => {
    const room = Math.max(0, limit - photos.length);
    event.detail.files.slice(0, room).forEach((file, at) => put(file, true, event.detail.paths?.[at], event.detail.marks?.[at]));
    changed();
    reading = Promise.all([reading, bringMarks()]);
  });
  picker.closest("form")?.addEventListener("reset", () => { [...photos].forEach(remove); say([]); setTimeout(changed); });
  /* Somebody may have chosen before the script was there. */
  const early = inputs.flatMap((input) => [...input.files]);
  if (early.length) take(early);
}
