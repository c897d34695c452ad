//! Laws, and what is claimed of results when operands are not known, for texts in which something may be the matter.

use super::super::{Given, Piece, Pure, Shape};
use super::of;
use crate::{Body, Entry, catalogue};

/// Numbers without a pattern, always the same.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap_or_default()
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }

    /// A text of pieces in which something may be the matter.
    fn text(&mut self) -> String {
        const PIECES: &[&str] = &[
            "a",
            "b",
            "ab",
            "B",
            "ß",
            "é",
            "Σ",
            "🦀",
            " ",
            "\n",
            "\t",
            ",",
            "/",
            "..",
            ".",
            "-",
            "%",
            "%s",
            "%d",
            "1",
            "0",
            "23",
            "v1.2",
            "+",
            "=",
            "\"",
            "{",
            "}",
            "[",
            "]",
            ":",
            "\\",
            "^",
            "$",
            "*",
            "(",
            "~",
            "2024-01-02",
            "T",
            "Z",
            "null",
        ];
        (0..self.below(6)).map(|_| self.pick(PIECES)).collect()
    }

    /// A text that is of the type, most of the time one that is not refused.
    fn of_type(&mut self, ty: crate::Type) -> String {
        let likely: &[&str] = match ty {
            crate::Type::Int => &["0", "1", "2", "3", "7", "-1", "99999999"],
            crate::Type::Regex => &["a", "^a", "b*", "[ab]+", "(a)(b)", "\\d+", "$", "."],
            _ => return self.text(),
        };
        self.pick(likely).to_owned()
    }
}

#[test]
fn laws_of_texts() {
    let mut numbers = Numbers(7);
    for _ in 0..2_000 {
        let [text, other] = [numbers.text(), numbers.text()];
        let one_line = text.replace('\n', "");
        if !other.is_empty() && !other.contains('\n') && !one_line.ends_with(&other) && !one_line.is_empty() {
            assert_eq!(of("join", &[&of("split", &[&one_line, &other]), &other]), one_line, "{one_line:?} {other:?}");
        }
        let both = format!("{text}{other}");
        assert_eq!(of("has_prefix", &[&both, &text]), "true");
        assert_eq!(of("has_suffix", &[&both, &other]), "true");
        assert_eq!(of("contains", &[&both, &other]), "true");
        let length = of("length", &[&text]);
        assert_eq!(of("slice", &[&both, "0", &length]) + &of("slice", &[&both, &length]), both);
        assert_eq!(of("length", &[&of("pad_left", &[&one_line, "60", "xy"])]), "60");
        let sorted = of("sort_lines", &[&text]);
        assert_eq!(of("sort_lines", &[&sorted]), sorted);
        assert_eq!(of("trim", &[&of("trim", &[&text])]), of("trim", &[&text]));
        assert_eq!(of("format", &[&text.replace('%', "%%")]), text);
        for (encode, decode) in
            [("base64_encode", "base64_decode"), ("hex_encode", "hex_decode"), ("url_encode", "url_decode")]
        {
            assert_eq!(of(decode, &[&of(encode, &[&text])]), text);
        }
        assert_eq!(of("json_get", &[&format!("[{}]", crate::pure::json::quoted(&text)), ".0"]), text);
        let document = of("json_stringify", &[&text]);
        assert_eq!(of("json_parse", &[&document]), document);
        assert_eq!(of("path_clean", &[&of("path_clean", &[&text])]), of("path_clean", &[&text]));
        assert_eq!(of("version_lt", &[&text, &other]), of("version_gt", &[&other, &text]));
        let number = (numbers.below(4_000_000_000) as i64 - 2_000_000_000).to_string();
        assert_eq!(of("parse_time", &[&of("unix_to_iso", &[&number]), "rfc3339"]), number);
        let halves = (of("head", &["2", &text]), of("tail", &["2", &text]));
        let lines = of("count_lines", &[&text]);
        assert!(lines != "2" || halves.0 == halves.1, "{text:?}");
    }
}

/// Every function that is an op, with the types of its operands.
fn functions() -> impl Iterator<Item = (Pure, &'static Entry)> {
    catalogue().filter_map(Entry::op).filter_map(|op| match op.body() {
        Body::Pure(function) => Some((*function, op.entry())),
        _ => None,
    })
}

