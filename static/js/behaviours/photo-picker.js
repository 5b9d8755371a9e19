/* Two inputs become one list: picks add up, each photo can be taken out again, and what is posted is what is shown.
   All travel in the album's input, in the order of the list. Each file is read at once, because phones hand out files that
   vanish later, and one vanished file would make the browser give up the whole post.
   Says "photos" {files, paths} whenever the list has changed; takes "photos:put" {files, paths} from a restored draft, and
   answers "photos:settle" when nothing is being read any more. */
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
      item.querySelector("button").setAttribute("aria-label", fill(texts.textRemove, place));
      if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
    });
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
    const detail = { files: held.map(({ file }) => file), paths: held.map(({ path }) => path) };
    picker.dispatchEvent(new CustomEvent("photos", { bubbles: true, detail }));
  }

  function show(file, isHeld, path) {
    const item = slot.content.firstElementChild.cloneNode(true);
    const [image, state] = [item.querySelector("img"), item.querySelector("[data-photo-state]")];
    const photo = { file, item, isHeld, path, address: URL.createObjectURL(file) };
    /* HEIC is kept and sent untouched, only this browser cannot draw it. */
    image.addEventListener("error", () => { image.hidden = true; state.hidden = false; });
    image.src = photo.address;
    item.querySelector("button").addEventListener("click", () => takeOut(photo));
    photos.push(photo);
    return photo;
  }

  function remove(photo) {
    URL.revokeObjectURL(photo.address);
    photo.item.remove();
    photos = photos.filter((other) => other !== photo);
  }

  function takeOut(photo) {
    const at = photos.indexOf(photo);
    remove(photo);
    say([]);
    changed();
    const next = photos[Math.min(at, photos.length - 1)];
    (next ? next.item.querySelector("button") : album).focus();
  }

  async function hold(photo) {
    const { file } = photo;
    try {
      const bytes = await file.arrayBuffer();
      if (!photos.includes(photo)) return;
      if (!bytes.byteLength) throw new Error("empty");
      photo.file = new File([bytes], file.name, { type: file.type, lastModified: file.lastModified });
      photo.isHeld = true;
    } catch {
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
      if (photos.some((photo) => isSame(photo.file, file))) refused.push(fill(texts.textTwice, { name: file.name }));
      else if (file.size > maxMb * MB) refused.push(fill(texts.textTooLarge, { name: file.name, limit: maxMb }));
      else if (photos.length >= limit) over += 1;
      else taken.push(show(file, false, path));
    }
    if (over) refused.push(fill(texts.textTooMany, { n: over, limit }));
    say(refused);
    post();
    draw();
    for (const photo of taken) await hold(photo);
  }

  const take = (files, path) => { reading = Promise.all([reading, add(files, path)]); };
  for (const input of inputs) input.addEventListener("change", () => take([...input.files], input.dataset.photoInput));
  picker.addEventListener("photos:settle", (event) => { event.detail.answer = reading; });
  picker.addEventListener("photos:put", (event) => {
    const room = Math.max(0, limit - photos.length);
    event.detail.files.slice(0, room).forEach((file, at) => show(file, true, event.detail.paths?.[at]));
    changed();
  });
  picker.closest("form")?.addEventListener("reset", () => { [...photos].forEach(remove); say([]); setTimeout(changed); });
  /* Somebody may have chosen before the script was there. */
  const early = inputs.flatMap((input) => [...input.files]);
  if (early.length) take(early);
}
