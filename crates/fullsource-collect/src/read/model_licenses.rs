//! Model licences that the SPDX list lacks, by phrases of their own.
//!
//! Ids are ScanCode LicenseDB's (`aboutcode-org/scancode-licensedb` at 053a651f) where it has this very text,
//! else `LicenseRef-` with the name that people use. A row without a date in its phrases stands
//! behind those with one.

/// One licence, or one version of it.
#[derive(Debug)]
pub(super) struct ModelLicense {
    pub(super) id: &'static str,
    /// Stands within the first [`TITLE_BYTES`] of the words.
    title: &'static str,
    /// Stands anywhere.
    phrase: &'static str,
    /// sha256 of the words of the texts that were seen at the source named in the row.
    pub(super) digests: &'static [&'static str],
}

/// A title and what may stand above it: a notice, a preface of a hub page.
const TITLE_BYTES: usize = 600;

/// The licence whose phrases these words have.
pub(super) fn by_phrases(words: &str) -> Option<&'static ModelLicense> {
    let end = (TITLE_BYTES..words.len()).find(|at| words.is_char_boundary(*at));
    let start = end.map_or(words, |end| &words[..end]);
    let has = |words: &str, phrase: &str| {
        words.match_indices(phrase).any(|(at, _)| {
            let before = words[..at].ends_with(' ');
            before && words[at + phrase.len()..].starts_with(' ')
        })
    };
    LICENSES.iter().find(|license| has(start, license.title) && has(words, license.phrase))
}

const fn row(
    id: &'static str,
    title: &'static str,
    phrase: &'static str,
    digests: &'static [&'static str],
) -> ModelLicense {
    ModelLicense { id, title, phrase, digests }
}

