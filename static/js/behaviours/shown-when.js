/* A question that only makes sense after another answer is folded away until that answer is given. Without script all stand
   open, and the server drops what a condition hides, so this is for the eye alone.
   data-shown-when names the box asked, data-shown-for its answers; a box that is itself folded away counts as unanswered. */
export function attach(question) {
  const form = question.closest("form");
  const answers = question.dataset.shownFor.split(" ");
  const must = [...question.querySelectorAll("[required]")];

  function look() {
    const given = [...form.elements].filter((box) => box.name === question.dataset.shownWhen && !box.closest("[data-shown-when][hidden]"));
    const isMet = given.some((box) => (!/^(?:radio|checkbox)$/.test(box.type) || box.checked) && answers.includes(box.value));
    question.hidden = !isMet;
    /* What is not seen cannot be demanded: the browser would refuse to send and not say why. */
    for (const box of must) box.required = isMet;
  }

  form.addEventListener("change", look);
  form.addEventListener("draft:restored", look);
  form.addEventListener("reset", () => setTimeout(look));
  look();
}
