/* A form that is on its way: its buttons stand still, and the one that was tapped says so. */
export function busyOf(form) {
  /* Those of the foot bar too, which stand outside the form and name it. */
  const buttons = [...form.elements].filter((box) => box.type === "submit");
  const said = new Map();
  const labelOf = (button) => button.querySelector("span") ?? button;

  return {
    start(tapped = buttons[buttons.length - 1], text = form.dataset.textBusy) {
      for (const button of buttons) {
        said.set(button, labelOf(button).textContent);
        if (text && button === tapped) labelOf(button).textContent = text;
        button.disabled = true;
      }
    },
    rest() {
      for (const [button, text] of said) {
        button.disabled = false;
        labelOf(button).textContent = text;
      }
      said.clear();
    },
  };
}
