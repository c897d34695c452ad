//! Cases that people have thought out.

use super::*;
use crate::{Body, Entry, find};

mod data;
mod laws;

/// The function of an op.
fn function(op: &str) -> Pure {
    match find(op).and_then(Entry::op).map(|op| op.body()) {
        Some(Body::Pure(function)) => *function,
        other => panic!("`{op}` is no function but {other:?}"),
    }
}

/// What an op gives: its result, or the kind of its failure.
fn of(op: &str, operands: &[&str]) -> String {
    function(op).apply(operands).unwrap_or_else(|refusal| format!("! {}", refusal.kind.name()))
}

/// Cases of an op: operands, result.
fn cases(op: &str, cases: &[(&[&str], &str)]) {
    for (operands, want) in cases {
        assert_eq!(of(op, operands), *want, "{op} {operands:?}");
    }
}

const INVALID: &str = "! invalid_argument";
const TOO_LARGE: &str = "! limit_exceeded";

#[test]
fn texts() {
    cases("capitalize", &[(&["abc dEF"], "Abc dEF"), (&[""], ""), (&["ßa"], "SSa"), (&["éa"], "Éa")]);
    cases("length", &[(&["häß"], "3"), (&[""], "0"), (&["e\u{301}"], "2"), (&["🦀"], "1")]);
    cases("lower", &[(&["ABC Ä"], "abc ä"), (&["ΟΔΟΣ"], "οδος")]);
    cases("upper", &[(&["abc ß"], "ABC SS")]);
    cases("trim", &[(&["\u{a0} a b\t\n"], "a b"), (&[" \n"], "")]);
    cases("contains", &[(&["abc", "bc"], "true"), (&["abc", "x"], "false"), (&["", ""], "true")]);
    cases("has_prefix", &[(&["abc", "ab"], "true"), (&["abc", "b"], "false"), (&["a", ""], "true")]);
    cases("has_suffix", &[(&["a.md", ".md"], "true"), (&["md", ".md"], "false"), (&["", ""], "true")]);
}

#[test]
fn replacing() {
    let long = "a".repeat(5_000);
    cases(
        "replace",
        &[
            (&["a-b-c", "-", "+"], "a+b+c"),
            (&["a-b-c", "-,+"], "a+b+c"),
            (&["a-b-c", "-,"], "abc"),
            (&["a-b-c", "-"], "a-b-c"),
            (&["a,b", ",", ""], "ab"),
            (&["abc", "", "x"], "abc"),
            (&["aaa", "aa", "b"], "ba"),
            (&[&long, "a", &long], TOO_LARGE),
        ],
    );
}

#[test]
fn lists_are_texts_with_lines() {
    cases("split", &[(&["a,b,,c", ","], "a\nb\n\nc"), (&["a", ","], "a"), (&["", ","], ""), (&["héy", ""], "h\né\ny")]);
    cases("join", &[(&["a\nb\n\nc", ", "], "a, b, , c"), (&["a\n", "-"], "a"), (&["", "-"], ""), (&["\n", "-"], "")]);
}

#[test]
fn filling_up() {
    let more = (MAX_RESULT + 1).to_string();
    cases(
        "pad_left",
        &[
            (&["7", "3", "0"], "007"),
            (&["7", "3", ""], "  7"),
            (&["7", "6", "ab"], "ababa7"),
            (&["ä", "3", "ö"], "ööä"),
            (&["1234", "3", "0"], "1234"),
            (&["7", "-1", "0"], INVALID),
            (&["7", &more, "0"], TOO_LARGE),
            (&["7", "9223372036854775807", "é"], TOO_LARGE),
        ],
    );
    cases("pad_right", &[(&["abc", "5", " "], "abc  "), (&["a", "4", "xy"], "axyx"), (&["a", "-9", "x"], INVALID)]);
    cases(
        "repeat",
        &[
            (&["ab", "3"], "ababab"),
            (&["ab", "0"], ""),
            (&["", "9223372036854775807"], ""),
            (&["ab", "-1"], INVALID),
            (&["ab", "9223372036854775807"], TOO_LARGE),
            (&["a", &more], TOO_LARGE),
        ],
    );
}

