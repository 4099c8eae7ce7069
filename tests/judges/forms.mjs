#!/usr/bin/env node
// Readers from npm judge forms of the reports that forms.py made: another renderer of Markdown, the library
// that draws shields' badges, and GitHub's own writer of workflow commands.
//
// usage: forms.mjs REPORTS     (FULLSOURCE names the program)

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import * as core from "@actions/core";
import { makeBadge } from "badge-maker";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";

const [directory] = process.argv.slice(2);
const reports = readdirSync(directory).filter((name) => name.endsWith(".json")).sort();
const tags = new Set("h2 h3 p ul li code strong table thead tbody tr th td".split(" "));
let failed = 0;

judgeMarkdown();
judgeBadges();
judgeCommands();
process.exit(failed ? 1 : 0);

function judgeMarkdown() {
  const strange = new Set();
  for (const name of reports) {
    for (const [tag, element, attributes] of render(shown(name, "markdown")).matchAll(/<\/?([a-z0-9]+)([^>]*)>/gi)) {
      if (!tags.has(element.toLowerCase()) || attributes.trim()) strange.add(tag);
    }
  }
  tell("micromark", strange.size === 0, `makes no element of a text in ${reports.length} reports`, [...strange]);
  tell("micromark", render("<img src=x> www.evil.example").includes("<a"), "makes links of such texts as they are");
}

function render(text) {
  return micromark(text, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true, allowDangerousProtocol: true });
}

function judgeBadges() {
  const fields = ["color", "isError", "label", "message", "schemaVersion"];
  const wrong = [];
  for (const name of reports) {
    const badge = JSON.parse(shown(name, "shields"));
    const { schemaVersion, isError, label, message, color } = badge;
    const form = String(Object.keys(badge).sort()) === String(fields) && schemaVersion === 1 && typeof isError === "boolean";
    const drawn = makeBadge({ label, message, color });
    if (!form || !drawn.includes(`<title>${label}: ${message}</title>`)) wrong.push(name);
  }
  tell("badge-maker", wrong.length === 0, `draws ${reports.length} badges`, wrong);
}

/** Each line must be what GitHub's own library writes for what a runner reads in it. */
function judgeCommands() {
  const wrong = [];
  let most = 0;
  for (const name of reports) {
    const lines = shown(name, "github").split("\n").slice(0, -1);
    const counts = {};
    for (const line of lines) {
      const { command, properties, message } = runner(line);
      counts[command] = (counts[command] ?? 0) + 1;
      if (written(command, message, properties) !== `${line}\n`) wrong.push(line);
      if (line.includes("##[") || /[\p{Cc}\p{Bidi_Control}]/u.test(line)) wrong.push(line);
    }
    most = Math.max(most, ...Object.values(counts));
  }
  tell("@actions/core", wrong.length === 0, "writes every command as it is", wrong);
  tell("@actions/core", most <= 10 && most > 0, "finds no more of a kind than a step shows", [String(most)]);
}

/** A line as the runner reads it. */
function runner(line) {
  const end = line.indexOf("::", 2);
  const [, command, rest] = /^::(\w+) (.*)$/.exec(line.slice(0, end)) ?? [];
  const undo = (text) => text.replace(/%(0D|0A|3A|2C|25)/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  const properties = Object.fromEntries(rest.split(",").map((pair) => /^(\w+)=(.*)$/su.exec(pair)).map(([, key, value]) => [key, undo(value)]));
  return { command, properties, message: undo(line.slice(end + 2)) };
}

function written(command, message, { title, file, line, col }) {
  const write = process.stdout.write;
  let out = "";
  process.stdout.write = (text) => (out += text) !== "";
  core[command]?.(message, { title, file, startLine: line, startColumn: col });
  process.stdout.write = write;
  return out;
}

function shown(name, form) {
  const args = ["render", join(directory, name), "--format", form];
  const done = spawnSync(process.env.FULLSOURCE, args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(`${name} as ${form}: ${done.stderr}`);
  return done.stdout;
}

function tell(judge, holds, claim, why = []) {
  if (!holds) failed += 1;
  console.log(`${holds ? "ok  " : "FAIL"} ${judge} ${claim}${holds ? "" : `: ${why.slice(0, 5).join(" | ").slice(0, 400)}`}`);
}
