/* The receipt of one item (design.md, screen 2), from what the server said when it held everything. */
import { attach as saving } from "../behaviours/save-picture.js";
import { moment } from "../lib/moment.js";
import { fill } from "../lib/words.js";

const GROUP = 4;

function groups(code) {
  const plain = code.replace(/[\s-]/g, "");
  return plain.match(new RegExp(`.{1,${GROUP}}`, "g")) ?? [];
}

function write(code, holder) {
  groups(code).forEach((group, at) => {
    if (at) holder.append(" ");
    holder.append(Object.assign(document.createElement("span"), { className: "code__group", textContent: group }));
  });
}

/* One square for each photo promised: held with a tick, or said to be declined. */
function squares(root, item, page) {
  const stands = new Map(item.receipt.photos.map((photo) => [photo.sha256, photo]));
  const holder = root.querySelector("[data-receipt-photos]");
  const pictures = item.parts.filter(({ isPreview }) => !isPreview);
  const slot = page.querySelector("[data-outbox-photo]").content.firstElementChild;
  pictures.forEach(({ digest }, at) => {
    const square = slot.cloneNode(true);
    const isHeld = stands.get(digest)?.state === "held";
    square.querySelector("[data-photo-held]").hidden = !isHeld;
    const name = fill(page.dataset.textPhoto, { n: at + 1 });
    square.querySelector(".photo__blank").append(Object.assign(document.createElement("span"), { className: "only-read", textContent: name }));
    square.querySelector(".photo__caption").textContent = isHeld ? digest.slice(0, 8) : page.dataset.textDeclined;
    holder.append(square);
  });
  holder.hidden = !pictures.length;
  root.querySelector("[data-receipt-proof]").hidden = !pictures.length;
  root.querySelector("[data-receipt-bare]").hidden = pictures.length > 0;
}

/* What was not kept, each thing once, in plain words. */
function declined(root, { receipt }, page) {
  const photos = receipt.photos.filter(({ state, reason, is_preview: isPreview }) => state === "declined" && reason !== "not_needed" && !isPreview);
  const said = new Set(photos.map(({ reason }) => page.getAttribute(`data-declined-${reason}`) ?? page.getAttribute("data-declined-other")));
  for (const { what } of receipt.declined ?? []) if (/position/.test(what)) said.add(page.dataset.textPosition);
  const holder = root.querySelector("[data-receipt-declined]");
  holder.hidden = !said.size;
  for (const text of said) {
    const notice = page.querySelector("[data-outbox-notice]").content.firstElementChild.cloneNode(true);
    notice.querySelector(".notice__words p").textContent = text;
    holder.append(notice);
  }
}

export function receipt(root, item, page) {
  const code = root.querySelector("[data-receipt-code]");
  const id = `code-${item.id}`;
  code.id = id;
  write(item.receipt.query_code, code);
  root.querySelector("[data-receipt-copy]").dataset.copyFrom = id;
  root.querySelector("[data-receipt-open]").value = item.receipt.query_code;
  root.querySelector("[data-receipt-when]").textContent = moment(item.receipt.received_at);
  root.querySelector("[data-receipt-knot]").textContent = moment(item.receipt.received_at);
  const picture = root.querySelector("[data-receipt-picture]");
  picture.dataset.fileName = page.dataset.textReceivedSaved;
  picture.href = page.dataset.picture.replace("/id/", `/${item.id}/`);
  saving(picture, { Authorization: `Report ${item.id}.${item.secret}` });
  squares(root, item, page);
  declined(root, item, page);
}
