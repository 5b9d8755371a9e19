/* The summary of errors takes the focus, and each of its links leads into the box it speaks of, unfolding what hides it. */
export function attach(summary) {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const box = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!box) return;
    event.preventDefault();
    for (let fold = box.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    (box.closest(".field") ?? box).scrollIntoView({ block: "start" });
    box.focus({ preventScroll: true });
  });
}
