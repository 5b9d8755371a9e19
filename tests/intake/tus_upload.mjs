// Sends one file with tus-js-client, a client this project did not write; says on its standard output how far it is.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../static/package.json", import.meta.url));
const tus = require("tus-js-client");
const { endpoint, headers, file, metadata, chunkSize } = JSON.parse(readFileSync(0, "utf8"));

const upload = new tus.Upload(readFileSync(file), {
  endpoint,
  headers,
  metadata,
  chunkSize,
  retryDelays: Array(60).fill(500),
  onChunkComplete: (_size, accepted, total) => console.log(`${accepted} of ${total}`),
  onError: (error) => {
    console.log(`failed: ${error}`);
    process.exit(1);
  },
  onSuccess: () => console.log("done"),
});
upload.start();
