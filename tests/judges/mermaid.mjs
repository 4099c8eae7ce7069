#!/usr/bin/env node
// Mermaid reads our flowcharts: as many nodes and lines as we wrote, and every hostile name as a label.
//
// usage: mermaid.mjs REPORTS     (where graph.sh wrote the flowcharts)

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!doctype html><body></body>");
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import("mermaid");
mermaid.initialize({ startOnLoad: false });

const [reports] = process.argv.slice(2);
let failed = 0;

const charts = readdirSync(reports).filter((file) => file.endsWith(".mermaid")).sort();
tell(charts.length >= 16, "finds the flowcharts", `only ${charts}`);
for (const chart of charts) await judge(chart);
await refuse("flowchart TB\n  n0[\"quote \" end\"]\n");
process.exit(failed ? 1 : 0);

async function judge(chart) {
  const name = chart.replace(".mermaid", "");
  const text = readFileSync(join(reports, chart), "utf8");
  let read;
  try {
    await mermaid.parse(text);
    read = (await mermaid.mermaidAPI.getDiagramFromText(text)).db;
  } catch (error) {
    return tell(false, `accepts the flowchart of ${name}`, String(error));
  }
  tell(true, `accepts the flowchart of ${name}`);
  const nodes = [...read.getVertices().values()];
  const written = [/^ {4}n\d+/gm, /^ {2}n\d+ [-=]/gm].map((line) => text.match(line)?.length ?? 0);
  tell(`${[nodes.length, read.getEdges().length]}` === `${written}`, `reads what was written of ${name}`, `${nodes.length}`);
  tell(text.length < 50_000 && written[1] < 500, `could draw ${name}: 500 lines, 50,000 characters`, `${written[1]}`);
  const links = nodes.filter((node) => node.link || node.haveCallback || node.styles.length > 0);
  tell(links.length === 0, `finds no link and no style in ${name}`, JSON.stringify(links));
  if (name === "hostile") judgeNames(nodes.map((node) => decoded(node.text)));
}

/** Names without what is shown as an escape or cut are whole in a label. */
function judgeNames(labels) {
  const { artifacts } = JSON.parse(readFileSync(join(reports, "hostile.json"), "utf8"));
  const names = artifacts.map((artifact) => artifact.id).filter((name) => name.trim() && name.length <= 60);
  const plain = names.filter((name) => !/[\p{Cc}\p{Cf}\ufffe\uffff]/u.test(name));
  const lost = plain.filter((name) => !labels.some((label) => label.includes(name)));
  tell(plain.length > 15 && lost.length === 0, `shows ${plain.length} hostile names as they are`, lost.join(" | "));
}

/** A label as it is shown: Mermaid keeps codes in this form until it draws. */
function decoded(label) {
  return label.replace(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCodePoint(Number(code)));
}

async function refuse(text) {
  const refused = await mermaid.parse(text).then(() => false, () => true);
  tell(refused, "refuses a name whose quote is not a code", "it was accepted");
}

function tell(holds, claim, why) {
  if (!holds) failed += 1;
  console.log(`${holds ? "ok  " : "FAIL"} mermaid ${claim}${holds ? "" : `: ${why.slice(0, 300)}`}`);
}
