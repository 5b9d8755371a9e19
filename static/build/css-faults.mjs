/* What a Chromium 90 or Safari 15 would silently drop. An unknown at-rule takes everything inside it along, so these are
   refused at build time rather than discovered on an old office machine. */
const GROUPS = /^@(media|supports|font-face|keyframes|-webkit-keyframes|page|print)\b/;

export function stylesheetFaults(source, file) {
  const faults = [];
  const text = source.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "));
  const say = (index, what) => faults.push(`${file}:${text.slice(0, index).split("\n").length}: ${what}`);
  for (const found of text.matchAll(/@(layer|container|scope|starting-style|property|import)\b/g)) say(found.index, `@${found[1]}`);
  for (const found of text.matchAll(/:has\(|:where\(\s*&|container-type|color-mix\(|oklch\(|\b\d+(?:dvh|svh|cqi|cqw)\b/g)) say(found.index, found[0]);
  const open = [];
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index];
    if (sign === "{") {
      const head = text.slice(start, index).trim();
      if (open.length && !GROUPS.test(open[open.length - 1])) say(index, `nested rule "${head.slice(0, 40)}"`);
      open.push(head);
      start = index + 1;
    } else if (sign === "}") { open.pop(); start = index + 1; } else if (sign === ";") start = index + 1;
  }
  return faults;
}
