// Seals the vector's texts with the page's own script and the vector's fixed key; prints what came out, one JSON.
import { createECDH, createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const { readKey, seal } = await import(new URL("../../static/offline/seal.js", import.meta.url));
const known = JSON.parse(readFileSync(fileURLToPath(new URL("sealed_vector.json", import.meta.url)), "utf8"));
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const secret = Buffer.from(known.ephemeral_private_hex, "hex");
const ecdh = createECDH("prime256v1");
ecdh.setPrivateKey(secret);
const point = ecdh.getPublicKey();
const jwk = { kty: "EC", crv: "P-256", x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") };
const own = {
  privateKey: await crypto.subtle.importKey("jwk", { ...jwk, d: secret.toString("base64url") }, CURVE, false, ["deriveBits"]),
  publicKey: await crypto.subtle.importKey("jwk", jwk, CURVE, true, []),
};
const key = readKey(`${known.key_id}.${known.public}`);
const sealed = async (bytes, what) => Buffer.from(await seal(bytes, key, known.report_id, what, own));
const files = [];
for (const { length, what } of known.files) {
  const made = await sealed(Uint8Array.from({ length }, (_, at) => (at * 7) % 251), what);
  files.push([made.length, createHash("sha256").update(made).digest("hex")]);
}
const report = (await sealed(new TextEncoder().encode(known.report.plain), known.report.what)).toString("base64");
console.log(JSON.stringify({ report, files }));
