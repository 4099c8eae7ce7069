//! Findings: what is wrong, or could not be seen, as data. The codes are closed; each has a heading
//! in `spec/v0.1/findings.md`.

use std::borrow::Cow;
use std::fmt;

use fullsource_format::json::Position;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// How much a finding weighs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Note,
    /// Worth mending; it decides nothing.
    Warning,
    /// Something required could not be established: the verdict is `incomplete` at best.
    Incomplete,
    /// Something contradicts: the verdict is `fail`.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Incomplete => "incomplete",
            Self::Error => "error",
        })
    }
}

/// The layer that a finding comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The documents cannot be judged at all: exit code 4.
    Input,
    /// Who signed.
    Signature,
    /// The files of the release.
    Files,
    /// The claimed artifacts.
    Artifacts,
    /// What was asked for.
    Policy,
}

macro_rules! codes {
    ($($variant:ident $text:literal $layer:ident $severity:ident $help:literal;)*) => {
        /// What a finding is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "spec/v0.1/findings.md has a section on each")]
        pub enum Code { $($variant,)* }

        impl Code {
            /// All codes, in the order of the spec.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// The code as the report has it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }

            /// The rule, as a place in the spec.
            pub const fn rule(self) -> &'static str {
                match self { $(Code::$variant => concat!("spec/v0.1/findings.md#", $text),)* }
            }

            /// The layer it comes from.
            pub const fn layer(self) -> Layer {
                match self { $(Code::$variant => Layer::$layer,)* }
            }

            /// How much it weighs where no policy says otherwise.
            pub const fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity,)* }
            }

            /// What to do about it.
            pub const fn help(self) -> &'static str {
                match self { $(Code::$variant => $help,)* }
            }
        }
    };
}

