//! Reading programs, and writing them out shortly.

use perch_ir::construct::{Construct, Hole, Module, Test};
use perch_ir::{
    Around, Block, Clause, Cond, Database, Diagnostic, OpCall, Operand, Part, Program, Snapshot, SourceFile, Stmt,
    StmtKind, Text, diagnostics,
};

/// A file and what is wrong with it.
pub(crate) fn read(text: &str) -> (Snapshot, Vec<Diagnostic>) {
    let db = Database::default();
    let file = SourceFile::new(&db, "test.perch".to_owned(), text.to_owned());
    (Snapshot::new(&db, file), diagnostics(&db, file).clone())
}

/// A file with nothing wrong.
pub(crate) fn program(text: &str) -> Snapshot {
    let (snapshot, mut diagnostics) = read(text);
    // `other` takes no words, and is given some: what a call means is one thing, whether it fits another.
    diagnostics.retain(|diagnostic| diagnostic.code.name() != "call-mismatch");
    assert_eq!(diagnostics, [], "{text}");
    snapshot
}

/// A file with these statements in a command `main`, from line 7 on, and a command `other`.
pub(crate) fn around(statements: &str) -> String {
    format!("command other\ndo\nend\nend\ncommand main\ndo\n{statements}\nend\nend\n")
}

/// The statements of a body with nothing wrong.
pub(crate) fn body(statements: &str) -> Vec<Stmt> {
    program(&around(statements)).command("main").unwrap().body.clone()
}

/// The same, each as a short text.
pub(crate) fn shown_body(statements: &str) -> Vec<String> {
    body(statements).iter().map(stmt).collect()
}

pub(crate) fn stmt(stmt: &Stmt) -> String {
    let bound = |bind: &Option<String>| bind.as_ref().map_or(String::new(), |name| format!("{name} <- "));
    match &stmt.kind {
        StmtKind::Let { name, value } => format!("let {name} = {}", operand(value)),
        StmtKind::Op(call) => bound(&call.bind) + &op(call),
        StmtKind::Call { command, words, bind } => {
            let words: Vec<_> = words.iter().map(|word| format!(" {}", text(word))).collect();
            format!("{}call {command}{}", bound(bind), words.concat())
        }
        StmtKind::Chain(all) => format!("chain {}", clauses(all)),
        StmtKind::Pipe { stages, bind } => format!("{}pipe {}", bound(bind), clauses(stages)),
        StmtKind::Block(Block { op, around, body }) => format!("{op}{} {}", surroundings(around), block(body)),
        StmtKind::Expand { template, words } => {
            let words: Vec<_> = words.iter().map(|word| format!(" {}", text(word))).collect();
            format!("expand {template}{}", words.concat())
        }
        StmtKind::If { arms, otherwise } => {
            let arms: Vec<_> = arms.iter().map(|(test, body)| format!("if {} {}", cond(test), block(body))).collect();
            arms.join(" el") + &rest("else", otherwise)
        }
        StmtKind::ForEach { list, name, body } => format!("for {name} in {} {}", operand(list), block(body)),
        StmtKind::Match { target, arms, otherwise } => {
            let arms: Vec<_> = arms.iter().map(|(case, body)| format!(" {} {}", text(case), block(body))).collect();
            format!("match {}{}{}", operand(target), arms.concat(), rest("else", otherwise))
        }
        StmtKind::Try { body, rescue, finally } => {
            let rescue =
                rescue.as_ref().map_or(String::new(), |(name, body)| format!(" rescue {name} {}", block(body)));
            format!("try {}{rescue} finally {}", block(body), block(finally))
        }
        StmtKind::NotYet(construct) => match &**construct {
            Construct::Op { op, operands, bind } => {
                let operands: Vec<_> = operands.iter().map(|word| format!(" {}", operand(word))).collect();
                format!("{}later {op}{}", bound(bind), operands.concat())
            }
            Construct::Module { module, lines } => {
                let module = match module {
                    Module::File(word) => operand(word),
                    Module::Bundled(name) => format!("bundled({name})"),
                };
                let lines: Vec<_> = lines.iter().map(|(name, word)| format!("; {name} {}", text(word))).collect();
                format!("module {module}{}", lines.concat())
            }
        },
    }
}

