/* The receipt as a picture in the phone's album: the drawing the link leads to, turned into a PNG, which phones can keep.
   In-app browsers drop downloads, but let a picture on the page be kept by a long press; so there it is shown. When none of
   this works the link is simply followed. */
const IN_APP = /MicroMessenger|DingTalk|AliApp|Weibo|\bQQ\//;
const SCALE = 1.5;

/* With `headers` the picture is one that only they open, so it is fetched first. */
async function drawn(address, headers) {
  const drawing = new Image();
  if (!headers) { drawing.src = address; await drawing.decode(); return drawing; }
  const answer = await fetch(address, { headers, credentials: "omit" });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const own = URL.createObjectURL(await answer.blob());
  try { drawing.src = own; await drawing.decode(); return drawing; } finally { URL.revokeObjectURL(own); }
}

async function asPng(address, headers) {
  const drawing = await drawn(address, headers);
  const canvas = document.createElement("canvas");
  canvas.width = drawing.naturalWidth * SCALE;
  canvas.height = drawing.naturalHeight * SCALE;
  canvas.getContext("2d").drawImage(drawing, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => { canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"); });
}

function show(link, address) {
  const figure = document.createElement("figure");
  const words = Object.assign(document.createElement("figcaption"), { textContent: link.dataset.textPress ?? "" });
  figure.append(words, Object.assign(new Image(), { src: address, alt: link.textContent.trim() }));
  link.parentElement.after(figure);
}

export function attach(link, headers) {
  let address = null;
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    const isFirst = !address;
    try {
      address ??= URL.createObjectURL(await asPng(link.href, headers));
    } catch {
      if (headers) link.querySelector("span").textContent = link.dataset.textFailed;
      else location.assign(link.href);
      return;
    }
    if (IN_APP.test(navigator.userAgent)) { if (isFirst) show(link, address); }
    else Object.assign(document.createElement("a"), { href: address, download: link.dataset.fileName ?? "yixian.png" }).click();
  });
}
