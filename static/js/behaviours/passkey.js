/* Lets a form be sent only with what the device's passkey said (Web Authentication 3): a press asks the device, its answer
   is put into the form, and then the form goes its ordinary way. What does the work is loaded on use. */
export function attach(form) {
  const told = form.querySelector("[data-told]");
  const words = told.textContent;
  const say = (text) => { told.textContent = text; told.hidden = false; };
  form.addEventListener("submit", async (event) => {
    if (form.elements.answer.value) return;
    event.preventDefault();
    if (!window.PublicKeyCredential) { say(told.dataset.none); return; }
    say(words);
    try {
      const { answered } = await import("../lib/passkeys.js");
      form.elements.answer.value = await answered(form.dataset.passkey, JSON.parse(form.dataset.options));
      form.submit();
    } catch { say(told.dataset.stopped); }
  });
}
