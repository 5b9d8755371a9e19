/* A map under a crosshair, where the installation has tiles. Nothing of it is loaded before somebody asks for it. */
export function attach(holder) {
  const find = (name) => holder.querySelector(`[data-pin-${name}]`);
  const [open, panel, trouble] = ["open", "panel", "trouble"].map(find);
  let isBusy = false;

  function close() {
    panel.hidden = true;
    open.hidden = false;
    open.focus();
  }

  open.addEventListener("click", async () => {
    if (isBusy) return;
    isBusy = true;
    open.setAttribute("aria-disabled", "true");
    trouble.hidden = true;
    try {
      const { show } = await import("../lib/crosshair.js");
      panel.hidden = false;
      open.hidden = true;
      show(holder, close);
    } catch (error) {
      close();
      trouble.hidden = false;
      console.warn("pin-map", error);
    } finally {
      isBusy = false;
      open.removeAttribute("aria-disabled");
    }
  });
}
