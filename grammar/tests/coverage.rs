//! Every production of the grammar, and every alternative in one, is in a tree of the corpus.
//!
//! The trees themselves do not say which alternative of a rule made them: hidden rules and aliases hide that. So each
//! node's children are derived again from the rules in `grammar.json`, by trying everything, and the derivation says what
//! was used. A node that has no derivation, or two, would make the count worthless and fails the test.
//!
//! What counts: each rule; each member of each choice, the empty one included, which is what `optional` is; and of each
//! repetition that it was left out, went once, and went on.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use common::{cases, corpus, files, parsed};
use regex::Regex;
use serde_json::{Map, Value};
use tree_sitter::Node;

#[test]
fn every_production_and_every_alternative_is_in_the_corpus() {
    let grammar = Grammar::read();
    let mut used = BTreeSet::new();
    for file in files(&corpus()) {
        for case in cases(&file) {
            let tree = parsed(&case.source);
            let place = format!("{}: {}", file.display(), case.title);
            if !file.starts_with(corpus().join("errors")) {
                assert!(!tree.root_node().has_error(), "{place} has an error");
                used.extend(Derivation::new(&grammar, &case.source, place).whole(tree.root_node()));
            }
        }
    }
    let wanted = grammar.points();
    assert!(wanted.len() > 300, "only {} points were found in the grammar", wanted.len());
    let strange: Vec<_> = used.difference(&wanted).collect();
    assert!(strange.is_empty(), "derivations use what the grammar has not: {strange:#?}");
    let missing: Vec<_> = wanted.difference(&used).map(|point| grammar.explained(point)).collect();
    assert!(missing.is_empty(), "{} of {} are in no tree: {missing:#?}", missing.len(), wanted.len());
}

/// The derivation can tell one alternative from another, so that what it reports was really used.
#[test]
fn a_derivation_says_which_alternative_was_used() {
    let grammar = Grammar::read();
    let points_of = |source: &str| {
        let tree = parsed(source);
        let derivation = Derivation::new(&grammar, source, source.to_owned());
        derivation.whole(tree.root_node()).into_iter().collect::<BTreeSet<_>>()
    };
    let with = |source: &str, word: &str| -> Vec<String> {
        points_of(source).into_iter().filter(|point| point.starts_with(word)).collect()
    };
    assert_eq!(with("name a", "setting"), ["setting", "setting/1 once"]);
    assert_eq!(with("name", "setting"), ["setting", "setting/1 never"]);
    assert_eq!(with("name a b", "setting"), ["setting", "setting/1 more"]);
    assert_ne!(with("a $", "_piece"), with("a \\", "_piece"));
    assert_eq!(
        with("a\n\n", "source_file"),
        ["source_file", "source_file/0 more", "source_file/0/0", "source_file/0/1", "source_file/1/1"]
    );
}

struct Grammar {
    rules: Map<String, Value>,
}

impl Grammar {
    fn read() -> Self {
        let grammar: Value = serde_json::from_str(include_str!("../src/grammar.json")).unwrap();
        Self { rules: grammar["rules"].as_object().unwrap().clone() }
    }

    /// Whether a rule is a token: its inside is not made of other rules.
    fn is_token(&self, rule: &str) -> bool {
        let mut body = &self.rules[rule];
        while kind(body).starts_with("PREC") {
            body = &body["content"];
        }
        matches!(kind(body), "TOKEN" | "IMMEDIATE_TOKEN" | "PATTERN" | "STRING")
    }

    /// Everything that the corpus must use. `comment` may stand anywhere and in no rule.
    fn points(&self) -> BTreeSet<String> {
        let mut points = BTreeSet::new();
        for (name, body) in &self.rules {
            if name == "comment" {
                continue;
            }
            points.insert(name.clone());
            if !self.is_token(name) {
                walk(body, name, &mut points);
            }
        }
        points
    }

    /// A point and what stands there.
    fn explained(&self, point: &str) -> String {
        let path = point.split(' ').next().unwrap_or_default();
        let mut parts = path.split('/');
        let mut expression = &self.rules[parts.next().unwrap_or_default()];
        for part in parts {
            while let Some(inner) = expression.get("content") {
                expression = inner;
            }
            expression = &expression["members"][part.parse::<usize>().unwrap()];
        }
        let shown: String = expression.to_string().chars().take(160).collect();
        format!("{point}: {shown}")
    }
}

fn kind(expression: &Value) -> &str {
    expression["type"].as_str().unwrap()
}

fn members(expression: &Value) -> &[Value] {
    expression["members"].as_array().unwrap()
}

fn walk(expression: &Value, path: &str, points: &mut BTreeSet<String>) {
    match kind(expression) {
        "SEQ" => members(expression)
            .iter()
            .enumerate()
            .for_each(|(at, member)| walk(member, &format!("{path}/{at}"), points)),
        "CHOICE" => members(expression).iter().enumerate().for_each(|(at, member)| {
            points.insert(format!("{path}/{at}"));
            walk(member, &format!("{path}/{at}"), points);
        }),
        "REPEAT" | "REPEAT1" => {
            let counts: &[&str] =
                if kind(expression) == "REPEAT" { &["never", "once", "more"] } else { &["once", "more"] };
            points.extend(counts.iter().map(|count| format!("{path} {count}")));
            walk(&expression["content"], path, points);
        }
        "TOKEN" | "IMMEDIATE_TOKEN" => {}
        _ if expression.get("content").is_some() => walk(&expression["content"], path, points),
        _ => {}
    }
}