codes! {
    BundleMissing "bundle-missing" Input Error
        "sign the release with `fullsource sign`, or name its bundle with `--bundle FILE`";
    BundleMalformed "bundle-malformed" Input Error
        "get the bundle again from where the release was published";
    BundleUnsupported "bundle-unsupported" Input Error
        "ask the publisher for a Sigstore bundle v0.3 or a DSSE envelope of an in-toto statement";
    EnvelopeMalformed "envelope-malformed" Input Error
        "get the envelope again from where the release was published";
    PayloadType "payload-type" Input Error
        "what was signed is not an in-toto statement; check that this is the release's own bundle";
    StatementType "statement-type" Input Error
        "what was signed is not an in-toto Statement v1";
    PredicateType "predicate-type" Input Error
        "what was signed is another kind of statement, or of another version of this format";
    StatementMalformed "statement-malformed" Input Error
        "ask the publisher to sign again with a tool that keeps the format";
    ManifestMalformed "manifest-malformed" Input Error
        "mend the manifest at the place shown; `fullsource schema manifest` describes it";
    IdDuplicate "id-duplicate" Input Error "give each its own id";
    ReferenceUnknown "reference-unknown" Input Error "add what is named, or correct the name";
    OutputTwice "output-twice" Input Error "an artifact is made by one stage; give each output its own artifact";
    WithheldHasSource "withheld-has-source" Input Error
        "drop `availability: withheld` where it is published, or the place and digest where it is not";
    ReasonMissing "reason-missing" Input Error "say in `reason` why it is not published";
    NotApplicableRole "not-applicable-role" Input Error
        "only config.model, tokenizer.model, config.training and code.preprocessing can be missing for good";
    NoDataInvalid "no-data-invalid" Input Error "list the data that the stage read, with `availability: withheld` if need be";
    SegmentsBroken "segments-broken" Input Error "each segment starts where the last ended, the last ends in an output";
    CommandMalformed "command-malformed" Input Error
        "write `{{` and `}}` for braces; `{input:ID}` names an input of the stage, `{checkpoint}` what a segment starts from";
    CompareLimits "compare-limits" Input Error
        "give `limits.ulp` for the mode `ulp`, `limits.relativeL2` for `bounded`, and none for the others";
    FilesUncovered "files-uncovered" Input Error "correct the path, or add the file to the release";
    FilesMismatch "files-mismatch" Input Error "let `fullsource sign` write subjects and `files`";
    TreeMismatch "tree-mismatch" Input Error "let `fullsource sign` write `tree`";
    IndexConflict "index-conflict" Input Error "leave `files` out where `tree.index` stands";
    IndexMalformed "index-malformed" Input Error "get the file index again; it must be the one that was signed";
    KeyUnreadable "key-unreadable" Input Error "give a key file: PEM (SPKI or PKCS#8) or OpenSSH";
    TrustMalformed "trust-malformed" Input Error "mend the trust file at the line shown; see ssh-keygen(1), ALLOWED SIGNERS";
    PolicyMalformed "policy-malformed" Input Error "mend the policy at the place shown; `fullsource schema policy` describes it";
    EvidenceMalformed "evidence-malformed" Input Error "collect the evidence again with `--save-evidence`";
    EvidenceForeign "evidence-foreign" Input Error "give the evidence that was collected for this statement";
    RebuildMalformed "rebuild-malformed" Input Error "ask the rebuilder for a sound attestation; `fullsource schema rebuild` describes it";
    LimitExceeded "limit-exceeded" Input Error "the limits stand in spec/v0.1/limits.md";
    TargetUnreadable "target-unreadable" Input Error "check the path and its permissions";

    SignatureUntrusted "signature-untrusted" Signature Error
        "do not use this release before you know whose key signed it; get the publisher's key from the publisher";
    SignatureThreshold "signature-threshold" Signature Error
        "ask for the missing signatures, or lower `--threshold` if you mean it";
    SignatureNone "signature-none" Signature Incomplete
        "ask the publisher for a signed release; an unsigned statement is anybody's word";
    SignatureNoKey "signature-no-key" Signature Incomplete
        "give the publisher's key with `--key FILE`, or your trust file with `--trust FILE`";
    SignerExpired "signer-expired" Signature Error "ask for a signature of a key that is valid now, and renew the trust entry";
    SignerNotYetValid "signer-not-yet-valid" Signature Error "check the clock and the trust entry's `valid-after`";
    SignerRevoked "signer-revoked" Signature Error "do not use what this key signed";
    SignerRole "signer-role" Signature Error
        "add `namespaces=\"fullsource\"` to the entry, without wildcards, if that key may sign releases";
    SignerObserver "signer-observer" Signature Incomplete
        "an observer describes what others released; ask for a statement that its producer signed";
    StatementRevoked "statement-revoked" Signature Error "get the release that replaces this one";
    StatementConflict "statement-conflict" Signature Error "choose one with `--statement-id`";
    StatementUnexpected "statement-unexpected" Signature Error "get the release that you asked for, or ask for this one";

    FileChanged "file-changed" Files Error "download it again; if it still differs, tell the publisher";
    FileMissing "file-missing" Files Error "download it again";
    FileAdded "file-added" Files Error "remove it, unless you know where it comes from; nobody signed it";
    SymlinkPresent "symlink-present" Files Error
        "replace the link with the file (for a hub cache: download with `--local-dir`), or remove it";
    SpecialPresent "special-present" Files Error "remove it; a release holds regular files";
    DirectoryEmpty "directory-empty" Files Error "remove it; nobody signed it";
    NameTwin "name-twin" Files Error "rename one of them: some file systems take both for one file";
    NameInvalid "name-invalid" Files Error "rename or remove it";
    FileUnreadable "file-unreadable" Files Incomplete "check its permissions and the disk, then verify again";
    FileUnstable "file-unstable" Files Incomplete "verify again when nothing writes to the release";
    FileUnchecked "file-unchecked" Files Incomplete "verify with `--digests all`, the default";
    FileExcluded "file-excluded" Files Note "the signer left it out; do not rely on it";
    EntryIgnored "entry-ignored" Files Note "not part of the release; remove it before you pass the release on";
    LoadableUncovered "loadable-uncovered" Files Error
        "remove it: a framework may load it, and nobody signed it";
    RemoteCode "remote-code" Files Error
        "the code that would run is not in this release; ask the publisher to ship it, or do not trust remote code";
    DigestsPartial "digests-partial" Files Warning "verify with `--digests all`, the default";
    FilesNotRead "files-not-read" Files Warning
        "verify without `--trust-mtime`: then every file is read";
    NotLooked "not-looked" Files Incomplete "verify the release directory itself";

    WeightsUnclaimed "weights-unclaimed" Artifacts Error
        "every weight file belongs to an artifact with a `weights.*` role; ask the publisher what this one is";
    ArtifactMismatch "artifact-mismatch" Artifacts Error "what lies there is not what was claimed; tell the publisher";
    ArtifactAbsent "artifact-absent" Artifacts Error "it is gone from every place named; tell the publisher";
    ArtifactUnchecked "artifact-unchecked" Artifacts Incomplete "verify with the network and a larger budget, or give evidence with `--evidence FILE`; nobody can look at a name alone";
    ArtifactUndigested "artifact-undigested" Artifacts Incomplete "nothing tells what it should be; ask the publisher for a digest";
    ArtifactWeak "artifact-weak" Artifacts Incomplete "SHA-1 git ids can be forged; ask for a dirHash, SHA-256 or BLAKE3 beside them";
    ArtifactPlaceholder "artifact-placeholder" Artifacts Error
        "what was claimed is not in it; ask the publisher where it is";
    ArtifactWithheld "artifact-withheld" Artifacts Note "the publisher says that it is not published";
    CommitUnreachable "commit-unreachable" Artifacts Warning
        "it may be a fork's commit under this repository's name; ask the publisher which branch it is on";
    SourceUndeclared "source-undeclared" Artifacts Warning
        "list it in the manifest, or correct the card or configuration that names it";
    ContentMalformed "content-malformed" Artifacts Warning "ask the publisher for a file that strict readers can read";
    PickleCode "pickle-code" Artifacts Warning
        "loading it runs code; prefer safetensors, or read what it imports before you load it";
    StageCycle "stage-cycle" Artifacts Error "a model cannot be made from itself; correct `outputs` and `models`";
    LicenseMismatch "license-mismatch" Artifacts Error
        "ask the publisher which licence holds; do not rely on the one declared";
    LicenseUnknown "license-unknown" Artifacts Warning "use an SPDX id, or a `LicenseRef-` for what SPDX lacks";
    ParentMismatch "parent-mismatch" Artifacts Error
        "this model, or the statement named for it, is another one; ask the publisher for the right one";
    ParentAbsent "parent-absent" Artifacts Error
        "the statement named for this model is gone from every place named; tell the publisher";
    ParentUnchecked "parent-unchecked" Artifacts Incomplete
        "verify with the network, or give the parent's bundle with `--parent FILE`";
    ParentUntrusted "parent-untrusted" Artifacts Warning
        "add that model's producer to your trust file; a key given with `--key` vouches for the target alone";
    ParentLocal "parent-local" Artifacts Note
        "somebody wrote it here; it is the word of nobody who made that model";
    EvidenceUnsigned "evidence-unsigned" Artifacts Incomplete
        "look yourself, or say with `--accept-evidence` that you trust whoever collected it";

    RebuildContradicted "rebuild-contradicted" Artifacts Error
        "ask the rebuilder and the publisher what differs: the environment, the command, or the source";
    RebuildWeaker "rebuild-weaker" Artifacts Warning
        "what came out is near what is claimed, or holds the same; ask the publisher why not more";
    RebuildUntrusted "rebuild-untrusted" Artifacts Warning
        "write `namespaces=\"fullsource-rebuilder\"` into the entry, if you take that key's word on rebuilds";
    RebuildForeign "rebuild-foreign" Artifacts Warning
        "give the attestation of this very statement and stage; this one counts for nothing";

    SignerRefused "signer-refused" Policy Error
        "ask for a signature of one of the principals that the policy names";
    LicenseRefused "license-refused" Policy Error "take what is under a licence that the policy has, or widen the policy";
    EvidenceOld "evidence-old" Policy Incomplete "look again, or take newer evidence";
    RebuildMissing "rebuild-missing" Policy Incomplete
        "give more attestations with `--rebuild FILE`, or run the stages yourself with `fullsource rebuild`";
    ClassImpossible "class-impossible" Policy Error
        "the report lists what is missing for the next rung; ask the publisher for it";
    ClassUnproven "class-unproven" Policy Incomplete
        "look where nobody looked (`--format json` tells what is open), or ask the publisher for what is missing";
    ClassUnjudged "class-unjudged" Policy Incomplete
        "verify the sources, too: without them no rung can be established";
}

