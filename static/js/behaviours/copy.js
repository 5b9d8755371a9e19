/* Copies the text of another element and says whether it went well, on the button itself. */
const SHOWN_MS = 4000;

async function copyText(source, text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    /* No clipboard without https, and in some in-app browsers: the old way, by selecting. */
    getSelection().selectAllChildren(source);
    const isDone = document.execCommand("copy");
    if (isDone) getSelection().removeAllRanges();
    return isDone;
  }
}

export function attach(button) {
  const label = button.querySelector("[data-copy-label]");
  const words = label.textContent;
  label.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copyFrom);
    const text = source.textContent.trim().replace(/\s+/g, " ");
    const isDone = await copyText(source, text).catch(() => false);
    label.textContent = isDone ? button.dataset.copied : button.dataset.notCopied;
    setTimeout(() => { label.textContent = words; }, SHOWN_MS);
  });
}
