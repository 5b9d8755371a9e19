/* An answer that says somebody is in danger shows the emergency numbers at once, under the question, before anything is sent. */
export function attach(form) {
  const notice = form.querySelector("[data-alarm-notice]");
  if (!notice) return;

  function look() {
    const alarming = [...form.querySelectorAll("[data-alarms]:not([hidden])")].find((question) => {
      const alarms = question.dataset.alarms.split(" ");
      return [...question.querySelectorAll(":checked")].some((box) => alarms.includes(box.value));
    });
    if (alarming && alarming.nextElementSibling !== notice) alarming.after(notice);
    notice.hidden = !alarming;
  }

  form.addEventListener("change", look);
  form.addEventListener("draft:restored", look);
  form.addEventListener("reset", () => setTimeout(look));
  look();
}
