// Reports and manifests whose every text wants out of the page.

// Each wants to run, to load, to close what it stands in, or to turn the text around it.
export const TEXTS = [
  "<script>window.injected = 1; alert(1)</script>",
  "<img src=x onerror=\"window.injected = 1\">",
  "\"><svg onload=alert(1)><bdi>",
  "' onmouseover='alert(1)",
  "</td></tr></table></section></main><h1>PASS</h1>",
  "<!-- </style><style>body{display:none}</style>",
  "javascript:alert(1)",
  "https://evil.example/?q=\"onclick=\"alert(1)",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "\u001b[31mred\u001b[0m\u0007",
  "abc\u202Efdp.exe\u2066x",
  "נתוני אימון ועוד 12",
  "بيانات التدريب (2024)",
  "模型权重与训练数据",
  "a`b``c`<b>",
  "x".repeat(400),
  "line\nbreak\ttab\u0000nul",
];

const STATUSES = [
  "verified", "gated", "mismatch", "placeholder", "metadata", "partial", "unchecked", "unreachable", "closed",
  "absent", "internal", "recipe-only", "withheld",
];
const ROLES = [
  "weights.final", "model.adapter", "config.model", "tokenizer.model", "code.training", "env.lock",
  "data.pretraining", "doc.model-card", "log.training", "eval.results", "attestation.x", "\"><script>x</script>",
];
const CODES = [
  ["artifact-mismatch", "error"], ["artifact-absent", "error"], ["artifact-unchecked", "incomplete"],
  ["license-unknown", "warning"], ["artifact-withheld", "note"],
];
const SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const text = (n) => TEXTS[n % TEXTS.length];

function artifact(n) {
  return {
    id: `${text(n)}-${n}`,
    name: text(n + 1),
    roles: [ROLES[n % ROLES.length], ...(n % 5 === 0 ? ["code.inference"] : [])],
    status: STATUSES[n % STATUSES.length],
    ...(n % 4 === 0 ? { availability: "gated" } : {}),
    license: text(n + 2),
    size: n * 1_000_003,
    places: [text(n + 3), "https://lab.example/data/" + n, `git+https://lab.example/${n}@abc`].slice(0, 1 + (n % 3)),
  };
}

function finding(n) {
  const [code, severity] = CODES[n % CODES.length];
  return {
    code, severity, artifact: `${text(n)}-${n}`, path: text(n + 4), message: `it is \`${text(n)}\`, not that`,
    help: text(n % 2), rule: `spec/v0.1/findings.md#${code}`,
  };
}

const tri = (n) => ["no", "unknown", "yes"][n % 3];
const pair = (n) => ({ availability: tri(n), freedom: "no" });
const interval = (established, possible) => ({ established, possible });

function classReport(count) {
  const needs = Array.from({ length: count }, (_, n) => ({
    need: "training-code", stage: text(n), about: text(n + 1), ...pair(n), decidedAvailability: text(n + 2),
  }));
  return {
    headline: "weights-available", availability: interval(1, 3), freedom: interval(0, 2),
    linkage: "rebuilt-bounded, self",
    claimed: { availability: interval(4, 4), freedom: interval(3, 3) },
    delta: { availability: interval(1, 3), freedom: interval(0, 2) },
    next: {
      chain: "freedom", rung: 1, name: "open-weights",
      missing: needs.map((need, n) => ({ need: need.need, value: tri(n), text: `publish \`${text(n)}\`` })),
    },
    // What is established is met (rep-13).
    rungs: [1, 2, 3, 4].map((rung) => ({
      rung, availability: text(rung), freedom: text(rung + 1),
      needs: rung === 1 ? needs.map((need) => ({ ...need, availability: "yes" })) : needs,
    })),
  };
}

const answer = (word, n) => ({ answer: word, rule: text(n) });
const FRAMEWORKS = {
  osaid: answer("undetermined", 0), debian: answer("undetermined", 1), fsf: answer("nonfree", 2),
  mof: {
    class: interval(0, 2), claimed: interval(1, 3),
    components: [{ name: text(3), class: 2, optional: true, value: "unknown", claimed: "yes" }],
  },
  euIndex: {
    datasourcesBasemodel: "open", datasourcesEndmodel: "partial", weightsBasemodel: "closed",
    weightsEndmodel: "undetermined", trainingcode: "open",
  },
  aiAct: { exemption: answer("no", 4), systemicRisk: answer("unknown", 5), trainingContentSummary: answer("yes", 6) },
};