/// One way to go on: how far, what was used, which rule made which child, and how many keywords were read as such.
#[derive(Clone, Default)]
struct Way {
    to: usize,
    used: Vec<String>,
    children: Vec<(usize, String)>,
    keywords: usize,
}

impl Way {
    fn at(at: usize) -> Self {
        Self { to: at, ..Self::default() }
    }

    fn child(at: usize, rule: &str) -> Self {
        Self { to: at + 1, children: vec![(at, rule.to_owned())], ..Self::default() }
    }

    fn then(&self, next: &Self) -> Self {
        let used = self.used.iter().chain(&next.used).cloned().collect();
        let children = self.children.iter().chain(&next.children).cloned().collect();
        Self { to: next.to, used, children, keywords: self.keywords + next.keywords }
    }

    fn with(mut self, point: String) -> Self {
        self.used.push(point);
        self
    }
}

/// What a node and everything in it was made of.
struct Derived {
    used: Vec<String>,
    keywords: usize,
}

/// A node, by its identity, and a rule.
type Asked = (usize, String);

struct Derivation<'g, 's> {
    grammar: &'g Grammar,
    source: &'s str,
    place: String,
    /// What was found before: every way to derive the nodes around one asks again.
    known: RefCell<HashMap<Asked, Option<Rc<Derived>>>>,
}

impl<'g, 's> Derivation<'g, 's> {
    fn new(grammar: &'g Grammar, source: &'s str, place: String) -> Self {
        Self { grammar, source, place, known: RefCell::default() }
    }

    /// Everything that a tree uses.
    fn whole(&self, root: Node<'_>) -> Vec<String> {
        let derived = self.derived(root, "source_file");
        derived.unwrap_or_else(|| panic!("{}: no derivation of {}", self.place, root.to_sexp())).used.clone()
    }

    fn derived(&self, node: Node<'_>, rule: &str) -> Option<Rc<Derived>> {
        let key = (node.id(), rule.to_owned());
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let found = self.derive(node, rule).map(Rc::new);
        self.known.borrow_mut().insert(key, found.clone());
        found
    }

    /// The derivation of a node from a rule, if there is one. A keyword can often be read as a word as well; the parser
    /// takes the keyword, so the derivation with most of them is the one.
    fn derive(&self, node: Node<'_>, rule: &str) -> Option<Derived> {
        let mut cursor = node.walk();
        let children: Vec<_> = node.children(&mut cursor).filter(|child| !child.is_extra()).collect();
        let matcher = Matcher { derivation: self, children: &children };
        let ways = matcher.ways(&self.grammar.rules[rule], rule, 0).into_iter();
        let whole = ways.filter(|way| way.to == children.len());
        let mut derived: Vec<_> = whole.filter_map(|way| self.with_children(way, &children, rule)).collect();
        let most = derived.iter().map(|derived| derived.keywords).max()?;
        derived.retain(|derived| derived.keywords == most);
        assert_eq!(derived.len(), 1, "{}: derivations of {} from `{rule}`", self.place, node.to_sexp());
        derived.pop()
    }

    fn with_children(&self, way: Way, children: &[Node<'_>], rule: &str) -> Option<Derived> {
        let mut all = Derived { used: way.used, keywords: way.keywords };
        all.used.push(rule.to_owned());
        for (at, rule) in &way.children {
            let child = self.derived(children[*at], rule)?;
            all.used.extend(child.used.iter().cloned());
            all.keywords += child.keywords;
        }
        Some(all)
    }
}

struct Matcher<'d, 'c, 't> {
    derivation: &'d Derivation<'d, 'd>,
    children: &'c [Node<'t>],
}

impl<'t> Matcher<'_, '_, 't> {
    /// All ways in which an expression can begin at a child.
    fn ways(&self, expression: &Value, path: &str, at: usize) -> Vec<Way> {
        match kind(expression) {
            "BLANK" => vec![Way::at(at)],
            "SEQ" => self.sequence(members(expression), path, at),
            "CHOICE" => {
                let member = |(index, member)| {
                    let path = format!("{path}/{index}");
                    self.ways(member, &path, at).into_iter().map(move |way| way.with(path.clone()))
                };
                members(expression).iter().enumerate().flat_map(member).collect()
            }
            "REPEAT" => self.repeated(&expression["content"], path, at, 0),
            "REPEAT1" => self.repeated(&expression["content"], path, at, 1),
            "SYMBOL" => self.symbol(expression["name"].as_str().unwrap(), at),
            "ALIAS" => self.alias(expression, path, at),
            "STRING" => self.token(at, expression["value"].as_str().unwrap()),
            _ => self.ways(&expression["content"], path, at),
        }
    }

