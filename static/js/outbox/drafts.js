/* What was begun and not handed in: category, when, how many photos; one tap goes on with it. */
import { allDrafts } from "../../offline/queue.js";
import { moment } from "../lib/moment.js";
import { opening } from "../lib/opening.js";
import { fill } from "../lib/words.js";

export async function list(section) {
  const drafts = (await allDrafts()).filter(({ name }) => name);
  const card = section.querySelector("template").content.firstElementChild;
  const links = drafts.map(({ id, category, name, at, photos }) => {
    const link = card.cloneNode(true);
    link.setAttribute("href", link.getAttribute("href").replace(/key(?=$|\?)/, category));
    link.querySelector(".card-link__title").textContent = name;
    link.querySelector(".card-link__text").textContent = fill(section.dataset.textPhotos, { when: moment(at), n: photos.length });
    link.addEventListener("click", () => opening.note(id));
    return link;
  });
  section.querySelector("[data-drafts-list]").replaceChildren(...links);
  section.querySelector("h2").textContent = fill(section.dataset.textTitle, { n: drafts.length });
  section.hidden = !drafts.length;
}
