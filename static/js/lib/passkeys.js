/* Web Authentication in JSON. Browsers before 2024 know neither parse…FromJSON nor toJSON, so both are done here for all. */
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

function text(buffer) {
  const signs = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const described = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));

function forDevice(options) {
  const found = { ...options, challenge: bytes(options.challenge) };
  if (options.user) found.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) found.excludeCredentials = described(options.excludeCredentials);
  if (options.allowCredentials) found.allowCredentials = described(options.allowCredentials);
  return found;
}

/* Asks the device to `get` or to `create`; the answer as the text the server reads. */
export async function answered(kind, options) {
  const made = await navigator.credentials[kind]({ publicKey: forDevice(options) });
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[part]) response[part] = text(made.response[part]);
  }
  return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} });
}