impl Code {
    /// The code with this text.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::from_text(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no finding code")))
    }
}

impl JsonSchema for Code {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Code".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let codes: Vec<_> = Self::ALL.iter().map(|code| code.as_str()).collect();
        json_schema!({ "enum": codes, "description": "What a finding is about." })
    }
}

/// One thing that is wrong, or could not be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// What it is about.
    pub code: Code,
    /// How much it weighs, by the policy.
    pub severity: Severity,
    /// The artifact concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<String>,
    /// The path concerned, of an entry or of a document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Where in the document at `path`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Position>,
    /// What happened.
    pub message: String,
    /// What to do.
    pub help: Cow<'static, str>,
    /// The rule, as a place in the spec.
    pub rule: Cow<'static, str>,
}

impl Finding {
    /// A finding with the code's own severity.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            artifact: None,
            path: None,
            place: None,
            message: message.into(),
            help: code.help().into(),
            rule: code.rule().into(),
        }
    }

    /// The same, about a path.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The same, at a place of the document at its path.
    #[must_use]
    pub fn placed(mut self, place: Option<Position>) -> Self {
        self.place = place;
        self
    }

    /// The path, with line and column where it is a document's: `fullsource.json:3:7`.
    pub fn path_and_place(&self) -> Option<String> {
        let path = self.path.as_ref()?;
        Some(self.place.map_or_else(
            || path.clone(),
            |Position { line, column }| format!("{path}:{line}:{column}"),
        ))
    }

    /// The same, about an artifact.
    #[must_use]
    pub fn of(mut self, artifact: impl Into<String>) -> Self {
        self.artifact = Some(artifact.into());
        self
    }

    /// The same, with another help than the code's own.
    #[must_use]
    pub fn helping(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = help.into();
        self
    }

    /// The same, with another severity than the code's own.
    #[must_use]
    pub const fn weighing(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}
