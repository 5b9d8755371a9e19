/* Two pictures one over the other, the upper one cut at a line that a range moves: by finger, by mouse on the picture, by arrow
   keys. The pictures are those that stand side by side below; with one side empty there is nothing to lay over. */
import { fill } from "./words.js";

export function set(box) {
  const part = (name) => box.querySelector(`[data-compare-${name}]`);
  const sides = [...box.querySelectorAll("[data-compare-side]")].map((side) => [...side.querySelectorAll("img")]);
  if (sides.some((pictures) => !pictures.length)) return;
  const [stage, range] = [part("stage"), part("range")];
  const names = [...box.querySelectorAll("[data-compare-name]")].map((name) => name.textContent);
  const [below, over] = [document.createElement("img"), document.createElement("img")];
  const edge = Object.assign(document.createElement("span"), { className: "compare__edge" });
  stage.prepend(below, over, edge);
  const shown = [0, 0];

  function draw() {
    const n = Number(range.value);
    over.style.clipPath = `inset(0 0 0 ${n}%)`;
    edge.style.insetInlineStart = `${n}%`;
    range.setAttribute("aria-valuetext", fill(box.dataset.textValue, { n, before: names[0], after: names[1] }));
  }

  function load() {
    for (const [at, picture] of [below, over].entries()) {
      const from = sides[at][shown[at]];
      Object.assign(picture, { src: from.currentSrc || from.src, alt: "" });
    }
  }

  /* On the picture itself too, where people reach first. */
  function follow(event) {
    if (event.type === "pointermove" && !event.buttons) return;
    const { left, width } = stage.getBoundingClientRect();
    range.value = String(Math.round(((event.clientX - left) / width) * 100));
    draw();
  }

  range.addEventListener("input", draw);
  stage.addEventListener("pointerdown", follow);
  stage.addEventListener("pointermove", follow);
  for (const button of box.querySelectorAll("[data-compare-next]")) {
    const at = Number(button.dataset.compareNext);
    button.hidden = sides[at].length < 2;
    if (!button.hidden) part("more").hidden = false;
    button.addEventListener("click", () => { shown[at] = (shown[at] + 1) % sides[at].length; load(); });
  }
  load();
  draw();
  part("over").hidden = false;
}
