//! Paths, checksums, encodings, JSON, patterns, versions, points in time.

use super::{INVALID, Pure, TOO_LARGE, cases, of};
use crate::pure::times::Clock;
use crate::pure::{Given, MAX_RESULT, Piece, Shape, paths};

const UNPARSED: &str = "! parse_failed";

#[test]
fn path_texts() {
    cases(
        "path_base",
        &[(&["/srv/a.tar.gz"], "a.tar.gz"), (&["a/b/"], "b"), (&[""], "."), (&["/"], "/"), (&["a/.."], ".")],
    );
    cases(
        "path_dir",
        &[(&["/srv/app"], "/srv"), (&["/a"], "/"), (&["a"], "."), (&[""], "."), (&["/"], "/"), (&["../x"], "..")],
    );
    cases(
        "path_clean",
        &[(&["a//b/./../c/"], "a/c"), (&["/../a"], "/a"), (&["../.."], "../.."), (&[""], "."), (&["a/.."], ".")],
    );
    cases(
        "path_ext",
        &[
            (&["app.conf"], ".conf"),
            (&["a.tar.gz"], ".gz"),
            (&[".bashrc"], ""),
            (&[".."], ""),
            (&["a.d/b"], ""),
            (&["a."], "."),
            (&["..a"], ""),
        ],
    );
    cases(
        "path_with_ext",
        &[
            (&["notes.md", "html"], "notes.html"),
            (&["a/b.md/", ".txt"], "a/b.txt"),
            (&["a.tar.gz", ""], "a.tar"),
            (&["README", "md"], "README.md"),
            (&[".bashrc", "bak"], ".bashrc.bak"),
            (&["..", "x"], ".."),
            (&["/", "x"], "/"),
        ],
    );
    cases(
        "path_join",
        &[(&["a", "b"], "a/b"), (&["/a/", "../b"], "/b"), (&["a", "/b"], "a/b"), (&["", ""], ""), (&["", "a"], "a")],
    );
    cases(
        "path_rel",
        &[
            (&["/srv", "/srv/app/conf"], "app/conf"),
            (&["/srv/a/b", "/srv/c"], "../../c"),
            (&["a", "a"], "."),
            (&[".", "x"], "x"),
            (&["/a", "b"], INVALID),
            (&["../a", "b"], INVALID),
            (&["../a", "../b"], "../b"),
            (&["", "b"], INVALID),
        ],
    );
    cases("is_abs", &[(&["/a"], "true"), (&["a/b"], "false"), (&[""], "false"), (&["~"], "false")]);
}

