//! Texts in other texts.

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};

use super::{Applied, Refusal, shown};
use crate::ErrorKind::ParseFailed;

fn decoded(bytes: Option<Vec<u8>>, text: &str, what: &str) -> Applied {
    let bytes = bytes.ok_or_else(|| Refusal::new(ParseFailed, format!("`{}` is not {what}", shown(text))))?;
    String::from_utf8(bytes)
        .map_err(|_| Refusal::new(ParseFailed, format!("what `{}` stands for is not UTF-8 text", shown(text))))
}

pub(super) fn to_base64(text: &str) -> String {
    BASE64.encode(text.as_bytes())
}

/// Line breaks, which some programs put into it, do not count.
pub(super) fn from_base64(text: &str) -> Applied {
    let bare = text.replace(['\r', '\n'], "");
    // Texts one after the other, each with its padding, are none.
    let bytes = BASE64.decode(bare.as_bytes()).ok().filter(|bytes| BASE64.encode(bytes) == bare);
    decoded(bytes, text, "padded base64")
}

pub(super) fn to_hex(text: &str) -> String {
    HEXLOWER.encode(text.as_bytes())
}

pub(super) fn from_hex(text: &str) -> Applied {
    decoded(HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok(), text, "pairs of hexadecimal digits")
}

pub(super) fn to_url(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => made.push(char::from(byte)),
            b' ' => made.push('+'),
            byte => made.push_str(&format!("%{byte:02X}")),
        }
    }
    made
}

pub(super) fn from_url(text: &str) -> Applied {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let Some(byte) = rest.get(..2).and_then(|digits| HEXLOWER_PERMISSIVE.decode(digits).ok()) else {
                    return decoded(None, text, "percent-encoded");
                };
                bytes.extend(byte);
                rest = &rest[2..];
            }
            other => bytes.push(*other),
        }
    }
    decoded(Some(bytes), text, "percent-encoded")
}
