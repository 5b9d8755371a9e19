/* The boxes before the queue's rows: Shift takes a stretch, the bar says how many and waits until there is one. Without
   script the bar simply stands there. */
export function attach(bar) {
  const boxes = () => [...document.querySelectorAll("input[name=pick]")].filter((box) => box.form === bar);
  const count = bar.querySelector("[data-picked]");
  const all = bar.querySelector("[data-pick-all]");
  let last = null;

  function show() {
    const found = boxes();
    const picked = found.filter((box) => box.checked).length;
    bar.classList.toggle("is-idle", picked === 0);
    count.textContent = picked ? count.dataset.picked.replace("{n}", String(picked)) : "";
    all.firstElementChild.checked = picked > 0 && picked === found.length;
    all.firstElementChild.indeterminate = picked > 0 && picked < found.length;
  }

  all.hidden = false;
  all.firstElementChild.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.firstElementChild.checked;
    show();
  });
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.name !== "pick" || box.form !== bar) return;
    if (event.shiftKey && last?.isConnected) {
      const found = boxes();
      const [from, to] = [found.indexOf(last), found.indexOf(box)].sort((a, b) => a - b);
      for (const one of found.slice(from, to + 1)) one.checked = box.checked;
    }
    last = box;
    show();
  });
  /* A page that comes back from the history keeps its ticks; the bar must say so. */
  window.addEventListener("pageshow", show);
  show();
}