/// RFC 1321 A.5, FIPS 180-4 examples, and the check value of CRC-32.
#[test]
fn published_checksums() {
    let letters = "abcdefghijklmnopqrstuvwxyz";
    cases(
        "md5",
        &[
            (&[""], "d41d8cd98f00b204e9800998ecf8427e"),
            (&["abc"], "900150983cd24fb0d6963f7d28e17f72"),
            (&[letters], "c3fcd3d76192e4007dfb496cca67e13b"),
        ],
    );
    cases(
        "sha1",
        &[(&[""], "da39a3ee5e6b4b0d3255bfef95601890afd80709"), (&["abc"], "a9993e364706816aba3e25717850c26c9cd0d89d")],
    );
    let long = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    cases(
        "sha256",
        &[
            (&[""], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (&["abc"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (&[long], "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        ],
    );
    cases("crc32", &[(&["123456789"], "cbf43926"), (&[""], "00000000"), (&["a"], "e8b7be43")]);
    let sum = Pure::Sha256.text(&["abc"]);
    for (wanted, holds) in [
        (sum.to_uppercase(), "true"),
        (format!("SHA256:{sum}\n"), "true"),
        (format!("md5:{sum}"), "false"),
        (String::new(), "false"),
    ] {
        assert_eq!(Pure::IsSum.text(&[&sum, &wanted]), holds, "{wanted}");
    }
}

/// RFC 4648, §10.
#[test]
fn published_encodings() {
    let base64 = [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ];
    for (text, encoded) in base64 {
        assert_eq!(
            (of("base64_encode", &[text]), of("base64_decode", &[encoded])),
            (encoded.to_owned(), text.to_owned())
        );
    }
    cases(
        "base64_decode",
        &[
            (&["Zm9v\r\nYmFy\n"], "foobar"),
            (&["Zg==Zm8="], UNPARSED),
            (&["Zg"], UNPARSED),
            (&["Zh=="], UNPARSED),
            (&["Zg==="], UNPARSED),
            (&["a b"], UNPARSED),
            (&["/w=="], UNPARSED),
        ],
    );
    cases("hex_encode", &[(&["foobar"], "666f6f626172"), (&["ß"], "c39f")]);
    cases(
        "hex_decode",
        &[(&["666F6f"], "foo"), (&["6"], UNPARSED), (&["zz"], UNPARSED), (&["ff"], UNPARSED), (&[""], "")],
    );
    cases("url_encode", &[(&["a b!~/?ß"], "a+b%21~%2F%3F%C3%9F")]);
    cases(
        "url_decode",
        &[
            (&["a+b%21%c3%9F"], "a b!ß"),
            (&["%"], UNPARSED),
            (&["%4"], UNPARSED),
            (&["%zz"], UNPARSED),
            (&["%ff"], UNPARSED),
        ],
    );
}

#[test]
fn documents() {
    let doc = r#"{"b": [1, {"a": "x\ny"}, null, 1.50, 12345678901234567890123], "a.b": true, "": {"c": []}, "b2": "t", "b2": "u"}"#;
    cases(
        "json_parse",
        &[
            (&[" [1, 2.50 ,\t-3e+2]\n"], "[1,2.50,-3e+2]"),
            (
                &[doc],
                r#"{"b":[1,{"a":"x\ny"},null,1.50,12345678901234567890123],"a.b":true,"":{"c":[]},"b2":"t","b2":"u"}"#,
            ),
            (&[r#""a\u00e9\/""#], "\"aé/\""),
            (&["{}"], "{}"),
            (&[""], UNPARSED),
            (&["[1,]"], UNPARSED),
            (&["01"], UNPARSED),
            (&["{} x"], UNPARSED),
            (&["\"\\ud800\""], UNPARSED),
            (&[&"[".repeat(200)], TOO_LARGE),
        ],
    );
    cases(
        "json_get",
        &[
            (&[doc, ".b.0"], "1"),
            (&[doc, "b[1].a"], "x\ny"),
            (&[doc, "[\"a.b\"]"], "true"),
            (&[doc, ".b2"], "u"),
            (&[doc, ".b.1"], "{\"a\":\"x\\ny\"}"),
            (&[doc, ".b.2"], ""),
            (&[doc, ".b.9"], ""),
            (&[doc, ".b.x"], ""),
            (&[doc, ".none.a"], ""),
            (&["[\"a\",[1, 2],3]", "."], "a\n[1,2]\n3"),
            (&["5", ""], "5"),
            (&[doc, ".a..b"], INVALID),
            (&[doc, ".a."], INVALID),
            (&[doc, "a[x]"], INVALID),
            (&["{", ".a"], UNPARSED),
            (&["[1, 2]", "[+1]"], INVALID),
            (&["[1, 2]", ".+1"], ""),
        ],
    );
    cases(
        "json_count",
        &[
            (&[doc, ".b"], "5"),
            (&[doc, "."], "5"),
            (&[doc, ".none"], "0"),
            (&["\"abc\"", "."], "0"),
            (&["x", "."], UNPARSED),
            (&["[\"\\ud800\"]", "."], UNPARSED),
        ],
    );
    cases(
        "json_stringify",
        &[
            (&["a \"b\"\n\u{1}"], r#""a \"b\"\n\u0001""#),
            (&["{\"a\": [1, 2]}"], "{\"a\":[1,2]}"),
            (&["5"], "5"),
            (&["007"], "\"007\""),
            (&["\"a\""], r#""\"a\"""#),
            (&[""], "\"\""),
        ],
    );
}

#[test]
fn tables() {
    cases(
        "csv_parse",
        &[
            (&["a,b\n1,\"x, \"\"y\"\"\"\r\n"], "[\"a\",\"b\"]\n[\"1\",\"x, \\\"y\\\"\"]"),
            (&["a\n\n,\n\"\"\n"], "[\"a\"]\n[\"\",\"\"]\n[\"\"]"),
            (&["\"a\nb\",c"], "[\"a\\nb\",\"c\"]"),
            (&["a,"], "[\"a\",\"\"]"),
            (&[""], ""),
            (&["\"a"], UNPARSED),
            (&["\"a\"b"], UNPARSED),
            (&["a\"b"], UNPARSED),
        ],
    );
}

#[test]
fn patterns() {
    cases(
        "regex_match",
        &[(&["^v[0-9]", "v1"], "true"), (&["b", "abc"], "true"), (&["^b", "abc"], "false"), (&["a$", "a\n"], "false")],
    );
    cases("regex_find_all", &[(&["#[0-9]+", "#1 x #23"], "#1\n#23"), (&["a*", "baac"], "\naa\n"), (&["x", "a"], "")]);
    cases(
        "regex_replace",
        &[
            (&["[ ]+", "a  b c", "-"], "a-b-c"),
            (&["(\\w)(\\d)", "a1 b2", "$2${1}x"], "1ax 2bx"),
            (&["(?<n>a)", "ab", "<$n$none$$>"], "<a$>b"),
            (&["a*", "baac", "-"], "-b-c-"),
            (&["a", &"a".repeat(5_000), &"a".repeat(5_000)], TOO_LARGE),
        ],
    );
    assert!("a".repeat(5_000).len() * 5_000 > MAX_RESULT);
}

#[test]
fn versions() {
    let ascending = ["v0.9", "1.0-alpha", "1.0-alpha.1", "1.0-rc", "1.0", "1.0.1", "1.2", "1.10", "2", "10.0.0"];
    for (at, a) in ascending.iter().enumerate() {
        for (other, b) in ascending.iter().enumerate() {
            assert_eq!(of("version_lt", &[a, b]), (at < other).to_string(), "{a} {b}");
            assert_eq!(of("version_ge", &[a, b]), (at >= other).to_string(), "{a} {b}");
        }
    }
    cases(
        "version_eq",
        &[
            (&["v1.2.0+b7", "1.2"], "true"),
            (&["01.2", "1.02"], "true"),
            (&["latest", "latest"], "true"),
            (&["1.x", "1"], "false"),
        ],
    );
    cases("version_ne", &[(&["1", "1.0"], "false"), (&["99999999999999999999", "99999999999999999998"], "true")]);
    cases(
        "version_gt",
        &[
            (&["100000000000000000000", "99999999999999999999"], "true"),
            (&["b", "a"], "true"),
            (&["1.a", "9"], "false"),
        ],
    );
    cases("version_le", &[(&["1.0", "1"], "true")]);
    cases(
        "version_compat",
        &[(&["v2.9", "2.0"], "true"), (&["2", "3"], "false"), (&["x", "x"], "true"), (&["0", ""], "false")],
    );
    cases(
        "version_extract",
        &[
            (&["go version go1.22.1 linux/amd64"], "1.22.1"),
            (&["v2.0.1-rc.1+build, 3.0"], "2.0.1-rc.1+build"),
            (&["none here: 7"], ""),
            (&["git version 2.39.5 (Debian)", "version ([0-9]+)"], "2"),
            (&["release 7", "[0-9]"], "7"),
        ],
    );
}

#[test]
fn points_in_time() {
    let format = |time: &str, format: &str| {
        Pure::FormatTime.apply(&[time, format]).unwrap_or_else(|refusal| format!("! {}", refusal.kind.name()))
    };
    let formats = [
        ("1700000000", "rfc3339", "2023-11-14T22:13:20Z"),
        ("2024-02-29T23:30:05+01:00", "rfc3339", "2024-02-29T23:30:05+01:00"),
        ("2024-02-29t23:30:05.999z", "datetime", "2024-02-29 23:30:05"),
        ("2024-02-29T23:30:05-00:30", "unix", "1709251205"),
        ("0.9999999999", "unix_milli", "999"),
        ("-0.5", "unix", "-1"),
        ("1700000000", "date", "2023-11-14"),
        ("1700000000", "time", "22:13:20"),
        ("1700000000", "rfc822", "14 Nov 23 22:13 +0000"),
        (
            "1700000000",
            "%j %a %A %b %B %I %p %y %z %s %F %T %%",
            "318 Tue Tuesday Nov November 10 PM 23 +0000 1700000000 2023-11-14 22:13:20 %",
        ),
        ("253370764799", "rfc3339", "9998-12-31T23:59:59Z"),
        ("253370764800", "rfc3339", UNPARSED),
        ("2023-02-29T00:00:00Z", "unix", UNPARSED),
        ("2024-01-01T00:00:60Z", "unix", UNPARSED),
        ("2024-01-01", "unix", UNPARSED),
        ("2024-01-01T00:00:00", "unix", UNPARSED),
        ("2024-01-01T00:00:00.Z", "unix", UNPARSED),
        ("yesterday", "unix", UNPARSED),
        ("0", "%Q", INVALID),
        ("0", "%", INVALID),
        ("0", "%%%", INVALID),
        ("0", "year", INVALID),
    ];
    for (time, wanted, text) in formats {
        assert_eq!(format(time, wanted), text, "{time} {wanted}");
    }
    cases(
        "parse_time",
        &[
            (&["2024-01-01T00:00:00.9Z", "rfc3339"], "1704067200"),
            (&["2024-01-01", "date"], "1704067200"),
            (&["2024-01-01 01:02:03", "datetime"], "1704070923"),
            (&["01 Jan 24 00:00 +0100", "rfc822"], "1704063600"),
            (&["31.12.1969", "%d.%m.%Y"], "-86400"),
            (&["1704067200999", "unix_milli"], "1704067200"),
            (&["12", "unix"], "12"),
            (&["12.5", "unix"], UNPARSED),
            (&["12:00:00", "time"], UNPARSED),
            (&["soon", "date"], UNPARSED),
            (&["24-1-2", "date"], UNPARSED),
            (&["2024-1-02", "date"], UNPARSED),
            (&["0000-05-05T08:52:02Z", "rfc3339"], UNPARSED),
            (&["Mon 2024-01-02", "%a %F"], UNPARSED),
            (&["2024-01-01", "day"], INVALID),
        ],
    );
    cases(
        "unix_to_iso",
        &[(&["0"], "1970-01-01T00:00:00Z"), (&["-1"], "1969-12-31T23:59:59Z"), (&["9223372036854775807"], INVALID)],
    );
    let between = |a: &str, b: &str| Pure::TimeDiff.text(&[a, b]);
    assert_eq!(between("2024-01-01T00:00:00Z", "2024-01-01T00:01:30Z"), "90");
    assert_eq!(between("10", "8.75"), "-1.25");
    assert_eq!(between("2024-01-01T01:00:00+01:00", "2024-01-01T00:00:00Z"), "0");
    assert_eq!(Pure::TimeDiff.apply(&["x", "1"]).unwrap_err().kind.name(), "parse_failed");
}

#[test]
fn a_clock_is_in_the_zone_that_the_variable_says() {
    let winter = Clock::parse("2026-11-28T20:00:05+01:00").unwrap();
    let rule = "CET-1CEST,M3.5.0,M10.5.0/3";
    assert_eq!(winter.with_zone(rule), Ok(winter));
    let summer = Clock::parse("2026-07-28T20:00:05+01:00").unwrap();
    assert_eq!(summer.with_zone(rule).unwrap_err(), ["+01:00", "+02:00"]);
    for utc in ["", "UTC", ":utc", "Etc/UTC", "UTC0", "Etc/GMT+0"] {
        assert_eq!(winter.with_zone(utc).unwrap_err(), ["+01:00", "+00:00"], "{utc}");
    }
    for name in ["Asia/Tokyo", "Etc/GMT+1", "CET", ":/etc/localtime", "nowhere"] {
        assert!(matches!(winter.with_zone(name), Ok(Clock::Instant(_))), "{name}");
    }
    let day = Clock::parse("2026-11-28").unwrap();
    assert_eq!(day.with_zone("Asia/Tokyo"), Ok(day));
}

#[test]
fn a_path_is_its_directory_and_its_last_component() {
    for path in ["/a/b", "a", "a/b/c", "/", "../x", "..", "../..", ".", "/x/../y"] {
        let joined = of("path_join", &[&of("path_dir", &[path]), &of("path_base", &[path])]);
        assert_eq!(joined, paths::clean_or_here(path));
    }
}

#[test]
fn lines_that_stand_in_a_text() {
    let has = |text, lines| Pure::HasLines.text(&[text, lines]) == "true";
    assert!(has("a\nb\n", "b") && has("a\nb", "b") && has("a\r\nb", "a") && has("a\nb", "a\r"));
    assert!(!has("ab\n", "b") && !has("", "") && !has("a\n", "") && has("a\n\n", ""));
    assert!(has("x\na\nb\ny", "a\nb") && !has("a\nx\nb", "a\nb") && !has("a", "a\nb"));
}

#[test]
fn what_the_last_line_lacks() {
    let end = |text| Pure::LineEnd.text(&[text]);
    assert_eq!([end(""), end("a"), end("a\n"), end("a\r\n"), end("\n")], ["", "\n", "", "", ""]);
    let behind = Given(vec![Piece::Unknown, Piece::Text("a\n")]);
    assert_eq!(Pure::LineEnd.shape(&[behind]), Shape::Text(String::new()));
    assert_eq!(Pure::LineEnd.shape(&[Given(vec![Piece::Unknown])]), Shape::Open);
}

#[test]
fn sizes_are_those_in_utf_8() {
    assert_eq!(Pure::Bytes.text(&["häß"]), "5");
}