// A report of `count` artifacts, and as many of all else.
export function report(count) {
  const many = (make) => Array.from({ length: count }, (_, n) => make(n));
  const order = ["error", "incomplete", "warning", "note"];
  const findings = many(finding).sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  const stage = (n) => ({
    id: text(n), kind: text(n + 1), code: [text(n + 2)], data: TEXTS, outputs: [`${text(n)}-${n}`],
    models: [{ artifact: "base", use: "init" }],
  });
  return {
    _type: "https://fullsource.dev/report/v0.1",
    verdict: "fail",
    statement: { sha256: SHA },
    release: { name: text(0) + text(15), version: text(10), producer: text(12), producerUri: text(6) },
    signers: many((n) => ({ keyId: text(n), keyType: text(n + 1), principal: text(n + 2), standing: "none" })).slice(0, 20),
    files: { covered: 3, intact: 2, totalBytes: 4096, digests: "all" },
    class: classReport(Math.min(count, 2000)),
    parents: many((n) => ({
      statement: { sha256: SHA }, status: "counts", trusted: n % 2 === 0, artifacts: [text(n)], reason: text(n + 1),
      release: { name: text(n), version: text(n + 1), producer: text(n + 2) },
      verified: { availability: interval(1, 3), freedom: interval(0, 2) },
    })).slice(0, 60),
    restrictions: many((n) => ({ artifact: text(n), license: text(n + 1), takes: [text(n + 2)], by: text(n + 3), clause: text(n + 4) })),
    frameworks: FRAMEWORKS,
    badges: {
      gated: many((n) => `${text(n)}-${n}`), exercisability: "lab",
      vendorDependent: many((n) => ({ artifact: text(n), relation: "offline", closed: tri(n) })).slice(0, 100),
      reproduced: { by: "self", independent: 0 },
    },
    rebuilds: {
      asked: 1,
      stages: many((n) => ({
        stage: text(n), judged: true,
        told: [{ rebuilder: text(n + 1), self: true, grade: "rebuilt-bounded", confirms: true, reason: text(n + 2) }],
      })).slice(0, 1000),
    },
    artifacts: many(artifact),
    stages: many(stage).slice(0, 50),
    findings,
    notChecked: TEXTS,
  };
}

// Ten thousand artifacts as a large release really has them: data shards.
export function large() {
  const shard = (n) => ({
    id: `shard-${String(n).padStart(5, "0")}`, roles: ["data.pretraining"], status: n % 9 === 0 ? "unchecked" : "verified",
    license: "ODC-By-1.0", size: 512_000_000 + n,
    places: [`https://data.lab.example/corpus-v2/part-${String(n).padStart(5, "0")}.jsonl.zst`],
  });
  const unchecked = (n) => ({
    code: "artifact-unchecked", severity: "incomplete", artifact: `shard-${String(n * 9).padStart(5, "0")}`,
    message: "nobody looked at every place where it is said to lie", help: "verify with the network",
    rule: "spec/v0.1/findings.md#artifact-unchecked",
  });
  const { restrictions, parents, stages, notChecked, ...rest } = report(3);
  return {
    ...rest, verdict: "incomplete", release: { name: "large", version: "1", producer: "Example Lab" },
    artifacts: Array.from({ length: 10_000 }, (_, n) => shard(n)),
    findings: Array.from({ length: 1000 }, (_, n) => unchecked(n)),
    notChecked: ["freshness: whether a newer release replaces this one"],
  };
}

// A manifest that the format takes, with such texts wherever it allows one.
export function manifest() {
  const visible = TEXTS.filter((one) => !/[\u0000-\u001f\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(one)).map((one) => one.slice(0, 256));
  const artifacts = visible.map((name, n) => ({
    id: `artifact-${n}`, name, roles: ["doc.readme"], license: "MIT",
    locators: ["https://lab.example/\"onclick=\"alert(1)".replaceAll('"', "%22") + n],
  }));
  return {
    release: { name: visible[0], version: visible[1], producer: { name: visible[3] } },
    closure: "partial",
    artifacts,
  };
}
