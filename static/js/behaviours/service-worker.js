/* Keeps the built files and the report pages for places without a signal. Waits until the page itself is there. */
export function attach(element) {
  if (!navigator.serviceWorker) return;
  const register = () => navigator.serviceWorker.register(element.dataset.worker ?? "/sw.js", { updateViaCache: "none" }).catch(() => {});
  if (document.readyState === "complete") register();
  else window.addEventListener("load", register, { once: true });
}
