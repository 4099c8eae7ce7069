//! The freedom table, as `spec/v0.1/registry/licenses.toml` has it; a test holds the two together.
//! Sources stand there, a row each.

use super::{By, By::*, Freedom, Freedom::*, Limit, Right, Right::*, Row};

const fn all(freedom: Freedom, ids: &'static [&'static str]) -> Row {
    Row {
        ids,
        code: freedom,
        data: freedom,
        weights: freedom,
        doc: freedom,
        outputs: freedom,
        limits: &[],
    }
}

const fn each(of: [Freedom; 5], ids: &'static [&'static str]) -> Row {
    let [code, data, weights, doc, outputs] = of;
    Row { ids, code, data, weights, doc, outputs, limits: &[] }
}

const fn restricted(
    ids: &'static [&'static str],
    outputs: Freedom,
    limits: &'static [Limit],
) -> Row {
    Row { outputs, limits, ..all(Restricted, ids) }
}

const fn limit(
    by: By,
    rights: &'static [Right],
    clause: &'static str,
    says: &'static str,
) -> Limit {
    Limit { by, rights, clause, says }
}

/// Additions after `WITH` that only grant more.
#[rustfmt::skip]
pub const EXCEPTIONS: &[&str] = &[
    "389-exception", "Asterisk-exception", "Asterisk-linking-protocols-exception",
    "Autoconf-exception-2.0", "Autoconf-exception-3.0", "Autoconf-exception-generic",
    "Autoconf-exception-generic-3.0", "Autoconf-exception-macro", "Bison-exception-1.24",
    "Bison-exception-2.2", "Bootloader-exception", "CGAL-linking-exception", "CLISP-exception-2.0",
    "Classpath-exception-2.0", "Classpath-exception-2.0-short", "DigiRule-FOSS-exception",
    "Digia-Qt-LGPL-exception-1.1", "FLTK-exception", "Fawkes-Runtime-exception",
    "Font-exception-2.0", "GCC-exception-2.0", "GCC-exception-2.0-note", "GCC-exception-3.1",
    "GNAT-exception", "GNOME-examples-exception", "GNU-compiler-exception",
    "GPL-3.0-389-ds-base-exception", "GPL-3.0-interface-exception", "GPL-3.0-linking-exception",
    "GPL-3.0-linking-source-exception", "GPL-CC-1.0", "GStreamer-exception-2005",
    "GStreamer-exception-2008", "Gmsh-exception", "Google-Patent-WebM",
    "Independent-modules-exception", "KiCad-libraries-exception", "LGPL-3.0-linking-exception",
    "LLGPL", "LLVM-exception", "LZMA-exception", "Libtool-exception", "Linux-syscall-note",
    "Nokia-Qt-exception-1.1", "OCCT-exception-1.0", "OCaml-LGPL-linking-exception",
    "OpenJDK-assembly-exception-1.0", "PCRE2-exception", "PS-or-PDF-font-exception-20170817",
    "QPL-1.0-INRIA-2004-exception", "Qt-GPL-exception-1.0", "Qt-LGPL-exception-1.1",
    "Qwt-exception-1.0", "RRDtool-FLOSS-exception-2.0", "SANE-exception", "SHL-2.0", "SHL-2.1",
    "SWI-exception", "Simple-Library-Usage-exception", "Spelling-Provider-LGPL-exception",
    "Swift-exception", "Texinfo-exception", "UBDL-exception", "Universal-FOSS-exception-1.0",
    "WxWindows-exception-3.1", "cryptsetup-OpenSSL-exception", "eCos-exception-2.0",
    "erlang-otp-linking-exception", "fmt-exception", "freertos-exception-2.0",
    "gnu-javamail-exception", "harbour-exception", "i2p-gpl-java-exception",
    "kvirc-openssl-exception", "libpri-OpenH323-exception", "mif-exception", "mxml-exception",
    "openvpn-openssl-exception", "polyparse-exception", "romic-exception",
    "rsync-linking-exception", "sqlitestudio-OpenSSL-exception", "stunnel-exception",
    "u-boot-exception-2.0", "vsftpd-openssl-exception", "x11vnc-openssl-exception",
];

