#!/usr/bin/env node
// The JSON language service of an editor judges our schemas: what it offers at a cursor, what it shows
// under a pointer, and what it marks as wrong. `|` stands for the cursor.
//
// usage: editor.mjs ROOT      (ROOT: the repository)

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import languages from "vscode-json-languageservice";

const { getLanguageService, TextDocument } = languages;
const [root] = process.argv.slice(2);
const uri = "https://fullsource.dev/schema/v0.1/manifest.json";
const files = {
  [uri]: "manifest",
  "https://fullsource.dev/schema/v0.1/report.json": "report",
  "https://fullsource.dev/schema/v0.1/evidence.json": "evidence",
};
const asked = [];
const service = getLanguageService({
  schemaRequestService: async (id) => {
    asked.push(id);
    return readFileSync(join(root, "schemas", `${files[id]}.schema.json`), "utf8");
  },
});
let failed = 0;

const draft = (inside) => `{ "$schema": "${uri}", "release": { "name": "m", "producer": { "name": "p" } }, ${inside} }`;
const artifact = (inside) => draft(`"artifacts": [{ "id": "a", ${inside} }]`);
const stage = (inside) => draft(`"stages": [{ "id": "s", ${inside} }]`);

await offers("a role", artifact('"roles": ["|"]'), ["code.training", "data.pretraining", "weights.final"]);
await offers("a stage's kind", stage('"kind": "|"'), ["pretrain", "sft", "merge", "quantize"]);
await offers("an availability", artifact('"availability": "|"'), ["public", "gated", "recipe-only", "withheld"]);
await offers("a licence", artifact('"license": "|"'), ["Apache-2.0", "NOASSERTION"]);
await offers("a locator", artifact('"locators": ["|"]'), ["git+https://", "hf:datasets/"]);
await offers("a closure", draft('"closure": "|"'), ["complete", "partial"]);
await offers("how a model went in", stage('"models": [{ "artifact": "base", "use": "|" }]'), ["init", "online"]);
await offers("a comparison", stage('"compare": { "mode": "|" }'), ["exact", "ulp", "bounded"]);
await offers("a role that is not applicable", draft('"notApplicable": [{ "role": "|" }]'), ["tokenizer.model"]);
await offers("a field of the manifest", draft("|"), ["artifacts", "stages", "closure", "notApplicable"]);
await offers("a field of an artifact", artifact("|"), ["roles", "locators", "license", "collectedBy", "availability"]);
await offers("a field of a stage", stage("|"), ["kind", "code", "data", "models", "outputs", "init"]);
await offers("a field of a pinned locator", artifact('"locators": [{ | }]'), ["uri", "sha256"]);
await offers("a field of a use of data", stage('"data": [{ | }]'), ["artifact", "tokens", "epochs"]);
await offers("a field of a licence file", artifact('"licenseFiles": [{ | }]'), ["path", "artifact"]);
await offersNo("a role", stage('"kind": "|"'), "code.training");

await shows("a role", artifact('"ro|les": ["code.training"]'), "What it is for");
await shows("a value", artifact('"availability": "with|held"'), "Not published");
await shows("a stage's kind", stage('"ki|nd": "sft"'), "What kind of step it is");
await shows("a title", artifact('"derived|From": []'), "Derived from");

await marks("an unknown field", artifact('"roles": ["weights.final"], "licence": "MIT"'), "licence", "not allowed");
await marks("a missing field", artifact('"name": "x"'), "", "roles");
await marks("a malformed role", artifact('"roles": ["Weights"]'), "Weights", "pattern");
await marks("an unknown availability", artifact('"roles": ["weights.final"], "availability": "hidden"'), "hidden", "public");
await marks("a size as text", artifact('"roles": ["weights.final"], "size": "3"'), "3", "integer");
await marksNothing();
await followsSettings();
tell(asked.length > 0 && asked.every((id) => id in files), "is led to the schema by `$schema`", asked.join());
process.exit(failed ? 1 : 0);

/** A document without the cursor, and where that was. */
async function opened(marked) {
  const offset = marked.indexOf("|");
  const text = offset < 0 ? marked : marked.slice(0, offset) + marked.slice(offset + 1);
  const document = TextDocument.create("file:///m/fullsource.json", "json", 1, text);
  return { document, json: service.parseJSONDocument(document), position: document.positionAt(offset) };
}

async function labels(marked) {
  const { document, json, position } = await opened(marked);
  const list = await service.doComplete(document, position, json);
  return list.items.map((item) => item.label.replaceAll('"', ""));
}

async function offers(what, marked, expected) {
  const found = await labels(marked);
  const missing = expected.filter((text) => !found.some((label) => label.startsWith(text)));
  tell(missing.length === 0, `is offered ${what} (${found.length})`, `no ${missing} in ${found}`);
}

async function offersNo(what, marked, unexpected) {
  const found = await labels(marked);
  tell(!found.includes(unexpected), `is not offered ${what} elsewhere`, found.join());
}

async function shows(what, marked, expected) {
  const { document, json, position } = await opened(marked);
  const hover = await service.doHover(document, position, json);
  const text = JSON.stringify(hover?.contents ?? "nothing");
  tell(text.includes(expected), `is shown what ${what} is`, text);
}

async function marks(what, text, under, message) {
  const { document, json } = await opened(text);
  const faults = await service.doValidation(document, json, { schemaValidation: "error" });
  const fits = (fault) => document.getText(fault.range).includes(under) && fault.message.includes(message);
  tell(faults.some(fits), `is told of ${what}`, JSON.stringify(faults.map((fault) => fault.message)));
}

async function marksNothing() {
  const wild = readdirSync(join(root, "examples/wild")).filter((name) => name.endsWith(".json"));
  const paths = wild.map((name) => `examples/wild/${name}`);
  paths.push("examples/tiny-lm/full-source/fullsource.json", "examples/tiny-lm/weights-only/fullsource.json");
  for (const path of paths) {
    const { document, json } = await opened(readFileSync(join(root, path), "utf8"));
    const faults = await service.doValidation(document, json, { schemaValidation: "error" });
    tell(faults.length === 0, `marks nothing in ${path}`, JSON.stringify(faults[0]?.message));
  }
  tell(paths.length > 10, "sees the examples", `only ${paths.length}`);
}

/** The settings that docs/ci.md gives lead to a schema on disk, without `$schema` and without a network. */
async function followsSettings() {
  const page = readFileSync(join(root, "docs/ci.md"), "utf8");
  const settings = JSON.parse(page.match(/^```json\n(.*?)^```$/ms)[1])["json.schemas"];
  // VS Code takes a path that starts with `./` as one below the workspace.
  const schemas = settings.map(({ fileMatch, url }) => ({ fileMatch, uri: new URL(url, "file:///m/").href }));
  const local = getLanguageService({
    schemaRequestService: async (id) => {
      if (id !== "file:///m/fullsource.schema.json") throw new Error(id);
      return readFileSync(join(root, "schemas/manifest.schema.json"), "utf8");
    },
  });
  local.configure({ schemas });
  const { document, position } = await opened('{ "artifacts": [{ "id": "a", "roles": ["|"] }] }');
  const list = await local.doComplete(document, position, local.parseJSONDocument(document));
  tell(list.items.some((item) => item.label.includes("code.training")), "follows the settings of docs/ci.md", "no role");
}

function tell(holds, claim, why) {
  if (!holds) failed += 1;
  console.log(`${holds ? "ok  " : "FAIL"} editor ${claim}${holds ? "" : `: ${String(why).slice(0, 400)}`}`);
}
