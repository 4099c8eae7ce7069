// What must hold of every page that `--format html` writes, whatever is in the report.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, describe, test } from "node:test";
import { browser, opened, picture, violations } from "./browser.mjs";
import { TEXTS, large, manifest, report } from "./hostile.mjs";

const { FULLSOURCE, ROOT, WORK } = process.env;
const at = (name) => path.join(WORK, name);
const example = path.join(ROOT, "examples/tiny-lm");

function verified(name, release) {
  const key = path.join(example, "release.pub");
  const args = ["verify", release, "--key", key, "--format", "html", "-o", at(`${name}.html`)];
  return spawnSync(FULLSOURCE, args, { stdio: "ignore" }).status;
}

function rendered(name, subject) {
  execFileSync(FULLSOURCE, ["render", subject, "--format", "html", "-o", at(`${name}.html`)]);
}

function written(name, document) {
  writeFileSync(at(`${name}.json`), JSON.stringify(document));
  rendered(name, at(`${name}.json`));
}

mkdirSync(at("empty"));
assert.equal(verified("pass", path.join(example, "full-source")), 0);
assert.equal(verified("weights-only", path.join(example, "weights-only")), 0);
assert.equal(verified("nothing", at("empty")), 4);
rendered("wild", path.join(ROOT, "examples/wild/deepseek-r1-distill-llama-8b.json"));
written("hostile", report(40));
written("hostile-manifest", manifest());
written("hostile-large", report(10_000));
written("large", large());
const pages = ["pass", "weights-only", "nothing", "wild", "hostile", "hostile-manifest"];
const big = ["hostile-large", "large"];
const file = (name) => at(`${name}.html`);

after(() => browser.close());

// All that a page may be made of, beside its drawing. An element or attribute that is not here was injected.
const ELEMENTS = new Set(`html head meta title style body a header p span h1 h2 h3 bdi strong code dl div dt dd nav ul
  ol li main section table caption thead tbody tr th td br small details summary figure fieldset legend label input
  pre footer script`.split(/\s+/));
const ATTRIBUTES = new Set(`lang charset http-equiv content name class href id aria-labelledby aria-label role tabindex
  scope colspan open type value checked title rel autocomplete`.split(/\s+/));

// The kinds of elements with their attributes, each once, and where links lead to.
const made = () => {
  const all = [...document.querySelectorAll("*")].filter((one) => !one.closest("svg"));
  const kinds = new Set(all.flatMap((one) => [one.localName, ...one.getAttributeNames().map((name) => `${one.localName} ${name}`)]));
  const drawn = [...document.querySelectorAll("svg, svg *")].flatMap((one) => [one.localName, ...one.getAttributeNames()]);
  return { kinds: [...kinds], drawn: [...new Set(drawn)], links: [...document.querySelectorAll("a")].map((one) => one.getAttribute("href")) };
};

