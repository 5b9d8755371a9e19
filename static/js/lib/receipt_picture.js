/* Draws a receipt as one PNG: QR above, then lines of text. Loaded only when somebody wants the picture. */
const WIDTH = 1080;
const EDGE = 80;

async function loaded(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  return image;
}

/* An inline drawing becomes a picture by way of its own text; a picture is taken as it is. */
async function pictureOf(source, side) {
  if (source.matches("img")) { await source.decode(); return source; }
  const copy = source.cloneNode(true);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", side);
  copy.setAttribute("height", side);
  copy.setAttribute("color", "#000");
  const address = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }));
  try { return await loaded(address); } finally { URL.revokeObjectURL(address); }
}

/* Breaks where the width ends; Chinese may break anywhere, a group of the code may not. */
function linesOf(pen, text, width) {
  const lines = [];
  let line = "";
  for (const piece of text.match(/[\x21-\x7e]+|\s+|[^\x20-\x7e]/g) ?? []) {
    if (line && pen.measureText(line + piece).width > width) { lines.push(line.trim()); line = ""; }
    line += piece;
  }
  return [...lines, line.trim()].filter(Boolean);
}

export async function drawReceipt(parts, qr) {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  const inner = WIDTH - 2 * EDGE;
  const side = 620;
  const laid = parts.flatMap(({ text, font, height, gap = 0 }) => {
    pen.font = font;
    return linesOf(pen, text, inner).map((line, index) => ({ line, font, height, gap: index ? 0 : gap }));
  });
  canvas.width = WIDTH;
  canvas.height = 2 * EDGE + side + 40 + laid.reduce((sum, { height, gap }) => sum + height + gap, 0);
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(await pictureOf(qr, side), (WIDTH - side) / 2, EDGE, side, side);
  pen.fillStyle = "#1b2430";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  let top = EDGE + side + 40;
  for (const { line, font, height, gap } of laid) {
    pen.font = font;
    pen.fillText(line, WIDTH / 2, top + gap + height / 2);
    top += gap + height;
  }
  return new Promise((resolve, reject) => { canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"); });
}