/// Deprecated ids, and the id that stands for the same terms.
#[rustfmt::skip]
pub const DEPRECATED: &[(&str, &str)] = &[
    ("AGPL-1.0", "AGPL-1.0-only"),
    ("AGPL-3.0", "AGPL-3.0-only"),
    ("BSD-2-Clause-FreeBSD", "BSD-2-Clause-Views"),
    ("BSD-2-Clause-NetBSD", "BSD-2-Clause"),
    ("GFDL-1.1", "GFDL-1.1-only"),
    ("GFDL-1.2", "GFDL-1.2-only"),
    ("GFDL-1.3", "GFDL-1.3-only"),
    ("GPL-1.0", "GPL-1.0-only"),
    ("GPL-1.0+", "GPL-1.0-or-later"),
    ("GPL-2.0", "GPL-2.0-only"),
    ("GPL-2.0+", "GPL-2.0-or-later"),
    ("GPL-2.0-with-GCC-exception", "GPL-2.0-or-later"),
    ("GPL-2.0-with-autoconf-exception", "GPL-2.0-or-later"),
    ("GPL-2.0-with-bison-exception", "GPL-2.0-or-later"),
    ("GPL-2.0-with-classpath-exception", "GPL-2.0-or-later"),
    ("GPL-2.0-with-font-exception", "GPL-2.0-or-later"),
    ("GPL-3.0", "GPL-3.0-only"),
    ("GPL-3.0+", "GPL-3.0-or-later"),
    ("GPL-3.0-with-GCC-exception", "GPL-3.0-or-later"),
    ("GPL-3.0-with-autoconf-exception", "GPL-3.0-or-later"),
    ("LGPL-2.0", "LGPL-2.0-only"),
    ("LGPL-2.0+", "LGPL-2.0-or-later"),
    ("LGPL-2.1", "LGPL-2.1-only"),
    ("LGPL-2.1+", "LGPL-2.1-or-later"),
    ("LGPL-3.0", "LGPL-3.0-only"),
    ("LGPL-3.0+", "LGPL-3.0-or-later"),
    ("Nunit", "zlib-acknowledgement"),
    ("StandardML-NJ", "SMLNJ"),
    ("bzip2-1.0.5", "bzip2-1.0.6"),
    ("eCos-2.0", "GPL-2.0-or-later"),
    ("wxWindows", "LGPL-2.0-or-later"),
];