async function holdsNothingForeign(page) {
  const { kinds, drawn, links } = await page.evaluate(made);
  for (const kind of kinds) {
    const [element, attribute] = kind.split(" ");
    assert.ok(ELEMENTS.has(element) && (attribute === undefined || ATTRIBUTES.has(attribute)), `<${kind}>`);
  }
  for (const one of drawn) assert.doesNotMatch(one, /^(script|foreignobject|a|image|use|iframe|on.*|href|xlink:href)$/i);
  for (const href of links) assert.match(href, /^(#[a-z-]+|https:\/\/.*)$/s);
  assert.equal(await page.evaluate(() => document.querySelectorAll("script").length), 1);
  assert.equal(await page.evaluate(() => globalThis.injected), undefined);
}

const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;

describe("every page", () => {
  const foreign = (name, scripts, widths) => test(`${name}, scripts ${scripts ? "on" : "off"}: fits, asks for nothing, runs nothing of others`, async () => {
    for (const width of widths) {
      await opened(file(name), { width, scripts }, async (page) => {
        assert.equal(await page.evaluate(overflow), 0, `${width} px`);
        assert.equal(await page.locator("h1").count(), 1);
        await holdsNothingForeign(page);
        if (scripts && pages.includes(name)) await picture(page, `${name}-${width}`);
      });
    }
  });
  for (const name of pages) {
    foreign(name, true, [360, 1280]);
    foreign(name, false, [360, 1280]);
  }
  for (const name of big) {
    foreign(name, true, [1280]);
    foreign(name, false, [360]);
  }
  for (const name of pages) {
    for (const scheme of ["light", "dark"]) {
      test(`${name}, ${scheme}: the accessibility checker finds no violation`, async () => {
        for (const width of [360, 1280]) {
          await opened(file(name), { width, scheme }, async (page) => {
            await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
            await picture(page, `${name}-${scheme}-${width}`);
            assert.deepEqual(await violations(page), []);
          });
        }
      });
    }
    test(`${name}: on paper, all that is folded is shown`, async () => {
      await opened(file(name), { media: "print" }, async (page) => {
        const hidden = () => [...document.querySelectorAll("details > *, .rows tr")]
          .filter((one) => !one.checkVisibility() || one.getBoundingClientRect().height === 0).length;
        assert.equal(await page.evaluate(hidden), 0);
        const paper = await page.pdf({ format: "A4" });
        assert.ok(paper.length > 5000 && paper.subarray(0, 5).toString() === "%PDF-");
      });
    });
  }
});

describe("what a page says", () => {
  const first = (page) => page.evaluate(() => document.body.innerText.slice(0, 400));

  test("the verdict, the release and who signed come first", async () => {
    await opened(file("pass"), { scripts: false }, async (page) => {
      assert.match(await first(page), /PASS[^]*tiny-lm 1\.0[^]*signed by the given ed25519 key[^]*full-source[^]*asserted/);
    });
    await opened(file("wild"), { scripts: false }, async (page) => {
      assert.match(await first(page), /INCOMPLETE[^]*UNVERIFIED: no trusted key signed this/);
    });
    await opened(file("hostile"), { scripts: false }, async (page) => {
      assert.match(await page.locator("header").innerText(), /FAIL[^]*UNVERIFIED: no key that signed this counts/);
    });
    await opened(file("nothing"), { scripts: false }, async (page) => {
      assert.match(await first(page), /ERROR[^]*No release was judged/);
    });
  });

  test("hostile texts are shown as texts, and control characters as escapes", async () => {
    await opened(file("hostile"), {}, async (page) => {
      const body = await page.evaluate(() => document.body.textContent);
      for (const one of TEXTS.filter((one) => !/[\u0000-\u001f\u202e\u2066`]/.test(one))) {
        assert.ok(body.includes(one), one);
      }
      assert.ok(body.includes("\\u{1b}[31mred") && body.includes("abc\\u{202e}fdp.exe\\u{2066}x"));
      assert.doesNotMatch(body, /[\u0000-\u0009\u000b-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
      assert.equal(await page.title(), `FAIL: ${TEXTS[0]}${TEXTS[15]} · fullsource report`);
    });
  });

  test("a text from right to left keeps its direction and leaves the others theirs", async () => {
    await opened(file("hostile"), {}, async (page) => {
      const isolated = () => [...document.querySelectorAll("bdi")].filter((one) => one.textContent.startsWith("נתוני"))
        .map((one) => [getComputedStyle(one).direction, getComputedStyle(one).unicodeBidi]);
      const all = await page.evaluate(isolated);
      assert.ok(all.length > 3);
      for (const one of all) assert.deepEqual(one, ["rtl", "isolate"]);
    });
  });

  test("only addresses behind TLS are links, and they carry no trace of the page", async () => {
    await opened(file("hostile"), {}, async (page) => {
      const links = await page.evaluate(() => [...document.querySelectorAll("main a")].map((one) => [one.protocol, one.rel]));
      assert.ok(links.length > 0);
      for (const one of links) assert.deepEqual(one, ["https:", "noreferrer noopener nofollow"]);
    });
  });

  test("the same report gives the same bytes", () => {
    rendered("again", at("hostile.json"));
    assert.ok(readFileSync(file("again")).equals(readFileSync(file("hostile"))));
  });
});

describe("the table of artifacts", () => {
  const rows = (page) => page.evaluate(() => [...document.querySelectorAll(".rows tr")].filter((one) => getComputedStyle(one).display !== "none").length);

  for (const scripts of [true, false]) {
    test(`is narrowed by status and by role, by mouse and keys, scripts ${scripts ? "on" : "off"}`, async () => {
      await opened(file("pass"), { scripts }, async (page) => {
        assert.equal(await rows(page), 17);
        await page.check("[name=role][value=code]");
        assert.equal(await rows(page), 4);
        await page.check("[name=status][value=verified]");
        assert.equal(await rows(page), 4);
        await page.focus("[name=status][value=verified]");
        await page.keyboard.press("ArrowUp");
        assert.ok(await page.isChecked("[name=status][value=all]"));
        await page.check("[name=role][value=all]");
        assert.equal(await rows(page), 17);
      });
    });
  }

  test("is a list of cards on a phone", async () => {
    await opened(file("hostile"), { width: 360 }, async (page) => {
      const widths = await page.evaluate(() => [...document.querySelectorAll(".rows :is(th, td:not(:empty))")].map((one) => one.clientWidth));
      assert.ok(Math.min(...widths) > 280, `${Math.min(...widths)} px`);
    });
  });

  test("is narrowed by each status and each role that there is", async () => {
    await opened(file("hostile"), {}, async (page) => {
      const options = await page.evaluate(() => [...document.querySelectorAll("fieldset label:not(:first-of-type)")]
        .map((one) => [one.querySelector("input").name, one.querySelector("input").value, Number(one.textContent.split(" ").at(-1))]));
      assert.equal(options.length, 13 + 12);
      for (const [name, value, count] of options) {
        await page.check(`[name=${name}][value=${value}]`);
        assert.equal(await rows(page), count, value);
        await page.check(`[name=${name}][value=all]`);
      }
    });
  });

  test("is searched where scripts run, and has no dead box where they do not", async () => {
    await opened(file("pass"), {}, async (page) => {
      await page.fill("[type=search]", "TRAINING");
      const found = await rows(page);
      assert.ok(found > 0 && found < 17);
      assert.equal(await page.locator("[role=status]").innerText(), `${found} of 17 rows hold it`);
    });
    await opened(file("pass"), { scripts: false }, async (page) => {
      assert.equal(await page.locator("[type=search]").count(), 0);
    });
  });
});

describe("ten thousand artifacts", () => {
  for (const name of big) {
    test(`${name}: below 5 MB, and every artifact is there or counted`, async () => {
      assert.ok(statSync(file(name)).size < 5_000_000, `${statSync(file(name)).size} bytes`);
      await opened(file(name), {}, async (page) => {
        const told = await page.evaluate(() => [...document.querySelectorAll(".rows th")]
          .reduce((sum, one) => sum + Number(/^(\d+) more; the report as JSON/.exec(one.textContent)?.[1] ?? 1), 0));
        assert.equal(told, 10_000);
      });
    });
  }

  test("large: opens within a second of the browser's work", async (t) => {
    await opened(file("large"), {}, async (page) => {
      const session = await page.context().newCDPSession(page);
      await session.send("Performance.enable", { timeDomain: "threadTicks" });
      await page.reload();
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      const { metrics } = await session.send("Performance.getMetrics");
      const seconds = metrics.find(({ name }) => name === "TaskDuration").value;
      t.diagnostic(`${seconds.toFixed(2)} s of processor time, ${statSync(file("large")).size} bytes`);
      assert.ok(seconds < 2, `${seconds} s of processor time`);
    });
  });
});
