/* A canvas off the page where the browser has one, and what is drawn on it as a file. What a canvas writes is a new picture:
   nothing the old file carried besides (place, time, device, thumbnail) comes along. */
export function canvasOf(width, height) {
  if (typeof OffscreenCanvas === "function") return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement("canvas"), { width, height });
}

export function blobOf(canvas, type, quality) {
  if (canvas.convertToBlob) return canvas.convertToBlob({ type, quality });
  return new Promise((resolve) => { canvas.toBlob(resolve, type, quality); });
}
