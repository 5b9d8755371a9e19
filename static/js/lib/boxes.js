/* Boxes over a picture, in percent of it: drawn, moved and stretched by finger, mouse or keys. What they mean, and what
   stands in them, is the caller's: it is told of every change (`tell`), of the end of each act (`done`), and of the box
   that is now the chosen one (`picked`). `rest` is where the focus goes when no box is left. */
const LEAST = 1;
const NEAR = 1.5;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function boxes(layer, frame, { isOn, tell, rest, picked = () => {}, done = () => {} }) {
  let chosen = null;
  let stop = null;

  const all = () => [...layer.querySelectorAll(".part")];

  function put(part, { left, top, right, bottom }) {
    const wide = Math.max(LEAST, right - left);
    const high = Math.max(LEAST, bottom - top);
    part.shape = { left: Math.min(100 - wide, Math.max(0, left)), top: Math.min(100 - high, Math.max(0, top)) };
    Object.assign(part.shape, { right: Math.min(100, part.shape.left + wide), bottom: Math.min(100, part.shape.top + high) });
    for (const [name, value] of [["left", part.shape.left], ["top", part.shape.top], ["width", part.shape.right - part.shape.left], ["height", part.shape.bottom - part.shape.top]]) part.style[name] = `${value}%`;
    tell();
  }

  function choose(part) {
    chosen = part;
    picked(part);
    for (const one of all()) one.classList.toggle("is-chosen", one === part);
    tell();
  }

  function add(box, more = {}) {
    const part = document.createElement("button");
    part.type = "button";
    part.className = "part";
    Object.assign(part, more);
    part.append(document.createElement("span"), Object.assign(document.createElement("span"), { className: "part__grip" }));
    layer.append(part);
    put(part, box);
    part.addEventListener("focus", () => choose(part));
    part.addEventListener("keydown", (event) => byKey(part, event));
    return part;
  }

  function byKey(part, event) {
    const by = event.ctrlKey ? 0.2 : 1;
    const [dx, dy] = (KEYS[event.key] ?? [0, 0]).map((value) => value * by);
    if (event.key === "Delete" || event.key === "Backspace") remove(part);
    else if (!dx && !dy) return;
    else {
      const { left, top, right, bottom } = part.shape;
      put(part, event.shiftKey ? { left, top, right: right + dx, bottom: bottom + dy } : { left: left + dx, top: top + dy, right: right + dx, bottom: bottom + dy });
      done();
    }
    event.preventDefault();
    event.stopPropagation();
  }

  function remove(part) {
    const next = part.nextElementSibling ?? part.previousElementSibling;
    part.remove();
    choose(next);
    done();
    (next ?? rest).focus({ preventScroll: true });
  }

  function clear() {
    for (const part of all()) part.remove();
    choose(null);
  }

  function at(event) {
    const box = layer.getBoundingClientRect();
    /* A finger hardly meets the very edge: what begins or ends beside it, reaches it. */
    const held = (value) => (value < NEAR ? 0 : value > 100 - NEAR ? 100 : value);
    return [held(((event.clientX - box.left) / box.width) * 100), held(((event.clientY - box.top) / box.height) * 100)];
  }

  /* A drag on a box moves it, on its corner stretches it, beside it draws a new one. */
  frame.addEventListener("pointerdown", (event) => {
    if (!isOn(event) || event.button > 0) return;
    event.preventDefault();
    const [x, y] = at(event);
    const hit = event.target.closest(".part");
    const isGrip = event.target.matches(".part__grip");
    const part = hit ?? add({ left: x, top: y, right: x, bottom: y });
    part.focus({ preventScroll: true });
    choose(part);
    const from = { ...part.shape };

    function move(moved) {
      if (moved.pointerId !== event.pointerId) return;
      const [nx, ny] = at(moved);
      if (!hit) put(part, { left: Math.min(x, nx), top: Math.min(y, ny), right: Math.max(x, nx), bottom: Math.max(y, ny) });
      else if (isGrip) put(part, { ...from, right: from.right + nx - x, bottom: from.bottom + ny - y });
      else put(part, { left: from.left + nx - x, top: from.top + ny - y, right: from.right + nx - x, bottom: from.bottom + ny - y });
    }
    function end(isOff) {
      for (const [name, listener] of listeners) window.removeEventListener(name, listener);
      stop = null;
      const { left, top, right, bottom } = part.shape;
      if (!hit && (isOff === true || (right - left <= LEAST && bottom - top <= LEAST))) remove(part);
      else if (isOff === true) put(part, from);
      else done();
    }
    const listeners = [["pointermove", move], ["pointerup", end], ["pointercancel", end]];
    for (const [name, listener] of listeners) window.addEventListener(name, listener);
    stop = () => end(true);
  });

  return { all, add, remove, clear, chosen: () => chosen, shapes: () => all().map(({ shape }) => ({ ...shape })), abort: () => stop?.() };
}
