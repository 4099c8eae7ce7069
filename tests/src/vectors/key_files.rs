//! Key files that are refused.

use curve25519_dalek::edwards::EdwardsPoint;
use serde_json::json;

use super::case::{Case, case};
use super::key::{self, ALICE, BOB, PAM, pem, ssh_blob};
use super::release::{Release, Signed};

pub(super) fn cases() -> Vec<Case> {
    let signed = Release::toy().signed(|_| {});
    [keys_refused(&signed), key_files_refused(&signed)].concat()
}

fn keys_refused(signed: &Signed) -> Vec<Case> {
    let refused = |id: &str, rule: &str, about: &str, bytes: Vec<u8>| {
        case(format!("signature/key-{id}"), rule, "signature", about)
            .signed(signed)
            .key_file(bytes)
            .stops(&["key-unreadable"])
    };
    let point =
        |bytes: &[u8]| pem("PUBLIC KEY", &[&key::ED25519_SPKI[..], bytes].concat()).into_bytes();
    let neutral = *EdwardsPoint::default().compress().as_bytes();
    let eighth = *curve25519_dalek::constants::EIGHT_TORSION[1].compress().as_bytes();
    // y = p + 3 stands for y = 3, a point of the curve.
    let above: [u8; 32] = std::array::from_fn(|at| match at {
        0 => 0xf0,
        31 => 0x7f,
        _ => 0xff,
    });
    let mut no_point = PAM.spki();
    if let Some(last) = no_point.last_mut() {
        *last ^= 1;
    }
    let rsa = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQC7\n";
    let x25519 = [
        &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00],
        &ALICE.point()[..],
    ]
    .concat();
    vec![
        case("signature/key-openssh", "key-7", "pass", "An Ed25519 key as an OpenSSH line.")
            .signed(signed)
            .key_file(ALICE.openssh() + "\n")
            .passes(&[]),
        refused(
            "x25519",
            "key-1",
            "A key for another purpose.",
            pem("PUBLIC KEY", &x25519).into_bytes(),
        ),
        refused("rsa", "key-1", "An RSA key.", rsa.into()),
        refused(
            "small-order",
            "key-2",
            "The neutral element, for which anybody can sign.",
            point(&neutral),
        ),
        refused("small-order-8", "key-2", "A point of order 8.", point(&eighth)),
        refused("y-above-p", "key-2", "A second spelling of a point.", point(&above)),
        refused(
            "no-point",
            "key-3",
            "A pair of numbers that is no point.",
            pem("PUBLIC KEY", &no_point).into_bytes(),
        ),
    ]
}

fn key_files_refused(signed: &Signed) -> Vec<Case> {
    let spki = ALICE.spki();
    let refused = |id: &str, rule: &str, about: &str, bytes: Vec<u8>| {
        case(format!("signature/key-{id}"), rule, "signature", about)
            .signed(signed)
            .key_file(bytes)
            .stops(&["key-unreadable"])
    };
    let lies = format!("ssh-ed25519 {}\n", ssh_blob(&[b"ssh-rsa", &ALICE.point()]));
    vec![
        refused("private", "key-4", "A private key.", ALICE.secret_pem().into_bytes()),
        refused("two", "key-4", "Two keys in one file.", (ALICE.pem() + &BOB.pem()).into_bytes()),
        refused(
            "text-around",
            "key-4",
            "Text around the key.",
            format!("my key\n{}", ALICE.pem()).into_bytes(),
        ),
        refused(
            "der-trailing",
            "key-4",
            "A byte behind the DER.",
            pem("PUBLIC KEY", &[&spki[..], &[0]].concat()).into_bytes(),
        ),
        refused("empty", "key-4", "An empty file.", Vec::new()),
        refused(
            "certificate",
            "key-4",
            "A certificate in place of a key.",
            pem("CERTIFICATE", &spki).into_bytes(),
        ),
        refused(
            "type-differs",
            "key-7",
            "The type in the line is not the type in the key.",
            lies.into_bytes(),
        ),
        refused(
            "too-large",
            "lim-5",
            "A key file of more than 64 KiB.",
            format!("{}{}", ALICE.pem(), " ".repeat(65_536)).into_bytes(),
        ),
        case("signature/key-missing", "ver-1", "signature", "The key file is not there.")
            .signed(signed)
            .input("keys", json!(["nowhere.pub"]))
            .stops(&["key-unreadable"]),
    ]
}