/// Every licence that is known.
#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    all(Libre, &[
        "0BSD", "AAL", "AFL-1.1", "AFL-1.2", "AFL-2.0", "AFL-2.1", "AFL-3.0", "AGPL-3.0-only",
        "AGPL-3.0-or-later", "ALGLIB-Documentation", "APL-1.0", "APSL-1.1", "APSL-1.2", "APSL-2.0",
        "Apache-1.1", "Apache-2.0", "Artistic-1.0-Perl", "Artistic-1.0-cl8", "Artistic-2.0",
        "BSD-1-Clause", "BSD-2-Clause", "BSD-2-Clause-Patent", "BSD-3-Clause", "BSD-3-Clause-LBNL",
        "BSD-3-Clause-Open-MPI", "BSD-ask-to-endorse", "BSL-1.0", "BlueOak-1.0.0", "CAL-1.0",
        "CAL-1.0-Combined-Work-Exception", "CATOSL-1.1", "CDDL-1.0", "CDDL-1.1", "CECILL-2.1",
        "CERN-OHL-P-2.0", "CERN-OHL-S-2.0", "CERN-OHL-W-2.0", "CNRI-Python",
        "CNRI-Python-GPL-Compatible", "CPAL-1.0", "CPL-1.0", "CUA-OPL-1.0", "ECL-1.0", "ECL-2.0",
        "EFL-1.0", "EFL-2.0", "EPL-1.0", "EPL-2.0", "EUDatagrid", "EUPL-1.1", "EUPL-1.2", "Entessa",
        "Fair", "Frameworx-1.0", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only",
        "GPL-3.0-or-later", "HPND", "ICU", "IPA", "IPL-1.0", "ISC", "Intel", "Jam", "LGPL-2.0-only",
        "LGPL-2.0-or-later", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only",
        "LGPL-3.0-or-later", "LPL-1.0", "LPL-1.02", "LPPL-1.3c", "LiLiQ-P-1.1", "LiLiQ-R-1.1",
        "LiLiQ-Rplus-1.1", "MIT", "MIT-0", "MIT-Modern-Variant", "MPL-1.0", "MPL-1.1", "MPL-2.0",
        "MPL-2.0-no-copyleft-exception", "MS-PL", "MS-RL", "MirOS", "Motosoto", "MulanPSL-2.0",
        "Multics", "NCSA", "NGPL", "NPOSL-3.0", "NTP", "Naumen", "Nokia", "OCLC-2.0", "OFL-1.1",
        "OFL-1.1-RFN", "OFL-1.1-no-RFN", "OGTSL", "OLDAP-2.8", "OLFL-1.3", "OSC-1.0", "OSET-PL-2.1",
        "OSL-1.0", "OSL-2.0", "OSL-2.1", "OSL-3.0", "PHP-3.0", "PHP-3.01", "PostgreSQL",
        "Python-2.0", "Python-2.0.1", "QPL-1.0", "RPL-1.1", "RPL-1.5", "RPSL-1.0", "RSCPL", "SISSL",
        "SPL-1.0", "SimPL-2.0", "Sleepycat", "UCL-1.0", "UPL-1.0", "Unicode-3.0",
        "Unicode-DFS-2016", "Unlicense", "VSL-1.0", "W3C", "W3C-20150513", "WordNet", "Xnet",
        "ZPL-2.0", "ZPL-2.1", "Zlib", "curl",
    ]),
    all(Libre, &["APSL-1.0", "Artistic-1.0", "NASA-1.3", "Watcom-1.0"]),
    all(Libre, &[
        "Apache-1.0", "BSD-3-Clause-Clear", "BSD-4-Clause", "BitTorrent-1.1", "CECILL-2.0",
        "CECILL-B", "CECILL-C", "ClArtistic", "Condor-1.1", "FSFAP", "FTL", "IJG", "Imlib2",
        "LPPL-1.2", "LPPL-1.3a", "NOSL", "NPL-1.0", "NPL-1.1", "OFL-1.0", "OLDAP-2.3", "OLDAP-2.7",
        "OSL-1.1", "OpenSSL", "Ruby", "SGI-B-2.0", "SMLNJ", "Vim", "WTFPL", "X11", "XFree86-1.1",
        "YPL-1.1", "Zend-2.0", "Zimbra-1.3", "gnuplot", "iMatix", "xinetd",
    ]),
    all(Libre, &["AGPL-1.0-only", "AGPL-1.0-or-later"]),
    all(Libre, &["GPL-1.0-only", "GPL-1.0-or-later"]),
    all(Libre, &["CC0-1.0"]),
    all(Libre, &[
        "OpenMDW-1.0", "LicenseRef-OpenMDW-1.0", "LicenseRef-scancode-openmdw-1.0",
        "LicenseRef-OpenMDW-1.1",
    ]),
    all(Libre, &[
        "CC-BY-1.0", "CC-BY-2.0", "CC-BY-2.5", "CC-BY-2.5-AU", "CC-BY-3.0", "CC-BY-3.0-AT",
        "CC-BY-3.0-AU", "CC-BY-3.0-DE", "CC-BY-3.0-IGO", "CC-BY-3.0-NL", "CC-BY-3.0-US",
        "CC-BY-4.0", "CC-BY-SA-1.0", "CC-BY-SA-2.0", "CC-BY-SA-2.0-UK", "CC-BY-SA-2.1-JP",
        "CC-BY-SA-2.5", "CC-BY-SA-3.0", "CC-BY-SA-3.0-AT", "CC-BY-SA-3.0-DE", "CC-BY-SA-3.0-IGO",
        "CC-BY-SA-4.0",
    ]),
    each([Unknown, Libre, Libre, Unknown, Libre], &["PDDL-1.0", "ODC-By-1.0", "ODbL-1.0"]),
    each([Unknown, Libre, Libre, Unknown, Libre], &["CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "CDLA-Sharing-1.0"]),
    each([Unknown, Libre, Libre, Unknown, Libre], &["O-UDA-1.0"]),
    all(Libre, &["CC-PDDC"]),
    each([Unknown, Libre, Libre, Libre, Libre], &[
        "OGL-UK-1.0", "OGL-UK-2.0", "OGL-UK-3.0", "OGL-Canada-2.0", "etalab-2.0", "NLOD-1.0",
        "NLOD-2.0", "DL-DE-BY-2.0", "DL-DE-ZERO-2.0",
    ]),
    all(Libre, &["NIST-PD", "NIST-PD-fallback", "NCBI-PD"]),
    all(Libre, &["FreeBSD-DOC"]),
    all(Libre, &[
        "GFDL-1.1-no-invariants", "GFDL-1.1-no-invariants-only", "GFDL-1.1-no-invariants-or-later",
        "GFDL-1.2-no-invariants", "GFDL-1.2-no-invariants-only", "GFDL-1.2-no-invariants-or-later",
        "GFDL-1.3-no-invariants", "GFDL-1.3-no-invariants-only", "GFDL-1.3-no-invariants-or-later",
    ]),
    restricted(&[
        "GFDL-1.1-invariants", "GFDL-1.1-invariants-only", "GFDL-1.1-invariants-or-later",
        "GFDL-1.2-invariants", "GFDL-1.2-invariants-only", "GFDL-1.2-invariants-or-later",
        "GFDL-1.3-invariants", "GFDL-1.3-invariants-only", "GFDL-1.3-invariants-or-later",
    ], Restricted, &[
        limit(InvariantSections, &[Change], "4", "invariant sections and cover texts must stay as they are"),
    ]),
    all(Unknown, &[
        "GFDL-1.1-only", "GFDL-1.1-or-later", "GFDL-1.2-only", "GFDL-1.2-or-later", "GFDL-1.3-only",
        "GFDL-1.3-or-later",
    ]),
    restricted(&[
        "CC-BY-NC-1.0", "CC-BY-NC-2.0", "CC-BY-NC-2.5", "CC-BY-NC-3.0", "CC-BY-NC-3.0-DE",
        "CC-BY-NC-3.0-IGO", "CC-BY-NC-4.0", "CC-BY-NC-SA-1.0", "CC-BY-NC-SA-2.0",
        "CC-BY-NC-SA-2.0-DE", "CC-BY-NC-SA-2.0-FR", "CC-BY-NC-SA-2.0-UK", "CC-BY-NC-SA-2.5",
        "CC-BY-NC-SA-3.0", "CC-BY-NC-SA-3.0-DE", "CC-BY-NC-SA-3.0-IGO", "CC-BY-NC-SA-4.0",
    ], Restricted, &[
        limit(NonCommercial, &[Run, Share, Change], "2(a)(1)", "for purposes not primarily intended for commercial advantage (in versions before 4.0: section 4)"),
    ]),
    restricted(&[
        "CC-BY-NC-ND-1.0", "CC-BY-NC-ND-2.0", "CC-BY-NC-ND-2.5", "CC-BY-NC-ND-3.0",
        "CC-BY-NC-ND-3.0-DE", "CC-BY-NC-ND-3.0-IGO", "CC-BY-NC-ND-4.0",
    ], Restricted, &[
        limit(NonCommercial, &[Run, Share, Change], "2(a)(1)", "for purposes not primarily intended for commercial advantage (in versions before 4.0: section 4)"),
        limit(NoDerivatives, &[Change], "2(a)(1)(B)", "adapted material may be made and not shared (in versions before 4.0: section 3)"),
    ]),
    restricted(&[
        "CC-BY-ND-1.0", "CC-BY-ND-2.0", "CC-BY-ND-2.5", "CC-BY-ND-3.0", "CC-BY-ND-3.0-DE",
        "CC-BY-ND-4.0",
    ], Restricted, &[
        limit(NoDerivatives, &[Change], "2(a)(1)(B)", "adapted material may be made and not shared (in versions before 4.0: section 3)"),
    ]),
    restricted(&["C-UDA-1.0"], Unknown, &[
        limit(FieldOfUse, &[Run, Share, Change], "2", "for computational use only, and passed on under the same limit"),
    ]),
    restricted(&["NCGL-UK-2.0"], Restricted, &[
        limit(NonCommercial, &[Run, Share, Change], "You must not", "no commercial exploitation"),
    ]),
    restricted(&["JSON"], Restricted, &[
        limit(FieldOfUse, &[Run], "second paragraph", "\"shall be used for Good, not Evil\""),
    ]),
    restricted(&["SSPL-1.0"], Restricted, &[
        limit(FieldOfUse, &[Run], "13", "who offers it as a service must publish all software of that service"),
    ]),
    restricted(&["BUSL-1.1"], Restricted, &[
        limit(FieldOfUse, &[Run], "Terms", "no production use before the change date but for an additional use grant"),
    ]),
    restricted(&["Elastic-2.0"], Restricted, &[
        limit(FieldOfUse, &[Run, Share], "Limitations", "not as a hosted or managed service"),
        limit(NoDerivatives, &[Change], "Limitations", "licence-key functions must not be changed"),
    ]),
    restricted(&["FSL-1.1-ALv2", "FSL-1.1-MIT"], Restricted, &[
        limit(FieldOfUse, &[Run], "Permitted Purpose", "no competing use for two years"),
    ]),
    restricted(&["Hippocratic-2.1", "Hippocratic-3.0-core"], Restricted, &[
        limit(AcceptableUse, &[Run], "2", "not for what violates human rights, as the licence has it"),
    ]),
    restricted(&["PolyForm-Noncommercial-1.0.0"], Restricted, &[
        limit(NonCommercial, &[Run, Share, Change], "Noncommercial Purposes", "for non-commercial purposes only"),
    ]),
    restricted(&["PolyForm-Small-Business-1.0.0"], Restricted, &[
        limit(UserCap, &[Run, Share, Change], "Small Business", "for companies with fewer than 100 people and less than 1,000,000 USD revenue"),
    ]),
    restricted(&["BSD-3-Clause-No-Military-License"], Restricted, &[
        limit(FieldOfUse, &[Run], "last paragraph", "not for military use"),
    ]),
    restricted(&["BSD-3-Clause-No-Nuclear-License", "BSD-3-Clause-No-Nuclear-License-2014"], Restricted, &[
        limit(FieldOfUse, &[Run], "last paragraph", "not licensed for use in nuclear facilities"),
    ]),
    restricted(&["Aladdin"], Restricted, &[
        limit(NonCommercial, &[Share], "2", "no commercial distribution"),
    ]),
    restricted(&["SUL-1.0"], Restricted, &[
        limit(FieldOfUse, &[Run, Share], "Limitations", "for internal business purposes, or non-commercial or personal use"),
    ]),
    restricted(&["CPOL-1.02"], Restricted, &[
        limit(FieldOfUse, &[Run, Share], "5", "no sale by itself, no unethical use"),
    ]),
    restricted(&["MS-LPL"], Restricted, &[
        limit(FieldOfUse, &[Run], "3(F)", "on Microsoft Windows only"),
    ]),
    restricted(&["UnRAR"], Restricted, &[
        limit(FieldOfUse, &[Change], "2", "not to build a RAR compatible archiver"),
    ]),
    restricted(&["LicenseRef-scancode-llama-2-license-2023"], Restricted, &[
        limit(UserCap, &[Run, Share, Change], "2", "more than 700 million monthly users need a separate licence, at the licensor's sole discretion"),
        limit(AcceptableUse, &[Run], "1.b.iv", "an acceptable-use policy is part of the licence"),
        limit(Naming, &[Share], "1.b.i, 1.b.iii", "the agreement and a fixed notice must be passed on"),
        limit(OutputTerms, &[Change, Share], "1.b.v", "outputs must not improve any other large language model"),
        limit(Termination, &[Run, Share, Change], "5.c, 6", "ends on a suit over the model or its outputs; then all copies must be deleted"),
    ]),
    restricted(&["LicenseRef-llama3"], Restricted, &[
        limit(UserCap, &[Run, Share, Change], "2", "more than 700 million monthly users need a separate licence, at the licensor's sole discretion"),
        limit(AcceptableUse, &[Run], "1.b.iv", "an acceptable-use policy is part of the licence"),
        limit(Naming, &[Share], "1.b.i", "\"Built with Meta Llama 3\", and \"Llama 3\" at the start of a derived model's name"),
        limit(OutputTerms, &[Change, Share], "1.b.v", "outputs must not improve any other large language model"),
        limit(Termination, &[Run, Share, Change], "5.c, 6", "ends on a suit over the model or its outputs; then all copies must be deleted"),
    ]),
    restricted(&["LicenseRef-scancode-llama-3.1-license-2024"], Restricted, &[
        limit(UserCap, &[Run, Share, Change], "2", "more than 700 million monthly users need a separate licence, at the licensor's sole discretion"),
        limit(AcceptableUse, &[Run], "1.b.iv", "an acceptable-use policy is part of the licence"),
        limit(Naming, &[Share], "1.b.i", "\"Built with Llama\", and \"Llama\" at the start of the name of a model made with it"),
        limit(OutputTerms, &[Change, Share], "1.b.i", "a model made with outputs must have \"Llama\" at the start of its name"),
        limit(Termination, &[Run, Share, Change], "5.c, 6", "ends on a suit over the model or its outputs; then all copies must be deleted"),
    ]),
    restricted(&["LicenseRef-scancode-llama-3.2-license-2024"], Restricted, &[
        limit(UserCap, &[Run, Share, Change], "2", "more than 700 million monthly users need a separate licence, at the licensor's sole discretion"),
        limit(AcceptableUse, &[Run], "1.b.iv", "an acceptable-use policy is part of the licence"),
        limit(Naming, &[Share], "1.b.i", "\"Built with Llama\", and \"Llama\" at the start of the name of a model made with it"),
        limit(OutputTerms, &[Change, Share], "1.b.i", "a model made with outputs must have \"Llama\" at the start of its name"),
        limit(Termination, &[Run, Share, Change], "5.c, 6", "ends on a suit over the model or its outputs; then all copies must be deleted"),
        limit(FieldOfUse, &[Run], "use policy", "no rights in multimodal models for those domiciled in the European Union"),
    ]),
    restricted(&["LicenseRef-scancode-llama-3.3-license-2024"], Restricted, &[
        limit(UserCap, &[Run, Share, Change], "2", "more than 700 million monthly users need a separate licence, at the licensor's sole discretion"),
        limit(AcceptableUse, &[Run], "1.b.iv", "an acceptable-use policy is part of the licence"),
        limit(Naming, &[Share], "1.b.i", "\"Built with Llama\", and \"Llama\" at the start of the name of a model made with it"),
        limit(OutputTerms, &[Change, Share], "1.b.i", "a model made with outputs must have \"Llama\" at the start of its name"),
        limit(Termination, &[Run, Share, Change], "5.c, 6", "ends on a suit over the model or its outputs; then all copies must be deleted"),
    ]),
    restricted(&["LicenseRef-scancode-llama-4-cla-2025"], Restricted, &[
        limit(UserCap, &[Run, Share, Change], "2", "more than 700 million monthly users need a separate licence, at the licensor's sole discretion"),
        limit(AcceptableUse, &[Run], "1.b.iv", "an acceptable-use policy is part of the licence"),
        limit(Naming, &[Share], "1.b.i", "\"Built with Llama\", and \"Llama\" at the start of the name of a model made with it"),
        limit(OutputTerms, &[Change, Share], "1.b.i", "a model made with outputs must have \"Llama\" at the start of its name"),
        limit(Termination, &[Run, Share, Change], "5.c, 6", "ends on a suit over the model or its outputs; then all copies must be deleted"),
        limit(FieldOfUse, &[Run], "use policy", "no rights in multimodal models for those domiciled in the European Union"),
    ]),
    restricted(&["LicenseRef-scancode-llama-license-2023"], Restricted, &[
        limit(NonCommercial, &[Run, Share, Change], "1.a", "for non-commercial research"),
        limit(NoSharing, &[Share], "1.b", "no distribution, no sublicence"),
    ]),
    restricted(&["LicenseRef-scancode-gemma-tou-2024-04-01"], Restricted, &[
        limit(AcceptableUse, &[Run], "3.2", "a prohibited-use policy is part of the terms and must be passed on"),
        limit(Unilateral, &[Run], "3.2, 4.1", "the licensor may restrict use remotely and update the terms' policy"),
        limit(OutputTerms, &[Change, Share], "1.1(e)", "a model trained on outputs to perform alike is a derivative under the same terms"),
        limit(Termination, &[Run, Share, Change], "4.5", "ends on breach; all copies must be deleted"),
    ]),
    restricted(&["LicenseRef-scancode-gemma-tou-2025-03-24"], Restricted, &[
        limit(AcceptableUse, &[Run], "3.2", "a prohibited-use policy is part of the terms and must be passed on"),
        limit(Unilateral, &[Run], "3.2, 4.1", "the licensor may restrict use remotely and update the terms' policy"),
        limit(OutputTerms, &[Change, Share], "1.1(e)", "a model trained on outputs to perform alike is a derivative under the same terms"),
        limit(Termination, &[Run, Share, Change], "4.5", "ends on breach; all copies must be deleted"),
    ]),
    restricted(&["LicenseRef-gemma"], Restricted, &[
        limit(AcceptableUse, &[Run], "3.2", "a prohibited-use policy is part of the terms and must be passed on"),
        limit(Unilateral, &[Run], "3.2, 4.1", "the licensor may restrict use remotely and update the terms' policy"),
        limit(OutputTerms, &[Change, Share], "1.1(e)", "a model trained on outputs to perform alike is a derivative under the same terms"),
        limit(Termination, &[Run, Share, Change], "4.5", "ends on breach; all copies must be deleted"),
    ]),
    restricted(&["LicenseRef-scancode-bigscience-rail-1.0"], Restricted, &[
        limit(AcceptableUse, &[Run], "5, Attachment A", "use-based restrictions, to be passed on with every copy and derivative"),
        limit(OutputTerms, &[Run, Share], "6", "no use of an output may contravene the licence"),
        limit(Unilateral, &[Run], "7", "the licensor may restrict use remotely"),
    ]),
    restricted(&["LicenseRef-scancode-bigscience-open-rail-m"], Restricted, &[
        limit(AcceptableUse, &[Run], "5, Attachment A", "use-based restrictions, to be passed on with every copy and derivative"),
        limit(OutputTerms, &[Run, Share], "6", "no use of an output may contravene the licence"),
        limit(Unilateral, &[Run], "7", "the licensor may restrict use remotely"),
    ]),
    restricted(&["LicenseRef-scancode-bigscience-open-rail-m2"], Restricted, &[
        limit(AcceptableUse, &[Run], "5, Attachment A", "use-based restrictions, to be passed on with every copy and derivative"),
        limit(OutputTerms, &[Run, Share], "6", "no use of an output may contravene the licence"),
        limit(Unilateral, &[Run], "7", "the licensor may restrict use remotely"),
    ]),
    restricted(&["LicenseRef-scancode-stable-diffusion-2022-08-22"], Restricted, &[
        limit(AcceptableUse, &[Run], "5, Attachment A", "use-based restrictions, to be passed on with every copy and derivative"),
        limit(OutputTerms, &[Run, Share], "6", "no use of an output may contravene the licence"),
        limit(Unilateral, &[Run], "7", "the licensor may restrict use remotely"),
    ]),
    restricted(&["LicenseRef-openrail-plus-plus", "LicenseRef-openrail"], Restricted, &[
        limit(AcceptableUse, &[Run], "5, Attachment A", "use-based restrictions, to be passed on with every copy and derivative"),
        limit(OutputTerms, &[Run, Share], "6", "no use of an output may contravene the licence"),
        limit(Unilateral, &[Run], "7", "the licensor may restrict use remotely"),
    ]),
    restricted(&["LicenseRef-scancode-bigcode-open-rail-m-v1"], Restricted, &[
        limit(AcceptableUse, &[Run], "4, Attachment A", "use restrictions, to be passed on with every copy and modification"),
        limit(OutputTerms, &[Run, Share], "6", "no use of an output may contravene the licence"),
        limit(Unilateral, &[Run], "7", "the licensor may restrict use remotely"),
    ]),
    restricted(&["LicenseRef-scancode-deepseek-la-1.0"], Restricted, &[
        limit(AcceptableUse, &[Run], "5, Attachment A", "use-based restrictions, to be passed on with every copy and derivative"),
        limit(OutputTerms, &[Run, Share], "6", "no use of an output may contravene the licence"),
        limit(Unilateral, &[Run], "7", "the licensor may restrict use remotely"),
    ]),
    restricted(&[
        "LicenseRef-scancode-responsible-ai-source-1.0",
        "LicenseRef-scancode-responsible-ai-source-1.1",
    ], Restricted, &[
        limit(AcceptableUse, &[Run], "Attachment A", "use restrictions"),
    ]),
    restricted(&["LicenseRef-deepfloyd-if-license"], Restricted, &[
        limit(NonCommercial, &[Run, Share, Change], "2", "for research"),
        limit(AcceptableUse, &[Run], "5", "use restrictions"),
    ]),
    restricted(&["LicenseRef-scancode-qwen-2024"], Restricted, &[
        limit(UserCap, &[Run, Share, Change], "4", "more than 100 million monthly users need a separate licence"),
        limit(OutputTerms, &[Share], "5.b", "a model made with outputs must show \"Built with Qwen\" or \"Improved using Qwen\""),
        limit(Termination, &[Run, Share, Change], "6.c, 8.b", "ends on a suit over the materials or their outputs"),
    ]),
    restricted(&["LicenseRef-qwen"], Restricted, &[
        limit(UserCap, &[Run, Share, Change], "4", "many monthly users need a separate licence"),
    ]),
    restricted(&["LicenseRef-qwen-research"], Restricted, &[
        limit(NonCommercial, &[Run, Share, Change], "2", "for research or evaluation"),
    ]),
    restricted(&["LicenseRef-scancode-tongyi-qianwen-2023"], Restricted, &[
        limit(UserCap, &[Run, Share, Change], "4", "more than 100 million monthly users need a separate licence"),
        limit(OutputTerms, &[Change], "5.b", "outputs must not improve any other large language model"),
        limit(Termination, &[Run, Share, Change], "6.c, 8.b", "ends on a suit over the materials or their outputs"),
    ]),
    restricted(&["LicenseRef-tongyi-qianwen"], Restricted, &[
        limit(UserCap, &[Run, Share, Change], "4", "many monthly users need a separate licence"),
        limit(OutputTerms, &[Change], "5.b", "outputs must not improve any other large language model"),
    ]),
    restricted(&["LicenseRef-scancode-falcon-2-11b-1.0"], Restricted, &[
        limit(AcceptableUse, &[Run], "5.1", "an acceptable-use policy is part of the licence"),
        limit(OutputTerms, &[Run, Change], "5.2", "outputs must not make works that conflict with the policy"),
        limit(Unilateral, &[Run], "5.3", "the policy may be changed at any time"),
    ]),
    restricted(&["LicenseRef-falcon-180b"], Restricted, &[
        limit(AcceptableUse, &[Run], "5.1", "an acceptable-use policy is part of the licence"),
        limit(Unilateral, &[Run], "5.3", "the policy may be changed at any time"),
        limit(FieldOfUse, &[Run], "9", "hosted use needs a separate licence"),
    ]),
    restricted(&["LicenseRef-falcon"], Restricted, &[
        limit(AcceptableUse, &[Run], "5", "an acceptable-use policy is part of the licence"),
        limit(Royalty, &[Run, Share], "8", "in version 1.0 of the Falcon LLM licence, a share of revenue above 1 million USD"),
    ]),
    restricted(&["LicenseRef-mistral-research"], Restricted, &[
        limit(NonCommercial, &[Run, Share, Change], "2", "for research purposes"),
        limit(OutputTerms, &[Run, Share], "1.2, 3", "outputs too are for the purposes that the licence allows"),
    ]),
    restricted(&["LicenseRef-mistral-non-production"], Restricted, &[
        limit(FieldOfUse, &[Run, Share, Change], "3.2", "for testing, research or evaluation, not for production"),
    ]),
    restricted(&["LicenseRef-scancode-stability-ai-community-2024"], Restricted, &[
        limit(UserCap, &[Run, Share, Change], "III", "commercial use is for those with less than 1 million USD yearly revenue"),
        limit(AcceptableUse, &[Run], "IV", "the acceptable-use policy \"as may be updated from time to time\""),
        limit(OutputTerms, &[Change], "VII, Derivative Work", "a model based on outputs is a derivative"),
    ]),
    restricted(&["LicenseRef-stability-ai-community"], Restricted, &[
        limit(UserCap, &[Run, Share, Change], "III", "commercial use is for those with less than 1 million USD yearly revenue"),
        limit(AcceptableUse, &[Run], "IV", "an acceptable-use policy is part of the licence"),
    ]),
    restricted(&["LicenseRef-scancode-stability-ai-nc-2023-12-06"], Restricted, &[
        limit(NonCommercial, &[Run, Share, Change], "1.a", "for non-commercial and research purposes"),
        limit(OutputTerms, &[Change], "1, Derivative Work", "a model based on outputs is a derivative"),
    ]),
    restricted(&["LicenseRef-scancode-flux-1-nc"], Restricted, &[
        limit(NonCommercial, &[Run, Share, Change], "2.b", "for non-commercial purposes"),
        limit(OutputTerms, &[Change], "2.d", "outputs must not train a competing model"),
    ]),
    restricted(&["LicenseRef-scancode-exaone-ai-model-1.1-nc"], Restricted, &[
        limit(NonCommercial, &[Run, Share, Change], "3.1", "for research"),
        limit(NoStudy, &[Study], "3.2", "no reverse engineering"),
        limit(AcceptableUse, &[Run], "3.4", "an acceptable-use policy is part of the licence"),
        limit(OutputTerms, &[Run, Share, Change], "3.1, 4.2", "outputs belong to the licensor and must not improve other models"),
    ]),
    restricted(&["LicenseRef-exaone"], Restricted, &[
        limit(NonCommercial, &[Run, Share, Change], "3.1", "for research"),
    ]),
    restricted(&["LicenseRef-scancode-nvidia-open-model-2025-04-28"], Libre, &[
        limit(Termination, &[Run, Change], "2.1", "ends if a guardrail is bypassed, disabled or weakened without a like substitute"),
        limit(Unilateral, &[Run, Share, Change], "2.1", "the licensor may update the agreement"),
        limit(AcceptableUse, &[Run], "2.3", "the Trustworthy AI terms"),
    ]),
    restricted(&["LicenseRef-nvidia-open-model"], Unknown, &[
        limit(Termination, &[Run, Change], "2.1", "ends if a guardrail is bypassed or weakened"),
        limit(Unilateral, &[Run, Share, Change], "2.1", "the licensor may update the agreement"),
    ]),
    restricted(&["LicenseRef-scancode-nvidia-model-training-2025"], Restricted, &[
        limit(FieldOfUse, &[Run], "2.1", "for internal training alone"),
        limit(NoSharing, &[Share], "2.2.2", "no distribution"),
    ]),
    restricted(&["LicenseRef-scancode-hyperclova-x-seed-2025"], Restricted, &[
        limit(UserCap, &[Run, Share, Change], "4", "more than 10 million monthly users need a separate licence"),
        limit(AcceptableUse, &[Run], "2.3", "an acceptable-use policy is part of the licence"),
        limit(OutputTerms, &[Change, Share], "1.2, 3.1", "a model trained on outputs to perform alike is a derivative"),
    ]),
    restricted(&["LicenseRef-scancode-tencent-hunyuan-3d-2.0-cla"], Restricted, &[
        limit(FieldOfUse, &[Run, Share, Change], "1.l, 5.c", "not in the European Union, the United Kingdom and South Korea"),
        limit(UserCap, &[Run, Share, Change], "4", "more than 1 million monthly users need a separate licence"),
        limit(AcceptableUse, &[Run], "5", "an acceptable-use policy is part of the licence"),
    ]),
    restricted(&["LicenseRef-tencent-hunyuan"], Restricted, &[
        limit(FieldOfUse, &[Run, Share, Change], "1, 5", "not in the European Union, the United Kingdom and South Korea"),
        limit(AcceptableUse, &[Run], "5", "an acceptable-use policy is part of the licence"),
    ]),
    restricted(&["LicenseRef-scancode-moonshot-ai-modified-mit-2025"], Libre, &[
        limit(Naming, &[Share], "last paragraph", "above 100 million monthly users or 20 million USD monthly revenue, \"Kimi K2\" must be shown"),
    ]),
    restricted(&["LicenseRef-grok2-community"], Restricted, &[
        limit(UserCap, &[Run, Share, Change], "2", "commercial use is for those below a revenue limit"),
        limit(OutputTerms, &[Change], "2", "not to train or improve other foundation models"),
        limit(AcceptableUse, &[Run], "3", "an acceptable-use policy is part of the licence"),
    ]),
    restricted(&["LicenseRef-jamba-open-model", "LicenseRef-jamba-open-model-license"], Restricted, &[
        limit(UserCap, &[Run, Share, Change], "2", "commercial use is for those with less than 50 million USD yearly revenue"),
        limit(AcceptableUse, &[Run], "3", "an acceptable-use policy is part of the licence"),
    ]),
    restricted(&["LicenseRef-yi-license", "LicenseRef-yi-series-models"], Restricted, &[
        limit(NonCommercial, &[Run, Share, Change], "3", "commercial use needs a written authorisation"),
        limit(AcceptableUse, &[Run], "4", "an acceptable-use policy is part of the licence"),
    ]),
    restricted(&["LicenseRef-ai2-impact"], Restricted, &[
        limit(AcceptableUse, &[Run], "use restrictions", "limits on use, to be passed on"),
        limit(Unilateral, &[Share], "derivative impact report", "who shares a derivative must report on it"),
    ]),
    restricted(&["LicenseRef-databricks-open-model"], Restricted, &[
        limit(UserCap, &[Run, Share, Change], "commercial terms", "more than 700 million monthly users need a separate licence"),
        limit(OutputTerms, &[Change], "2.3", "outputs must not improve any other large language model"),
        limit(AcceptableUse, &[Run], "2.3", "an acceptable-use policy is part of the licence"),
    ]),
    restricted(&["LicenseRef-apple-amlr", "LicenseRef-apple-ml-research"], Restricted, &[
        limit(NonCommercial, &[Run, Share, Change], "research purposes", "for non-commercial scientific research"),
    ]),
    restricted(&["LicenseRef-apple-ascl", "LicenseRef-apple-sample-code-license"], Unknown, &[
        limit(NoPatents, &[Run, Share], "second paragraph", "personal, under copyrights alone: patent rights are excluded in words"),
    ]),
    restricted(&["LicenseRef-scancode-apple-ml-ferret-2023"], Unknown, &[
        limit(NoPatents, &[Run, Share], "second paragraph", "personal, under copyrights alone: patent rights are excluded in words"),
    ]),
    restricted(&[
        "LicenseRef-fair-noncommercial-research-license",
        "LicenseRef-scancode-chameleon-research-2024",
    ], Restricted, &[
        limit(NonCommercial, &[Run, Share, Change], "1", "for non-commercial research"),
        limit(AcceptableUse, &[Run], "acceptable use policy", "an acceptable-use policy is part of the licence"),
    ]),
    restricted(&["LicenseRef-h-research", "LicenseRef-intel-research"], Restricted, &[
        limit(NonCommercial, &[Run, Share, Change], "research use", "for research"),
    ]),
    restricted(&["LicenseRef-scancode-bilibili-model-ula-2025-09-09"], Restricted, &[
        limit(UserCap, &[Run, Share, Change], "2.2", "more than 100 million monthly users need a separate licence"),
        limit(AcceptableUse, &[Run], "4.1, 4.2", "an acceptable-use policy is part of the licence"),
        limit(OutputTerms, &[Change], "3.4(c)", "not to improve other commercial models"),
    ]),
    restricted(&["LicenseRef-scancode-openai-tou-20230314", "LicenseRef-scancode-openai-tou-20241211"], Restricted, &[
        limit(OutputTerms, &[Change], "What you cannot do", "outputs must not develop models that compete with the service"),
        limit(Unilateral, &[Run], "Changes to these Terms", "the terms may be changed"),
    ]),
    all(Libre, &["BSD-2-Clause-Views", "zlib-acknowledgement"]),
];