    fn sequence(&self, members: &[Value], path: &str, at: usize) -> Vec<Way> {
        let mut ways = vec![Way::at(at)];
        for (index, member) in members.iter().enumerate() {
            let path = format!("{path}/{index}");
            let next =
                |way: &Way| self.ways(member, &path, way.to).iter().map(|next| way.then(next)).collect::<Vec<_>>();
            ways = ways.iter().flat_map(next).collect();
        }
        ways
    }

    fn repeated(&self, content: &Value, path: &str, at: usize, least: usize) -> Vec<Way> {
        let mut found = Vec::new();
        let mut open = vec![Way::at(at)];
        for count in 0.. {
            let word = ["never", "once"].get(count).copied().unwrap_or("more");
            if count >= least {
                found.extend(open.iter().map(|way| way.clone().with(format!("{path} {word}"))));
            }
            let next = |way: &Way| {
                let more = self.ways(content, path, way.to);
                more.iter().filter(|next| next.to > way.to).map(|next| way.then(next)).collect::<Vec<_>>()
            };
            open = open.iter().flat_map(next).collect();
            if open.is_empty() {
                break;
            }
        }
        found
    }

    fn symbol(&self, rule: &str, at: usize) -> Vec<Way> {
        let body = &self.derivation.grammar.rules[rule];
        if rule.starts_with('_') && self.derivation.grammar.is_token(rule) {
            let text = body["content"]["value"].as_str().unwrap_or_default();
            return self.token(at, text).into_iter().map(|way| way.with(rule.to_owned())).collect();
        }
        if rule.starts_with('_') {
            let ways = self.ways(body, rule, at);
            return ways.into_iter().map(|way| way.with(rule.to_owned())).collect();
        }
        let here = self.child(at).filter(|child| child.is_named() && child.kind() == rule);
        here.and_then(|child| self.made_by(child, rule, at)).into_iter().collect()
    }

    /// A child that a rule makes. Asking at once whether it does keeps the ways few.
    fn made_by(&self, child: Node<'_>, rule: &str, at: usize) -> Option<Way> {
        self.derivation.derived(child, rule).map(|_| Way::child(at, rule))
    }

    /// A rule or token under another name.
    fn alias(&self, expression: &Value, path: &str, at: usize) -> Vec<Way> {
        let name = expression["value"].as_str().unwrap();
        let Some(child) = self.child(at).filter(|child| child.is_named() && child.kind() == name) else {
            return Vec::new();
        };
        self.hidden(&expression["content"], path, child, at)
    }

    /// What an alias hides.
    fn hidden(&self, content: &Value, path: &str, child: Node<'_>, at: usize) -> Vec<Way> {
        let rule = content["name"].as_str().unwrap_or_default();
        match kind(content) {
            "SYMBOL" if !self.derivation.grammar.is_token(rule) => self.made_by(child, rule, at).into_iter().collect(),
            "SYMBOL" => {
                let ways = self.hidden(&self.derivation.grammar.rules[rule], path, child, at);
                ways.into_iter().map(|way| way.with(rule.to_owned())).collect()
            }
            "CHOICE" => {
                let member = |(index, member)| {
                    let path = format!("{path}/{index}");
                    self.hidden(member, &path, child, at).into_iter().map(move |way| way.with(path.clone()))
                };
                members(content).iter().enumerate().flat_map(member).collect()
            }
            "RESERVED" | "PREC" => self.hidden(&content["content"], path, child, at),
            _ => {
                let written = &self.derivation.source[child.byte_range()];
                let here = child.child_count() == 0 && token_regex(content).is_match(written);
                let keywords = usize::from(kind(content) == "STRING");
                here.then(|| Way { keywords, ..Way::at(at + 1) }).into_iter().collect()
            }
        }
    }

    fn token(&self, at: usize, text: &str) -> Vec<Way> {
        let here = self.child(at).is_some_and(|child| !child.is_named() && child.kind() == text);
        here.then(|| Way::at(at + 1)).into_iter().collect()
    }

    fn child(&self, at: usize) -> Option<Node<'t>> {
        self.children.get(at).copied()
    }
}

/// What a token matches, from its first character to its last.
fn token_regex(token: &Value) -> Regex {
    thread_local!(static MADE: std::cell::RefCell<BTreeMap<String, Regex>> = const { std::cell::RefCell::new(BTreeMap::new()) });
    MADE.with_borrow_mut(|made| {
        made.entry(token.to_string())
            .or_insert_with(|| Regex::new(&format!("^(?:{})$", pattern(token))).unwrap())
            .clone()
    })
}

fn pattern(token: &Value) -> String {
    let all = |token: &Value| -> Vec<String> { members(token).iter().map(pattern).collect() };
    match kind(token) {
        "STRING" => regex::escape(token["value"].as_str().unwrap()),
        "PATTERN" => format!("(?:{})", token["value"].as_str().unwrap()),
        "SEQ" => all(token).concat(),
        "CHOICE" => format!("(?:{})", all(token).join("|")),
        "REPEAT" => format!("(?:{})*", pattern(&token["content"])),
        "REPEAT1" => format!("(?:{})+", pattern(&token["content"])),
        _ => pattern(&token["content"]),
    }
}
