// Bundles the desk: files named by their content, each compressed once, and names.json that says which come first.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const out = process.argv[2] ?? "built";
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const common = {
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  outdir: out,
  metafile: true,
  logLevel: "warning",
  legalComments: "none",
  loader: { ".json": "json", ".woff2": "file" },
  define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
};
// The widgets' style comes with their script, which is loaded only where there are widgets.
const widgets = await build({ ...common, entryPoints: ["src/widgets.css"], write: false });
const widgetStyle = widgets.outputFiles.find((file) => file.path.endsWith(".css")).text;
const page = await build({
  ...common,
  entryPoints: { desk: "src/main.ts", leave: "src/leave.ts", style: "src/style.css" },
  splitting: true,
  define: { ...common.define, WIDGET_STYLE: JSON.stringify(widgetStyle) },
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
});
const named = (ending) => {
  const found = Object.entries(page.metafile.outputs).find(([, about]) => about.entryPoint === ending);
  return found[0].split("/").pop();
};
const script = named("src/main.ts");
const style = named("src/style.css");
// What a first visit needs at once: the script, what it imports before it runs, and the style.
const first = new Set([script, style]);
const follow = (path) => {
  for (const { path: next, kind } of page.metafile.outputs[path].imports) {
    if (kind === "import-statement" && !first.has(next.split("/").pop())) {
      first.add(next.split("/").pop());
      follow(next);
    }
  }
};
follow(Object.keys(page.metafile.outputs).find((path) => path.endsWith(script)));
const version = createHash("sha256").update([...first].sort().join(" ")).digest("hex").slice(0, 12);
// What a lab needs with no line at all; the two large libraries are kept when they are first used.
const offline = Object.keys(page.metafile.outputs)
  .map((path) => path.split("/").pop())
  .filter((name) => !/^(widgets-full|formulas|leave)-/.test(name))
  .sort();
const worker = await build({
  ...common,
  entryPoints: { worker: "src/worker.ts" },
  entryNames: "[name]-[hash]",
  define: { ...common.define, DESK_VERSION: JSON.stringify(version), DESK_FILES: JSON.stringify(offline) },
});
const workerName = Object.keys(worker.metafile.outputs)[0].split("/").pop();
writeFileSync(
  join(out, "names.json"),
  `${JSON.stringify({ script, style, leave: named("src/leave.ts"), worker: workerName, version, first: [...first].sort(), offline }, null, 1)}\n`,
);
// A bundle carries the licences of its packages.
const packages = new Set();
for (const path of [page, widgets, worker].flatMap((made) => Object.keys(made.metafile.inputs))) {
  const found = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(path);
  if (found && existsSync(join(found[1], "package.json"))) packages.add(found[1]);
}
const licences = [...packages].sort().map((folder) => {
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : `Licence: ${about.license}`;
  return `${about.name} ${about.version}\n\n${text}\n`;
});
writeFileSync(join(out, "licences.txt"), licences.join(`\n${"-".repeat(72)}\n\n`));
for (const name of readdirSync(out)) {
  if (name === "names.json" || name === "licences.txt") continue;
  const content = readFileSync(join(out, name));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  writeFileSync(join(out, `${name}.br`), brotliCompressSync(content, { params }));
  writeFileSync(join(out, `${name}.gz`), gzipSync(content, { level: 9 }));
}
