/* The stage: zoom by wheel, pinch, double tap, buttons or keys; turning is a way of looking and changes no file. Two
   pictures beside each other move together. */
import { drawing } from "./photo_parts.js";

const MOST = 8;
const STEP = 1.4;

export function set(view) {
  const panes = [...view.querySelectorAll("[data-window]")].map((frame) => ({ frame, picture: frame.querySelector("[data-picture]") }));
  if (!panes.length) return;
  const state = { zoom: 1, x: 0, y: 0, turn: 0 };
  const form = view.querySelector("[data-redact]");
  const parts = form ? drawing(view, panes[0], form, { isOpen: (open) => open && look({ zoom: 1, x: 0, y: 0, turn: 0 }) }) : null;

  function look(change) {
    Object.assign(state, change);
    state.zoom = Math.min(MOST, Math.max(1, state.zoom));
    for (const { frame, picture } of panes) {
      /* A turned picture is fitted into the window again; how far it may be moved follows from what sticks out. */
      const isAcross = state.turn % 180 !== 0;
      const [wide, high] = isAcross ? [picture.offsetHeight, picture.offsetWidth] : [picture.offsetWidth, picture.offsetHeight];
      const fit = isAcross ? Math.min(1, frame.clientWidth / wide, frame.clientHeight / high) : 1;
      const scale = fit * state.zoom;
      const [sideways, upright] = [Math.max(0, (wide * scale - frame.clientWidth) / 2), Math.max(0, (high * scale - frame.clientHeight) / 2)];
      state.x = Math.min(sideways, Math.max(-sideways, state.x));
      state.y = Math.min(upright, Math.max(-upright, state.y));
      picture.style.transform = `translate(${state.x}px, ${state.y}px) rotate(${state.turn}deg) scale(${scale})`;
    }
  }

  function zoom(by, at) {
    const before = state.zoom;
    const after = Math.min(MOST, Math.max(1, before * by));
    const [x, y] = at ?? [0, 0];
    look({ zoom: after, x: x - ((x - state.x) * after) / before, y: y - ((y - state.y) * after) / before });
  }

  const acts = {
    in: () => zoom(STEP),
    out: () => zoom(1 / STEP),
    fit: () => look({ zoom: 1, x: 0, y: 0, turn: 0 }),
    left: () => look({ turn: state.turn - 90, x: 0, y: 0 }),
    right: () => look({ turn: state.turn + 90, x: 0, y: 0 }),
    redact: () => parts?.toggle(),
  };
  for (const button of view.querySelectorAll("[data-act]")) button.addEventListener("click", () => acts[button.dataset.act]?.());

  const keys = {
    "+": acts.in, "=": acts.in, "-": acts.out, 0: acts.fit, "[": acts.left, "]": acts.right,
    ArrowLeft: () => look({ x: state.x + 60 }), ArrowRight: () => look({ x: state.x - 60 }),
    ArrowUp: () => look({ y: state.y + 60 }), ArrowDown: () => look({ y: state.y - 60 }),
  };
  for (const pane of panes) {
    pane.frame.addEventListener("keydown", (event) => {
      if (event.target !== pane.frame || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
      event.preventDefault();
      keys[event.key]();
    });
    pane.frame.addEventListener("wheel", (event) => {
      event.preventDefault();
      zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, place(pane.frame, event));
    }, { passive: false });
    fingers(pane.frame, { move: (dx, dy) => look({ x: state.x + dx, y: state.y + dy }), pinch: zoom, isFree: () => !parts?.isOn() });
  }
  window.addEventListener("resize", () => look({}));
}

/* Where a pointer is, seen from the middle of the window. */
function place(frame, event) {
  const box = frame.getBoundingClientRect();
  return [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
}

/* One finger moves, two come nearer or go away, a double tap does either. */
function fingers(frame, { move, pinch, isFree }) {
  const down = new Map();
  let tapped = 0;
  let isNear = false;
  const apart = () => { const [a, b] = [...down.values()]; return Math.hypot(a[0] - b[0], a[1] - b[1]); };

  frame.addEventListener("pointerdown", (event) => {
    if (!isFree() || event.button > 0) return;
    frame.setPointerCapture?.(event.pointerId);
    down.set(event.pointerId, [event.clientX, event.clientY]);
    frame.classList.add("is-moving");
    if (down.size === 1 && event.timeStamp - tapped < 320) {
      pinch(isNear ? 1 / 100 : 3, place(frame, event));
      isNear = !isNear;
      tapped = 0;
    } else tapped = event.timeStamp;
  });
  frame.addEventListener("pointermove", (event) => {
    const last = down.get(event.pointerId);
    if (!last) return;
    if (Math.hypot(event.clientX - last[0], event.clientY - last[1]) > 4) tapped = 0;
    if (down.size === 2) {
      const before = apart();
      down.set(event.pointerId, [event.clientX, event.clientY]);
      if (before > 0) pinch(apart() / before, place(frame, event));
      return;
    }
    move(event.clientX - last[0], event.clientY - last[1]);
    down.set(event.pointerId, [event.clientX, event.clientY]);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    frame.addEventListener(name, (event) => {
      down.delete(event.pointerId);
      if (!down.size) frame.classList.remove("is-moving");
    });
  }
}
