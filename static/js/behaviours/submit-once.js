/* A second tap while the first is on its way does nothing. The id in the form makes it harmless anyway; this spares the
   person the doubt. Whoever comes back to the page, or changes something, may send again. */
export function attach(form) {
  /* Those of the foot bar too, which stand outside the form and name it. */
  const buttons = [...form.elements].filter((box) => box.type === "submit");
  const said = new Map();
  let isBusy = false;

  function rest() {
    isBusy = false;
    for (const [button, text] of said) {
      button.disabled = false;
      (button.querySelector("span") ?? button).textContent = text;
    }
    said.clear();
  }

  form.addEventListener("submit", (event) => {
    if (isBusy) { event.preventDefault(); return; }
    isBusy = true;
    /* After this turn, because a button that is disabled now would not be sent with the form. */
    setTimeout(() => {
      for (const button of buttons) {
        const label = button.querySelector("span") ?? button;
        said.set(button, label.textContent);
        if (form.dataset.textBusy && (event.submitter ?? buttons[buttons.length - 1]) === button) label.textContent = form.dataset.textBusy;
        button.disabled = true;
      }
    });
  });
  form.addEventListener("input", () => { if (isBusy) rest(); });
  form.addEventListener("htmx:finally:request", rest);
  window.addEventListener("pageshow", (event) => { if (event.persisted) rest(); });
}