fn clauses(clauses: &[Clause]) -> String {
    let clause = |Clause { when, call, .. }: &Clause| format!("{when:?}({})", op(call));
    clauses.iter().map(clause).collect::<Vec<_>>().join(" ")
}

fn pairs(pairs: &[(String, Text)], between: &str) -> String {
    pairs.iter().map(|(name, value)| format!("{name}={}{between}", text(value))).collect()
}

/// What is around the body of a block, by the names that the catalogue gives it.
fn surroundings(around: &Around) -> String {
    match around {
        Around::Only { wanted, .. } => format!(" target={}", operand(wanted)),
        Around::Cwd(enter) => format!(" path={}", operand(&enter.operands[0])),
        Around::Env(all) => format!(" {}", pairs(all, " ").trim_end()),
        Around::Sandbox(mask) => {
            let gone = perch_policy::Right::ALL.into_iter().filter(|right| mask.denies(*right));
            gone.map(|right| format!(" {}", right.flag())).collect()
        }
        Around::Retry { attempts, delay, max_delay, .. } => {
            let [attempts, delay, max_delay] = [attempts, delay, max_delay].map(operand);
            format!(" attempts={attempts} delay={delay} max_delay={max_delay}")
        }
        Around::Timeout(length) => format!(" secs={}", operand(length)),
        Around::Parallel { max } => max.iter().map(|max| format!(" max={}", operand(max))).collect(),
        Around::Cache { key, ttl } => format!(" key={} ttl={}", operand(key), operand(ttl)),
    }
}

fn rest(keyword: &str, body: &[Stmt]) -> String {
    if body.is_empty() { String::new() } else { format!(" {keyword} {}", block(body)) }
}

fn block(body: &[Stmt]) -> String {
    format!("{{{}}}", body.iter().map(stmt).collect::<Vec<_>>().join("; "))
}

fn op(call: &OpCall) -> String {
    let operands: Vec<_> = call.operands.iter().map(|word| format!(" {}", operand(word))).collect();
    format!("{}op {}{}", pairs(&call.variables, " "), call.op.entry().name, operands.concat())
}

pub(crate) fn operand(operand: &Operand) -> String {
    match operand {
        Operand::Text(word) => text(word),
        Operand::Name(name) => format!("name({name})"),
    }
}

pub(crate) fn text(text: &Text) -> String {
    let part = |part: &Part| match part {
        Part::Literal(text) => text.clone(),
        Part::Name(name) => format!("${{{name}}}"),
        Part::Splice(name) => format!("${{{name}...}}"),
        Part::Call(call) => {
            let operands: Vec<_> = call.operands.iter().map(operand).collect();
            format!("${{{}({})}}", call.op.entry().name, operands.join(", "))
        }
        Part::NotYet(hole) => match &**hole {
            Hole::Call { op, operands } => {
                format!("${{{op}({})}}", operands.iter().map(operand).collect::<Vec<_>>().join(", "))
            }
        },
    };
    format!("[{}]", text.parts.iter().map(part).collect::<String>())
}

fn cond(test: &Cond) -> String {
    let all = |word: &str, parts: &[Cond]| format!("({word} {})", parts.iter().map(cond).collect::<Vec<_>>().join(" "));
    match test {
        Cond::Or(parts) => all("or", parts),
        Cond::And(parts) => all("and", parts),
        Cond::Not(part) => format!("(not {})", cond(part)),
        Cond::Compare { left, op, right } => format!("({} {op:?} {})", operand(left), text(right)),
        Cond::Truth(name) => name.clone(),
        Cond::TruthOrPredicate(name, call) => format!("({name} or {})", op(call)),
        Cond::Predicate(call) => op(call),
        Cond::Programs(all) => format!("({})", clauses(all)),
        Cond::NotYet(test) => match &**test {
            Test::Predicate { name, op, operands } => {
                let operands: Vec<_> = operands.iter().map(|word| format!(" {}", operand(word))).collect();
                let either = name.as_ref().map_or(String::new(), |name| format!("{name} or "));
                format!("({either}later {op}{})", operands.concat())
            }
        },
    }
}
