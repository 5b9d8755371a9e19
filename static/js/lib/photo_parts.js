/* Parts of a picture to hide, drawn by finger, mouse or keyboard. What is sent is one line a part, in percent of the
   upright picture: the same lines that somebody without scripts types. */
import { boxes } from "./boxes.js";

export function drawing(view, pane, form, { isOpen }) {
  const layer = pane.picture.querySelector("[data-parts]");
  const lines = form.querySelector("[name=parts]");
  const label = form.querySelector("[name=part-label]");
  const count = form.querySelector("[data-count]");
  const press = view.querySelector("[data-act=redact]");
  const adder = form.querySelector("[data-add]");
  let how = "solid";
  let isOn = false;

  const parts = boxes(layer, pane.frame, { isOn: () => isOn, tell, rest: adder, picked: (part) => { label.value = part?.word ?? ""; } });

  function tell() {
    const all = [...layer.querySelectorAll(".part")];
    for (const part of all) Object.assign(part, { how: part.how ?? how, word: part.word ?? "" });
    lines.value = all.map(({ shape: { left, top, right, bottom }, how: kind, word }) => [left, top, right, bottom].map((value) => value.toFixed(2)).concat(kind, word).join(",")).join("\n");
    all.forEach((part, at) => {
      part.classList.toggle("part--mosaic", part.how === "mosaic");
      part.firstChild.textContent = part.word ? `${at + 1} ${part.word}` : `${at + 1}`;
      part.setAttribute("aria-label", `${at + 1} ${part.word}`);
    });
    count.textContent = all.length ? count.dataset.text.replace("#", all.length) : "";
    const chosen = layer.querySelector(".part.is-chosen");
    for (const button of form.querySelectorAll("[data-how]")) button.setAttribute("aria-pressed", String(button.dataset.how === (chosen?.how ?? how)));
  }

  for (const button of form.querySelectorAll("[data-how]")) {
    button.addEventListener("click", () => {
      how = button.dataset.how;
      if (parts.chosen()) parts.chosen().how = how;
      tell();
    });
  }
  adder.addEventListener("click", () => {
    const aside = (parts.all().length % 8) * 4;
    parts.add({ left: 30 + aside, top: 30 + aside, right: 50 + aside, bottom: 50 + aside }).focus();
  });
  form.querySelector("[data-remove]").addEventListener("click", () => parts.chosen() && parts.remove(parts.chosen()));
  form.querySelector("[data-cancel]").addEventListener("click", () => { parts.clear(); toggle(false); press.focus(); });
  label.addEventListener("input", () => {
    if (!parts.chosen()) return;
    parts.chosen().word = label.value.replace(/[,，\n]/g, " ");
    tell();
  });
  /* Its box is ours, not the form's: what is sent are the lines. */
  label.removeAttribute("name");

  function toggle(open = !isOn) {
    isOn = open;
    form.toggleAttribute("data-closed", !open);
    pane.frame.classList.toggle("is-drawing", open);
    press.setAttribute("aria-pressed", String(open));
    isOpen(open);
    if (open) form.scrollIntoView({ block: "nearest" });
  }

  for (const line of lines.value.split("\n").filter((text) => text.trim())) {
    const [left, top, right, bottom, kind, ...word] = line.split(",");
    const box = [left, top, right, bottom].map(Number);
    if (box.every(Number.isFinite)) parts.add({ left: box[0], top: box[1], right: box[2], bottom: box[3] }, { how: kind === "mosaic" ? "mosaic" : "solid", word: word.join(" ") });
  }
  if (!form.hasAttribute("data-closed")) toggle(true);
  return { toggle, isOn: () => isOn };
}
