#!/usr/bin/env node
// @sigstore/verify judges the bundles that fullsource signed.
//
// usage: bundle.mjs WORK     (WORK as tests/judges/run lays it out)
//
// A bundle signed by a key, without a log entry or a timestamp, is verified with thresholds of 0;
// the verifier must still find the signature good, and the key comes from us, not from the bundle.

import { createHash, createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { bundleFromJSON } from "@sigstore/bundle";
import { PolicyError, VerificationError, Verifier, toSignedEntity, toTrustMaterial } from "@sigstore/verify";

const work = process.argv[2];
const noRoot = { mediaType: "", tlogs: [], ctlogs: [], certificateAuthorities: [], timestampAuthorities: [] };
const thresholds = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 };
let failed = 0;

for (const kind of ["ed25519", "p256"]) judge(kind);
process.exit(failed ? 1 : 0);

function judge(kind) {
  const bundle = JSON.parse(readFileSync(join(work, `${kind}.sigstore.json`), "utf8"));
  const key = readFileSync(join(work, `${kind}.pub`), "utf8");
  const other = readFileSync(join(work, "other.pub"), "utf8");

  claim("accepts", `the ${kind} bundle`, () => verify(bundle, key));
  claim("accepts", `the ${kind} bundle's key hint`, () => {
    const spki = createPublicKey(key).export({ type: "spki", format: "der" });
    const id = createHash("sha256").update(spki).digest("base64");
    if (bundle.verificationMaterial.publicKey.hint !== id) throw new VerificationError({ message: "another hint" });
  });
  claim("refuses", `the ${kind} bundle with a changed payload`, () => {
    verify(changed(bundle, (e) => (e.payload = flipped(e.payload, 40))), key);
  });
  claim("refuses", `the ${kind} bundle with a changed signature`, () => {
    verify(changed(bundle, (e) => (e.signatures[0].sig = flipped(e.signatures[0].sig, 20))), key);
  });
  claim("refuses", `the ${kind} bundle with another payload type`, () => {
    verify(changed(bundle, (e) => (e.payloadType = "application/vnd.in-toto+jsom")), key);
  });
  claim("refuses", `the ${kind} bundle for another key`, () => verify(bundle, other));
}

/** Throws a VerificationError or a PolicyError where the bundle does not hold. */
function verify(bundle, pem) {
  const keys = () => ({ publicKey: createPublicKey(pem), validFor: () => true });
  const verifier = new Verifier(toTrustMaterial(noRoot, keys), thresholds);
  verifier.verify(toSignedEntity(bundleFromJSON(bundle)));
}

function changed(bundle, edit) {
  const copy = structuredClone(bundle);
  edit(copy.dsseEnvelope);
  return copy;
}

/** Base64 of the same bytes with one bit changed. */
function flipped(text, at) {
  const data = Buffer.from(text, "base64");
  data[at] ^= 1;
  return data.toString("base64");
}

/** Prints whether the judge does what is claimed; only its own errors are refusals. */
function claim(verb, what, act) {
  let why = "";
  try {
    act();
    if (verb === "refuses") why = "it was accepted";
  } catch (error) {
    const refusal = error instanceof VerificationError || error instanceof PolicyError;
    if (verb === "accepts" || !refusal) why = String(error);
  }
  if (why) failed += 1;
  console.log(`${why ? "FAIL" : "ok  "} @sigstore/verify ${verb} ${what}${why && `: ${why}`}`);
}