#[test]
fn parts() {
    cases(
        "slice",
        &[
            (&["abcdef", "1", "3"], "bc"),
            (&["abcdef", "2"], "cdef"),
            (&["häß", "1", "2"], "ä"),
            (&["abc", "2", "1"], ""),
            (&["abc", "9", "12"], ""),
            (&["abc", "-1"], INVALID),
            (&["abc", "0", "-1"], INVALID),
        ],
    );
}

#[test]
fn formats() {
    cases(
        "format",
        &[
            (&["%s is %d", "a", "5"], "a is 5"),
            (&["%v|%5s|%-5s|", "x", "ab", "cd"], "x|   ab|cd   |"),
            (&["%05d|%+d|%-4d|", "-42", "7", "7"], "-0042|+7|7   |"),
            (&["%05.2f", "3.14159"], "03.14"),
            (&["%f", "1"], "1.000000"),
            (&["%.0f", "2.5"], "2"),
            (&["%x %X %o %b", "255", "255", "8", "5"], "ff FF 10 101"),
            (&["%x", "-9223372036854775808"], "-8000000000000000"),
            (&["%.2s", "häß"], "hä"),
            (&["%q", "a\"\n$\\"], "\"a\\\"\\n\\$\\\\\""),
            (&["100%%"], "100%"),
            (&["%d", "x"], INVALID),
            (&["%f", "1e3"], INVALID),
            (&["%s"], INVALID),
            (&["%s", "a", "b"], INVALID),
            (&["%y", "a"], INVALID),
            (&["%", "a"], INVALID),
            (&["%99999999s", "a"], TOO_LARGE),
            (&["%99999999999999999999s", "a"], TOO_LARGE),
            (&["%.2000f", "1"], TOO_LARGE),
        ],
    );
}

#[test]
fn texts_by_lines() {
    cases("count_lines", &[(&[""], "0"), (&["\n"], "1"), (&["a\nb"], "2"), (&["a\nb\n"], "2"), (&["a\n\n"], "2")]);
    cases(
        "cut",
        &[(&["2", "a b c\nd\n  e\tf"], "b\n\nf"), (&["0", "a b"], "a"), (&["-3", "a b"], "a"), (&["1", ""], "")],
    );
    cases(
        "grep",
        &[(&["^E", "E1\nI2\nE3\n"], "E1\nE3"), (&["x", "a"], ""), (&["^$", "a\n\nb"], ""), (&["a$", "a\r"], "")],
    );
    cases("reject", &[(&["^#", "#a\nb"], "b"), (&["(?i)A", "a\nb"], "b")]);
    cases("head", &[(&["2", "a\nb\nc"], "a\nb"), (&["0", "a"], ""), (&["-1", "a"], ""), (&["9", "a\n"], "a")]);
    cases("tail", &[(&["2", "a\nb\nc\n"], "b\nc"), (&["0", "a"], ""), (&["-1", "a"], "")]);
    cases("sort_lines", &[(&["b\nB\na\né\n"], "B\na\nb\né"), (&[""], "")]);
    cases("uniq_lines", &[(&["a\na\nb\na"], "a\nb\na"), (&["\n\n"], "")]);
}

#[test]
fn patterns_take_linear_time_and_little_space() {
    let text = "a".repeat(20_000) + "!";
    assert_eq!(of("grep", &["^(a|a)*$", &text]), "");
    assert!(!is_pattern("a{1000}{1000}") && !is_pattern("(?=a)") && !is_pattern("(a)\\1"));
}

#[test]
fn directory_of_a_path_text() {
    let cases = [
        ("/a/b", "/a"),
        ("/a", "/"),
        ("/", "/"),
        ("a", "."),
        ("a/b/", "a"),
        (".", ".."),
        ("..", "../.."),
        ("../x", ".."),
        ("", ""),
    ];
    for (text, want) in cases {
        assert_eq!(Pure::DirName.text(&[text]), want, "{text}");
    }
    assert_eq!(Pure::BaseName.text(&["/a/b/"]), "b");
    assert_eq!(Pure::JoinPath.text(&["/a/", "b"]), "/a/b");
}
