/* The installable app's PNG icons, drawn from the same measures as img/icon.svg: some launchers refuse SVG, and a drawing
   made at build time is one binary less in the repository. */
import { deflateSync } from "node:zlib";

const BLUE = [11, 79, 138];
const WHITE = [255, 255, 255];
const FINE = 4; /* Samples per pixel and direction. */

const inCircle = (x, y, cx, cy, r) => (x - cx) ** 2 + (y - cy) ** 2 <= r * r;

function inRoundedSquare(x, y, radius) {
  const dx = Math.max(radius - x, x - (512 - radius), 0);
  const dy = Math.max(radius - y, y - (512 - radius), 0);
  return dx * dx + dy * dy <= radius * radius;
}

/* The colour at a point of the 512 square, or null outside it. `scale` shrinks the mark for the maskable safe zone. */
function colourAt(x, y, radius, scale) {
  if (radius && !inRoundedSquare(x, y, radius)) return null;
  const u = 256 + (x - 256) / scale;
  const v = 256 + (y - 256) / scale;
  if (inCircle(u, v, 256, 136, 48) || inCircle(u, v, 256, 256, 48)) return WHITE;
  if (inCircle(u, v, 256, 376, 48)) return inCircle(u, v, 256, 376, 28) ? BLUE : WHITE;
  const onLine = Math.abs(u - 256) <= 12 && v >= 64 && v <= 448;
  const atEnd = inCircle(u, v, 256, 64, 12) || inCircle(u, v, 256, 448, 12);
  return onLine || atEnd ? WHITE : BLUE;
}

function crc(bytes) {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}

function chunk(kind, body) {
  const named = Buffer.concat([Buffer.from(kind, "latin1"), body]);
  const frame = Buffer.alloc(named.length + 8);
  frame.writeUInt32BE(body.length, 0);
  named.copy(frame, 4);
  frame.writeUInt32BE(crc(named), named.length + 4);
  return frame;
}

function png(side, radius, scale) {
  const rows = Buffer.alloc(side * (side * 4 + 1));
  for (let py = 0; py < side; py += 1) {
    for (let px = 0; px < side; px += 1) {
      const sum = [0, 0, 0];
      let seen = 0;
      for (let n = 0; n < FINE * FINE; n += 1) {
        const x = ((px + ((n % FINE) + 0.5) / FINE) * 512) / side;
        const y = ((py + (Math.floor(n / FINE) + 0.5) / FINE) * 512) / side;
        const colour = colourAt(x, y, radius, scale);
        if (colour) { seen += 1; for (let c = 0; c < 3; c += 1) sum[c] += colour[c]; }
      }
      const place = py * (side * 4 + 1) + 1 + px * 4;
      for (let c = 0; c < 3; c += 1) rows[place + c] = seen ? Math.round(sum[c] / seen) : 0;
      rows[place + 3] = Math.round((seen * 255) / (FINE * FINE));
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", head), chunk("IDAT", deflateSync(rows, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

export function drawIcons() {
  return [["icon-192.png", png(192, 112, 1)], ["icon-512.png", png(512, 112, 1)], ["icon-maskable.png", png(512, 0, 0.72)]];
}
