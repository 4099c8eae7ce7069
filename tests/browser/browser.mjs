// A browser without a network, and what it noticed while it had a page open.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const { CHROMIUM, SHOTS } = process.env;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Tests may run as root, where chromium has no sandbox.
export const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });

// Opens a page, gives it to `use`, and throws if it asked for anything, complained, or ran what is not ours.
export async function opened(file, { width = 1280, scheme = "light", scripts = true, media }, use) {
  const context = await browser.newContext({
    viewport: { width, height: 900 }, colorScheme: scheme, javaScriptEnabled: scripts, offline: true,
  });
  const noticed = [];
  const address = pathToFileURL(file).href;
  const page = await context.newPage();
  page.on("console", (message) => noticed.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => noticed.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => { noticed.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("popup", () => noticed.push("a window"));
  page.on("request", (request) => { if (request.url() !== address) noticed.push(`request: ${request.url()}`); });
  try {
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective}`));
    });
    await page.goto(address);
    if (media) await page.emulateMedia({ media });
    const result = await use(page);
    if (noticed.length > 0) throw new Error(noticed.slice(0, 5).join("\n"));
    return result;
  } finally {
    await context.close();
  }
}

// What the accessibility checker finds, each in a line.
export async function violations(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.length}, first ${nodes[0]?.html.slice(0, 200)} ${nodes[0]?.failureSummary}`);
}

// Keeps a picture for people, where they asked for some.
export async function picture(page, name) {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SHOTS, `${name}.png`), fullPage: true, timeout: 120_000 });
}
