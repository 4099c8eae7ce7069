#!/usr/bin/env node
// ajv judges our schemas, and then with them every JSON document of the vectors behind the layer
// `json`, which JSON.parse is too lenient to judge.
//
// usage: schemas.mjs ROOT ANSWERS      (ROOT: the repository)
//
// ANSWERS is written: what the schemas say of each document, to be compared with jsonschema's.

import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const [root, answersPath] = process.argv.slice(2);
const validators = new Map();
let failed = 0;

judgeSchemas();
judgeVectors();
process.exit(failed ? 1 : 0);

function judgeSchemas() {
  const directory = join(root, "schemas");
  const files = existsSync(directory) ? readdirSync(directory) : [];
  tell(files.length >= 5, "finds the five schemas", `only ${files}`);
  for (const file of files.filter((f) => f.endsWith(".json")).sort()) {
    const ajv = addFormats(new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true }));
    ajv.addFormat("uint8", true).addFormat("uint32", true).addFormat("uint64", true);
    let why = "";
    try {
      validators.set(file.split(".")[0], ajv.compile(read(join(directory, file))));
    } catch (error) {
      why = String(error);
    }
    tell(!why, `accepts \`${file}\` in strict mode`, why);
  }
}

function judgeVectors() {
  let answers = "";
  let refused = 0;
  for (const [name, directory, one] of cases(join(root, "tests", "vectors"))) {
    const validate = validators.get(one.kind);
    if (!one.document?.endsWith(".json") || !validate || one.layer === "json") continue;
    const accepted = validate(read(join(directory, one.document)));
    answers += `${name} ${accepted ? "accepted" : "refused"}\n`;
    if (!accepted) refused += 1;
    const why = accepted ? "it was accepted" : JSON.stringify(validate.errors[0]);
    if (accepted && one.layer === "schema") tell(false, `refuses the vector ${name}`, why);
    if (!accepted && ["rules", "pass"].includes(one.layer)) tell(false, `accepts the vector ${name}`, why);
  }
  tell(refused > 0, `refuses ${refused} documents of the vectors`, "there are none");
  writeFileSync(answersPath, answers);
}

/** Name, directory and contents of each case. */
function* cases(vectors) {
  if (!existsSync(vectors)) return;
  for (const area of readdirSync(vectors).sort()) {
    if (area.includes(".")) continue;
    for (const name of readdirSync(join(vectors, area)).sort()) {
      const directory = join(vectors, area, name);
      const path = join(directory, "case.json");
      if (existsSync(path)) yield [`${area}/${name}`, directory, read(path)];
    }
  }
}

function read(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

function tell(holds, claim, why) {
  if (!holds) failed += 1;
  console.log(`${holds ? "ok  " : "FAIL"} ajv ${claim}${holds ? "" : `: ${why.slice(0, 300)}`}`);
}
