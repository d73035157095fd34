// Joins the Digital Agency's design tokens that we use with our own CSS into one file, which is committed.
// `--check` only compares, and fails when the committed file is not what the sources give.
import { readFileSync, writeFileSync } from "node:fs";

const here = new URL("./", import.meta.url);
const target = new URL("../src/takuso/doors/web/static/takuso.css", here);
const read = (path) => readFileSync(new URL(path, here), "utf8");

const own = read("office.css");
const tokens = read("node_modules/@digital-go-jp/design-tokens/dist/tokens.css");
const declared = new Map([...tokens.matchAll(/^\s*(--[\w-]+):\s*(.+);$/gm)].map((m) => [m[1], m[2]]));

const raw = own.match(/#[0-9a-f]{3,8}\b|\brgba?\(/gi);
if (raw) {
  console.error(`office.css: colours come from the tokens only, found ${raw.join(", ")}`);
  process.exit(1);
}

const used = new Map();
const take = (text) => {
  for (const [, name] of text.matchAll(/var\((--[\w-]+)/g)) {
    if (used.has(name) || !declared.has(name)) continue;
    used.set(name, declared.get(name));
    take(declared.get(name));
  }
};
take(own);
const unknown = [...own.matchAll(/var\((--[\w-]+)/g)]
  .map((m) => m[1])
  .filter((name) => !declared.has(name) && !own.includes(`${name}:`));
if (unknown.length) {
  console.error(`office.css: no such token: ${[...new Set(unknown)].join(", ")}`);
  process.exit(1);
}

const css = [
  "/* Built by assets/build.mjs from assets/office.css: change that, then `make assets`.",
  "   Design tokens: @digital-go-jp/design-tokens, MIT License, Copyright (c) 2023 デジタル庁 */",
  ":root {",
  ...[...used].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `  ${name}: ${value};`),
  "}",
  "",
  own,
].join("\n");

if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== css) {
    console.error("takuso.css is not what the sources give: run `make assets`");
    process.exit(1);
  }
} else {
  writeFileSync(target, css);
}
