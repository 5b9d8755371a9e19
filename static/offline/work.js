/* Proof of work, asked for only while the server is under pressure: a counter for which SHA-256(salt + counter) begins with
   so many zero bits. Our own SHA-256, because the browser's is a promise for each try and ten times slower that way. */
const K = new Uint32Array(64);
const START = new Uint32Array(8);
const REST_MS = 12;

/* The constants are the first bits of roots of primes (FIPS 180-4), so they are calculated instead of copied. */
(function constants() {
  const bits = (root) => Math.floor((root - Math.floor(root)) * 2 ** 32);
  for (let candidate = 2, found = 0; found < 64; candidate += 1) {
    let isPrime = true;
    for (let by = 2; by * by <= candidate; by += 1) if (candidate % by === 0) isPrime = false;
    if (!isPrime) continue;
    if (found < 8) START[found] = bits(Math.sqrt(candidate));
    K[found] = bits(Math.cbrt(candidate));
    found += 1;
  }
}());

const turn = (word, by) => (word >>> by) | (word << (32 - by));

function block(state, words) {
  for (let at = 16; at < 64; at += 1) {
    const [one, two] = [words[at - 15], words[at - 2]];
    words[at] = words[at - 16] + words[at - 7] + (turn(one, 7) ^ turn(one, 18) ^ (one >>> 3)) + (turn(two, 17) ^ turn(two, 19) ^ (two >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let at = 0; at < 64; at += 1) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[at] + words[at]) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  const made = [a, b, c, d, e, f, g, h];
  for (let at = 0; at < 8; at += 1) state[at] += made[at];
}

export function sha256Words(text) {
  const length = text.length;
  const total = (((length + 8) >> 6) + 1) * 64;
  const padded = new Uint8Array(total);
  for (let at = 0; at < length; at += 1) padded[at] = text.charCodeAt(at);
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(total - 4, length * 8);
  const state = START.slice();
  const words = new Uint32Array(64);
  for (let from = 0; from < total; from += 64) {
    for (let at = 0; at < 16; at += 1) words[at] = view.getUint32(from + at * 4);
    block(state, words);
  }
  return state;
}

function hasZeros(state, bits) {
  for (let at = 0, left = bits; left > 0; at += 1, left -= 32) {
    if (left >= 32 ? state[at] !== 0 : state[at] >>> (32 - left) !== 0) return false;
  }
  return true;
}

/* The header's value; lets the page breathe between handfuls of tries. */
export async function solve({ salt, bits, expires, signature }) {
  for (let counter = 0; ;) {
    const until = Date.now() + REST_MS;
    do {
      if (hasZeros(sha256Words(salt + counter), bits)) return `${salt}.${signature}.${Math.floor(Date.parse(expires) / 1000)}.${bits}.${counter}`;
      counter += 1;
    } while (counter % 64 || Date.now() < until);
    await new Promise((go) => { setTimeout(go); });
  }
}
