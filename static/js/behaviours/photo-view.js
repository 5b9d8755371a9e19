/* The prosecutor's look at a photo: nearer, turned, two beside each other, parts of it hidden. Loaded where there is one. */
export function attach(view) {
  import("../lib/photo_stage.js").then(({ set }) => set(view), (error) => console.warn("photo-view", error));
}
