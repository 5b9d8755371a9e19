/* Says that a clue is in sight, so that colleagues know: at once, every 25 seconds, and when somebody opens a step or writes.
   A page in a tab nobody looks at says nothing, and the server forgets it within a minute. */
const EVERY = 25_000;

export function attach(form) {
  const doing = form.elements.doing;
  const clue = form.closest(".clue");
  let isDeciding = false;
  let timer = 0;

  const opened = () => Boolean(clue.querySelector("details.step[open]:not(.step-bar__why)"));

  function say() {
    clearTimeout(timer);
    if (!form.isConnected) return;
    if (!document.hidden) {
      isDeciding = opened() || Boolean(document.activeElement?.closest?.(".step__form"));
      doing.value = isDeciding ? "deciding" : "looking";
      form.dispatchEvent(new CustomEvent("here"));
    }
    timer = setTimeout(say, EVERY);
  }

  clue.addEventListener("toggle", () => { if (opened() !== isDeciding) say(); }, true);
  clue.addEventListener("focusin", (event) => { if (!isDeciding && event.target.closest(".step__form")) say(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) say(); });
  /* htmx must know the form first. */
  setTimeout(say, 300);
}
