//! Rust files as tokens.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The tokens of a file.
#[must_use]
pub fn tokens(name: &str) -> TokenStream {
    crate::read(name).parse().unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The modules of `std` and `core` that the tokens name, directly (`std::fs::read`) or in a group (`std::{env, fs}`). What `core::net` has are
/// addresses, which are numbers and no network.
#[must_use]
pub fn modules_of_std(tokens: TokenStream) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect_modules(tokens, &mut found);
    found
}

fn collect_modules(tokens: TokenStream, found: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => collect_modules(group.stream(), found),
            TokenTree::Ident(ident) if ident == "std" || ident == "core" => match tokens.get(at + 3) {
                _ if !is_path(&tokens[at + 1..]) => {}
                Some(TokenTree::Ident(module)) if ident == "core" && module == "net" => {}
                Some(TokenTree::Ident(module)) => drop(found.insert(module.to_string())),
                Some(TokenTree::Group(group)) => found.extend(first_of_each(group)),
                _ => {}
            },
            _ => {}
        }
    }
}

fn is_path(tokens: &[TokenTree]) -> bool {
    let colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    colon(tokens.first()) && colon(tokens.get(1))
}

/// The first word of each part of `{a, b::c, d}`.
fn first_of_each(group: &Group) -> Vec<String> {
    let mut words = Vec::new();
    let mut first = true;
    for token in group.stream() {
        match token {
            TokenTree::Ident(ident) if first => {
                words.push(ident.to_string());
                first = false;
            }
            TokenTree::Punct(punct) if punct.as_char() == ',' => first = true,
            _ => {}
        }
    }
    words
}

/// The string literals of the code: not of attributes (documentation is one) and not of `#[cfg(test)]` items.
#[must_use]
pub fn literals(tokens: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    collect_literals(tokens, &mut found);
    found
}

fn collect_literals(tokens: TokenStream, found: &mut Vec<String>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => collect_literals(group.stream(), found),
            TokenTree::Literal(literal) => found.extend(text_of(&literal.to_string())),
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                let _ = tokens.next_if(|next| matches!(next, TokenTree::Punct(punct) if punct.as_char() == '!'));
                let attribute = tokens
                    .next_if(|next| matches!(next, TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket));
                if attribute.is_some_and(|attribute| attribute.to_string().replace(' ', "") == "[cfg(test)]") {
                    let ends = |token: &TokenTree| match token {
                        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                        TokenTree::Punct(punct) => punct.as_char() == ';',
                        _ => false,
                    };
                    let _ = tokens.find(ends);
                }
            }
            _ => {}
        }
    }
}

/// The text of a string literal, escapes as written.
fn text_of(literal: &str) -> Option<String> {
    let start = literal.find('"')?;
    let raw = literal[..start].trim_start_matches(['b', 'c', 'r']).trim_matches('#');
    raw.is_empty().then(|| literal[start + 1..].trim_end_matches('#').trim_end_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_in_paths_and_groups() {
        let code =
            r#"use std::{collections::{BTreeMap, fs}, env}; fn f() { let _ = std::net::lookup("std::process"); }"#;
        let found: Vec<String> = modules_of_std(code.parse().unwrap()).into_iter().collect();
        assert_eq!(found, ["collections", "env", "net"]);
        assert!(modules_of_std("use core::net::IpAddr;".parse().unwrap()).is_empty());
    }

    #[test]
    fn literals_of_documentation_and_tests_do_not_count() {
        let code = r##"
            /// "doc"
            #[path = "attribute"]
            fn f() { g("one", r#"two"#, b"three", 'c', 4) }
            #[cfg(test)]
            mod tests { const X: &str = "five"; }
            const Y: &str = "six";
        "##;
        assert_eq!(literals(code.parse().unwrap()), ["one", "two", "three", "six"]);
    }
}
