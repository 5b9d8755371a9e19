/* Parts of a picture to hide, drawn by finger, mouse or keyboard. What is sent is one line a part, in percent of the
   upright picture: the same lines that somebody without scripts types. */
const LEAST = 1;

export function drawing(view, pane, form, { isOpen }) {
  const layer = pane.picture.querySelector("[data-parts]");
  const lines = form.querySelector("[name=parts]");
  const label = form.querySelector("[name=part-label]");
  const count = form.querySelector("[data-count]");
  const press = view.querySelector("[data-act=redact]");
  let how = "solid";
  let chosen = null;
  let isOn = false;

  const all = () => [...layer.querySelectorAll(".part")];
  const shape = (part) => part.shape;

  function put(part, { left, top, right, bottom }) {
    const wide = Math.max(LEAST, right - left);
    const high = Math.max(LEAST, bottom - top);
    part.shape = { left: Math.min(100 - wide, Math.max(0, left)), top: Math.min(100 - high, Math.max(0, top)) };
    Object.assign(part.shape, { right: Math.min(100, part.shape.left + wide), bottom: Math.min(100, part.shape.top + high) });
    for (const [name, value] of [["left", part.shape.left], ["top", part.shape.top], ["width", part.shape.right - part.shape.left], ["height", part.shape.bottom - part.shape.top]]) part.style[name] = `${value}%`;
    tell();
  }

  function tell() {
    lines.value = all().map((part) => {
      const { left, top, right, bottom } = shape(part);
      return [left, top, right, bottom].map((value) => value.toFixed(2)).concat(part.how, part.word).join(",");
    }).join("\n");
    all().forEach((part, at) => {
      part.classList.toggle("part--mosaic", part.how === "mosaic");
      part.classList.toggle("is-chosen", part === chosen);
      part.firstChild.textContent = part.word ? `${at + 1} ${part.word}` : `${at + 1}`;
      part.setAttribute("aria-label", `${at + 1} ${part.word}`);
    });
    count.textContent = all().length ? count.dataset.text.replace("#", all().length) : "";
    for (const button of form.querySelectorAll("[data-how]")) button.setAttribute("aria-pressed", String(button.dataset.how === (chosen?.how ?? how)));
  }

  function choose(part) {
    chosen = part;
    label.value = part?.word ?? "";
    tell();
  }

  function add(box, kind = how, word = "") {
    const part = document.createElement("button");
    part.type = "button";
    part.className = "part";
    Object.assign(part, { how: kind, word });
    part.append(document.createElement("span"), Object.assign(document.createElement("span"), { className: "part__grip" }));
    layer.append(part);
    put(part, box);
    part.addEventListener("focus", () => choose(part));
    part.addEventListener("keydown", (event) => byKey(part, event));
    return part;
  }

  function byKey(part, event) {
    const by = event.ctrlKey ? 0.2 : 1;
    const [dx, dy] = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] }[event.key] ?? [0, 0];
    if (event.key === "Delete" || event.key === "Backspace") remove(part);
    else if (!dx && !dy) return;
    else {
      const { left, top, right, bottom } = shape(part);
      put(part, event.shiftKey ? { left, top, right: right + dx, bottom: bottom + dy } : { left: left + dx, top: top + dy, right: right + dx, bottom: bottom + dy });
    }
    event.preventDefault();
    event.stopPropagation();
  }

  function remove(part) {
    const next = part.nextElementSibling ?? part.previousElementSibling;
    part.remove();
    choose(next);
    (next ?? form.querySelector("[data-add]")).focus();
  }

  function at(event) {
    const box = layer.getBoundingClientRect();
    const held = (value) => Math.min(100, Math.max(0, value));
    return [held(((event.clientX - box.left) / box.width) * 100), held(((event.clientY - box.top) / box.height) * 100)];
  }

  /* A drag on a part moves it, on its corner stretches it, beside it draws a new one. */
  pane.frame.addEventListener("pointerdown", (event) => {
    if (!isOn || event.button > 0) return;
    event.preventDefault();
    const [x, y] = at(event);
    const hit = event.target.closest(".part");
    const isGrip = event.target.matches(".part__grip");
    const part = hit ?? add({ left: x, top: y, right: x, bottom: y });
    part.focus({ preventScroll: true });
    choose(part);
    const from = { ...shape(part) };
    const isNew = !hit;

    function move(moved) {
      const [nx, ny] = at(moved);
      if (isNew) put(part, { left: Math.min(x, nx), top: Math.min(y, ny), right: Math.max(x, nx), bottom: Math.max(y, ny) });
      else if (isGrip) put(part, { ...from, right: from.right + nx - x, bottom: from.bottom + ny - y });
      else put(part, { left: from.left + nx - x, top: from.top + ny - y, right: from.right + nx - x, bottom: from.bottom + ny - y });
    }
    function end() {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", end);
      const { left, top, right, bottom } = shape(part);
      if (isNew && right - left <= LEAST && bottom - top <= LEAST) remove(part);
    }
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
  });

  for (const button of form.querySelectorAll("[data-how]")) {
    button.addEventListener("click", () => {
      how = button.dataset.how;
      if (chosen) chosen.how = how;
      tell();
    });
  }
  form.querySelector("[data-add]").addEventListener("click", () => {
    const aside = (all().length % 8) * 4;
    add({ left: 30 + aside, top: 30 + aside, right: 50 + aside, bottom: 50 + aside }).focus();
  });
  form.querySelector("[data-remove]").addEventListener("click", () => chosen && remove(chosen));
  form.querySelector("[data-cancel]").addEventListener("click", () => { for (const part of all()) part.remove(); choose(null); toggle(false); press.focus(); });
  label.addEventListener("input", () => { if (chosen) { chosen.word = label.value.replace(/[,，\n]/g, " "); tell(); } });
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
    if (box.every(Number.isFinite)) add({ left: box[0], top: box[1], right: box[2], bottom: box[3] }, kind === "mosaic" ? "mosaic" : "solid", word.join(" "));
  }
  if (!form.hasAttribute("data-closed")) toggle(true);
  return { toggle, isOn: () => isOn };
}
