/* A small picture made on the phone, at most 150 KB, that travels before the original: the office sees the matter within
   seconds. Whatever the original carried besides its picture stays behind. Null where this browser cannot draw it. */
import { blobOf, canvasOf } from "../js/lib/canvas.js";

const MOST = 150 * 1024;
const STEPS = [[1600, 0.8], [1600, 0.65], [1280, 0.7], [1280, 0.55], [1024, 0.6], [800, 0.6], [640, 0.55], [480, 0.5]];

async function decoded(file) {
  if (window.createImageBitmap) {
    /* Drawn small while it is decoded: twelve million points would be 48 MB on a phone that may have no more. */
    for (const wish of [{ imageOrientation: "from-image", resizeWidth: 1600, resizeQuality: "medium" }, {}]) {
      try { return await createImageBitmap(file, wish); } catch { /* An older one knows fewer wishes. */ }
    }
  }
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try { await image.decode(); return image; } finally { URL.revokeObjectURL(image.src); }
}

export async function preview(bytes, type) {
  let picture;
  try {
    picture = await decoded(new Blob([bytes], { type }));
    const [width, height] = [picture.naturalWidth ?? picture.width, picture.naturalHeight ?? picture.height];
    for (const [most, quality] of STEPS) {
      const scale = Math.min(1, most / Math.max(width, height));
      const canvas = canvasOf(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const blob = await blobOf(canvas, "image/jpeg", quality);
      if (blob && blob.type === "image/jpeg" && blob.size <= MOST) return await blob.arrayBuffer();
    }
    return null;
  } catch {
    return null;
  } finally {
    picture?.close?.();
  }
}