#[test]
fn functions_refuse_with_their_kinds_only() {
    let mut numbers = Numbers(11);
    for (function, entry) in functions() {
        for _ in 0..300 {
            let operands = some_operands(&mut numbers, entry);
            let operands: Vec<&str> = operands.iter().map(String::as_str).collect();
            if let Err(refusal) = function.apply(&operands) {
                assert!(function.kinds().contains(&refusal.kind), "{} {operands:?}: {refusal:?}", entry.name);
                assert!(!refusal.message.is_empty() && !refusal.message.contains('\n'), "{} {operands:?}", entry.name);
            }
        }
    }
}

fn some_operands(numbers: &mut Numbers, entry: &Entry) -> Vec<String> {
    let most = entry.most().unwrap_or(entry.least() + 2);
    let count = entry.least() + numbers.below(most - entry.least() + 1);
    (0..count).filter_map(|at| entry.operand(at)).map(|operand| numbers.of_type(operand.ty)).collect()
}

/// Some pieces of a text taken for unknown.
fn partly(numbers: &mut Numbers, text: &str) -> Vec<Option<String>> {
    let chars: Vec<char> = text.chars().collect();
    let [a, b] = [numbers.below(chars.len() + 1), numbers.below(chars.len() + 1)];
    let (start, end) = (a.min(b), a.max(b));
    let known = |chars: &[char]| Some(chars.iter().collect::<String>()).filter(|text| !text.is_empty()).map(Some);
    match numbers.below(3) {
        0 => known(&chars).into_iter().collect(),
        1 => vec![None],
        _ => known(&chars[..start]).into_iter().chain([None]).chain(known(&chars[end..])).collect(),
    }
}

#[test]
fn what_is_claimed_of_unknown_operands_holds_of_every_text() {
    let mut numbers = Numbers(13);
    let mut told = 0;
    for (function, entry) in functions() {
        for _ in 0..600 {
            let operands = some_operands(&mut numbers, entry);
            let parts: Vec<Vec<Option<String>>> = operands.iter().map(|text| partly(&mut numbers, text)).collect();
            let known = |part: &'_ Option<String>| part.is_some();
            if parts.iter().flatten().all(known) {
                continue;
            }
            let operands: Vec<&str> = operands.iter().map(String::as_str).collect();
            told += usize::from(claims_hold(function, entry.name, &parts, &operands));
        }
    }
    assert!(told > 1_000, "only {told} claims were made");
}

/// Whether anything was claimed; all that is must be true of these operands.
fn claims_hold(function: Pure, op: &str, parts: &[Vec<Option<String>>], operands: &[&str]) -> bool {
    let piece = |part: &'_ Option<String>| part.is_some();
    let given: Vec<Given<'_>> = parts
        .iter()
        .map(|parts| Given(parts.iter().map(|part| part.as_deref().map_or(Piece::Unknown, Piece::Text)).collect()))
        .collect();
    let result = function.apply(operands);
    let mut claimed = false;
    for kind in function.kinds() {
        // Kinds that come before have been asked about before.
        let earlier = result.as_ref().is_err_and(|refusal| {
            function.kinds().iter().take_while(|other| *other != kind).any(|other| *other == refusal.kind)
        });
        if let Some(refuses) = function.may_refuse(*kind, &given).filter(|_| !earlier) {
            claimed = true;
            assert_eq!(function.refuses(*kind, operands), refuses, "{op} {given:?} {kind:?} for {operands:?}");
        }
    }
    let Ok(result) = result else { return claimed };
    match function.shape(&given) {
        Shape::Text(text) => assert_eq!(result, text, "{op} {given:?} for {operands:?}"),
        Shape::Truth => assert!(matches!(result.as_str(), "true" | "false"), "{op}"),
        Shape::Piecewise => {
            let cut: usize = parts[0].iter().take_while(|part| piece(part)).flatten().map(String::len).sum();
            let (front, back) = operands[0].split_at(cut);
            assert_eq!(result, function.text(&[front]) + &function.text(&[back]), "{op} {operands:?}");
        }
        Shape::Open => return claimed,
    }
    true
}
