/* Opens the browser's print window; some in-app browsers have none, and there the button goes. */
export function attach(button) {
  button.hidden = typeof window.print !== "function";
  button.addEventListener("click", () => window.print());
}