#[rustfmt::skip]
const LICENSES: &[ModelLicense] = &[
    // meta-llama/llama-models at a9c89c47, models/*/LICENSE; ScanCode
    row("LicenseRef-scancode-llama-2-license-2023", "llama 2 community license agreement", "llama materials", &[
        "71543574705f62fd6059e489f34979bc304faaa51ee0acd5e3ea1741d99c02ed",
    ]),
    row("LicenseRef-scancode-llama-3.1-license-2024", "llama 3 1 community license agreement", "llama materials", &[
        "39a5ee35d0f529ce8c6083da46a616139a1d90646993763294289a4987f189e4",
        "5d180b0b7e681c171130f4efab3a719079125a9da3e55248218986e2c414e882",
    ]),
    row("LicenseRef-scancode-llama-3.2-license-2024", "llama 3 2 community license agreement", "llama materials", &[
        "336f9d8349fc4c48309873260891083090a350f40dbb2e79f82cb31f65b5b933",
    ]),
    row("LicenseRef-scancode-llama-3.3-license-2024", "llama 3 3 community license agreement", "llama materials", &[
        "00b094b4605a3084191007e327b771d0e8b0e41a6f934c43b0b94b436586add6",
        "202d81eeb10d92e26b1f3f12193ae0dd9023d95f8f29c33c0c9deea2e802d01c",
    ]),
    row("LicenseRef-scancode-llama-4-cla-2025", "llama 4 community license agreement", "llama materials", &[
        "8db7bb0da1f85309645e2ef5ac27c83aecc448141ed880c2b31cc32077c77452",
    ]),
    // meta-llama/llama3 at a0940f9c, LICENSE
    row("LicenseRef-llama3", "llama 3 community license agreement", "llama materials", &[
        "310de411885106e85987d2c9d197dd4a87ba7c492cc7c82eeeed8b22b876568b",
    ]),
    row("LicenseRef-scancode-llama-license-2023", "llama license agreement", "non commercial research", &[
        "93f018447ecb61f802b7e5b218bcd5f5f5ff7f2675f28685383e7dabdd364930",
    ]),
    // ai.google.dev/gemma/terms, by date
    row("LicenseRef-scancode-gemma-tou-2024-04-01", "gemma terms of use last modified april 1 2024", "prohibited use policy", &[
        "54408f37be18d0a000440cf43e211550ece1468f418e5f3535f6572ec33068c7",
    ]),
    row("LicenseRef-scancode-gemma-tou-2025-03-24", "gemma terms of use last modified march 24 2025", "prohibited use policy", &[
        "222a1476a8b2e5752707e49a42f745dfdd3986719b7ab2c639c899bd0ac718e1",
    ]),
    row("LicenseRef-gemma", "gemma terms of use", "prohibited use policy", &[]),
    // the RAIL family: bigscience.huggingface.co, CompVis, bigcode-project.org, Stability AI
    row("LicenseRef-scancode-bigscience-rail-1.0", "bigscience rail license v1 0", "use restrictions", &[
        "13bfbcbf8ed0fd08767ab6b8178f2372df29eb8fa4fa992f77ff250e8e62d4fe",
    ]),
    row("LicenseRef-scancode-bigscience-open-rail-m", "bigscience open rail m license", "use restrictions", &[
        "b4a3f85ce96ca8cf5fee26aa0d7d918ca9ba374c6e805c78f3b37bb54fe164d7",
    ]),
    row("LicenseRef-scancode-bigscience-open-rail-m2", "creativeml open rail m license dated november 24 2022", "use restrictions", &[
        "d4baa9fb88900f5d55f2ab268e3ee8515202b62ac3b851e1541ed659abc20ab0",
    ]),
    row("LicenseRef-scancode-stable-diffusion-2022-08-22", "creativeml open rail m dated august 22 2022", "use restrictions", &[
        "d40a1e4d6de92760bd607d5d6af29c9f93760a338531829560c07747729044bd",
    ]),
    row("LicenseRef-openrail-plus-plus", "creativeml open rail m license", "use restrictions", &[]),
    row("LicenseRef-scancode-bigcode-open-rail-m-v1", "bigcode open rail m v1", "use restrictions", &[
        "7351fb78860bf2a89b03107fc772a93882f06ff8a9a21cbb41d89bd26c06887f",
    ]),
    row("LicenseRef-openrail", "openrail", "use restrictions", &[]),
    row("LicenseRef-openrail", "open rail", "use restrictions", &[]),
    // deepseek-ai/*/LICENSE-MODEL
    row("LicenseRef-scancode-deepseek-la-1.0", "deepseek license agreement version 1 0", "use restrictions", &[
        "c021f0db6a93dd6f7dbff6d9caa07eaffef145eed8423057b24b29e2dcc572a2",
    ]),
    // Qwen/*/LICENSE
    row("LicenseRef-scancode-qwen-2024", "qwen license agreement release date september 19 2024", "qwen materials", &[
        "14f1891eea522f9c6d9027f182276e7c9f0759cb86eb13bc6a948a1e353b6da1",
    ]),
    row("LicenseRef-scancode-tongyi-qianwen-2023", "tongyi qianwen release date august 3 2023", "tongyi qianwen materials", &[
        "eb155da22185cb54066ea387466cd7cff9248616af86fdf1a2357180ed07c53f",
    ]),
    row("LicenseRef-tongyi-qianwen", "tongyi qianwen license agreement", "materials", &[]),
    row("LicenseRef-qwen-research", "qwen research license agreement", "materials", &[]),
    row("LicenseRef-qwen", "qwen license agreement", "materials", &[]),
    // mistral.ai/licenses
    row("LicenseRef-mistral-research", "mistral ai research license", "mistral", &[]),
    row("LicenseRef-mistral-non-production", "mistral ai non production license", "mistral", &[]),
    // falconllm.tii.ae
    row("LicenseRef-scancode-falcon-2-11b-1.0", "falcon 2 11b tii license version 1 0", "acceptable use policy", &[
        "a777c371315ee1f4af97bf48a7a98d8799824c030b1d22121022285f06a469ca",
    ]),
    row("LicenseRef-falcon-180b", "falcon 180b tii license", "acceptable use policy", &[]),
    row("LicenseRef-falcon", "tii falcon", "license", &[]),
    row("LicenseRef-falcon", "falcon llm license", "license", &[]),
    // OpenMDW/OpenMDW at b26b32b3; 1.0 is on the SPDX list
    row("LicenseRef-OpenMDW-1.1", "openmdw license agreement version 1 1", "model materials", &[
        "0044056a41f551477f272dcc8f252e780d7a6894323e85ed28eda073076e4dcd",
    ]),
    // others that the hub and ScanCode name
    row("LicenseRef-scancode-nvidia-open-model-2025-04-28", "nvidia open model license agreement last modified april 28 2025", "nvidia", &[
        "ebdcff0ec762beefd35c62b4bed84ad9b8f92205006af77818ed502834a47523",
    ]),
    row("LicenseRef-nvidia-open-model", "nvidia open model license", "nvidia", &[]),
    row("LicenseRef-scancode-stability-ai-community-2024", "stability ai community license agreement last updated july 5 2024", "stability ai", &[
        "4741bf23f5641d00334bb88f51b9670c0e56e303786b6d47d51784ecba85579d",
    ]),
    row("LicenseRef-stability-ai-community", "stability ai community license agreement", "stability ai", &[]),
    row("LicenseRef-scancode-stability-ai-nc-2023-12-06", "stability ai non commercial research community license agreement dated december 06 2023", "stability ai", &[
        "105ca0fb10813eb838eedf82c7aa4fa88859102905bfa37fcb567d4262ca3a80",
    ]),
    row("LicenseRef-scancode-flux-1-nc", "flux 1 dev non commercial license", "black forest labs", &[
        "614ed53eda44ff491adffde20bdfd68d914789c9f8c0b0c04feb2809bff37765",
    ]),
    row("LicenseRef-scancode-exaone-ai-model-1.1-nc", "exaone ai model license agreement 1 1 nc", "lg management development institute", &[
        "92ca3f4e3e80ade579af1eecc2f89d800f124d1bf72725d2f14617802cf999a6",
    ]),
    row("LicenseRef-exaone", "exaone ai model license agreement", "licensor", &[]),
    row("LicenseRef-scancode-hyperclova-x-seed-2025", "hyperclova x seed model license agreement", "naver", &[
        "41fd7098a999fe9c651f4f305b18cc4c5b06c5b771e38e21e756af8963f9440e",
    ]),
    row("LicenseRef-scancode-tencent-hunyuan-3d-2.0-cla", "tencent hunyuan 3d 2 0 community license agreement", "tencent", &[
        "64f5b76c71b980be2262769dcbfb872b2c7cd490779bc7e1c881584fe44dc089",
    ]),
    row("LicenseRef-tencent-hunyuan", "tencent hunyuan", "community license agreement", &[]),
    row("LicenseRef-scancode-moonshot-ai-modified-mit-2025", "permission is hereby granted", "prominently display kimi k2", &[
        "b7cefb4a3a210558303e0da5551c860fe4b41b79b6303d83e0814adae66b988f",
    ]),
    row("LicenseRef-grok2-community", "grok 2 community license agreement", "xai", &[]),
    row("LicenseRef-fair-noncommercial-research-license", "fair noncommercial research license", "noncommercial research", &[]),
    row("LicenseRef-ai2-impact", "ai2 impact license", "license", &[]),
    row("LicenseRef-databricks-open-model", "databricks open model license", "databricks", &[]),
    row("LicenseRef-deepfloyd-if-license", "deepfloyd if", "license agreement", &[]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::license_text::plain;

    #[test]
    fn rows_are_in_the_form_that_is_compared() {
        for license in LICENSES {
            for phrase in [license.title, license.phrase] {
                assert_eq!(plain(phrase).trim(), phrase, "{}", license.id);
            }
            assert!(license.id.starts_with("LicenseRef-"), "{}", license.id);
            assert!(spdx::Expression::parse(license.id).is_ok(), "{}", license.id);
            assert!(license.digests.iter().all(|digest| digest.len() == 64), "{}", license.id);
        }
    }
}
