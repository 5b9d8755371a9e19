/* The receipt as a picture in the phone's album: the drawing the link leads to, turned into a PNG, which phones can keep.
   In-app browsers drop downloads, but let a picture on the page be kept by a long press; so there it is shown. When none of
   this works the link is simply followed. */
const IN_APP = /MicroMessenger|DingTalk|AliApp|Weibo|\bQQ\//;
const SCALE = 1.5;

async function asPng(address) {
  const drawing = new Image();
  drawing.src = address;
  await drawing.decode();
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

export function attach(link) {
  let address = null;
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    const isFirst = !address;
    try {
      address ??= URL.createObjectURL(await asPng(link.href));
    } catch {
      location.assign(link.href);
      return;
    }
    if (IN_APP.test(navigator.userAgent)) { if (isFirst) show(link, address); }
    else Object.assign(document.createElement("a"), { href: address, download: link.dataset.fileName ?? "yixian.png" }).click();
  });
}
