/* Before and after, one over the other. Loaded where there is one. */
export function attach(box) {
  import("../lib/compare_stage.js").then(({ set }) => set(box), (error) => console.warn("compare", error));
}
