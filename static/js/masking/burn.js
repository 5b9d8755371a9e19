/* The covered picture: drawn upright on this phone, the boxes filled, written as a new file. Under a box nothing is left to
   be brought back, because it was black before the picture was packed; and what the file carried besides its picture
   (place, time, device, a thumbnail of the whole) does not come along. */
import { blobOf, canvasOf } from "../lib/canvas.js";

const MOST_POINTS = 16_000_000; /* a larger canvas stays empty on some phones */
const QUALITY = 0.92;
const PNG = "image/png";

async function drawn(file) {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try { await image.decode(); } finally { URL.revokeObjectURL(image.src); }
  return image;
}

/* A point more on every side: drawing small mixes neighbours, and none may carry something out of its box. */
function fill(pen, { left, top, right, bottom }, width, height) {
  const [x, y] = [Math.floor((left / 100) * width) - 1, Math.floor((top / 100) * height) - 1];
  pen.fillRect(x, y, Math.ceil((right / 100) * width) + 1 - x, Math.ceil((bottom / 100) * height) + 1 - y);
}

async function written(canvas, type) {
  const blob = await blobOf(canvas, type, QUALITY);
  if (!blob?.size || blob.type !== type) throw new Error("the browser writes no picture");
  return blob;
}

/* Throws where this phone cannot do it; then nothing has changed. */
export async function burn(file, shapes, name, mostBytes) {
  const image = await drawn(file);
  const scale = Math.min(1, Math.sqrt(MOST_POINTS / (image.naturalWidth * image.naturalHeight)));
  const [width, height] = [image.naturalWidth, image.naturalHeight].map((side) => Math.max(1, Math.floor(side * scale)));
  const canvas = canvasOf(width, height);
  try {
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff"; /* a JPEG knows no transparency */
    pen.fillRect(0, 0, width, height);
    pen.drawImage(image, 0, 0, width, height);
    pen.fillStyle = "#000";
    for (const shape of shapes) fill(pen, shape, width, height);
    /* A screenshot stays as sharp as it is, unless that makes it too large. */
    let blob = await written(canvas, file.type === PNG ? PNG : "image/jpeg");
    if (blob.size > mostBytes) blob = await written(canvas, "image/jpeg");
    return new File([await blob.arrayBuffer()], `${name}.${blob.type === PNG ? "png" : "jpg"}`, { type: blob.type, lastModified: Date.now() });
  } finally {
    canvas.width = canvas.height = 0; /* some phones keep its memory until the page goes */
  }
}
