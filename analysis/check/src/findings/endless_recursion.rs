//! `endless-recursion`: commands that call themselves on every way, perhaps by way of each other.

use perch_ir::{Stmt, StmtKind};
use perch_syntax::{Code, Diagnostic};
use petgraph::algo::kosaraju_scc;
use petgraph::graphmap::DiGraphMap;

use crate::program::Kind;
use crate::view::{Report, View};
use crate::whole::Whole;

pub(super) fn find(whole: &Whole<'_>, report: &mut Report) {
    let program = &whole.program;
    let mut graph: DiGraphMap<usize, ()> = DiGraphMap::new();
    // A template that uses itself is another mistake.
    let is_command = |body: usize| program.bodies.get(body).is_some_and(|body| body.kind != Kind::Template);
    let endless = |body: &usize| !whole.outcomes.ends(*body) && is_command(*body);
    for (at, body) in program.bodies.iter().enumerate().filter(|(at, _)| endless(at)) {
        let callees = body.uses.iter().map(|site| site.to).filter(endless);
        for to in callees {
            graph.add_edge(at, to, ());
        }
    }
    for mut circle in kosaraju_scc(&graph) {
        circle.sort_unstable();
        let Some(first) = circle.first().copied() else { continue };
        if circle.len() > 1 || graph.contains_edge(first, first) {
            tell(whole, report, first, &circle);
        }
    }
}

fn tell(whole: &Whole<'_>, report: &mut Report, first: usize, circle: &[usize]) {
    let view = whole.view(first);
    let Some((call, to)) = call_into(&view, circle) else { return };
    let name = &view.body.command.name;
    let message = match circle.len() {
        1 => format!("`{name}` calls itself on every way, and never ends"),
        _ => format!("`{name}` calls `{to}`, which gets back here on every way, and never ends"),
    };
    let problem = Diagnostic::new(Code::EndlessRecursion, view.places.statement(call), message);
    report.add(&view, problem.help("let one way end without the call: test something before it"));
}

/// The first call of a body that leads into a circle, and what it calls.
fn call_into<'db>(view: &View<'_, 'db>, circle: &[usize]) -> Option<(&'db Stmt, &'db str)> {
    let site = view.body.uses.iter().find(|site| circle.contains(&site.to) && site.stmt.is_some())?;
    match &site.stmt?.kind {
        StmtKind::Call { command: name, .. } | StmtKind::Expand { template: name, .. } => Some((site.stmt?, name)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::EndlessRecursion;

    use crate::testing::{fires, main_with, private, silent};

    #[test]
    fn a_command_that_always_calls_itself_is_told() {
        fires(EndlessRecursion, &main_with("print a\n«main»\nprint b"));
        fires(EndlessRecursion, &main_with("if os == linux\n  «main»\nelse\n  main\nend"));
    }

    #[test]
    fn commands_that_always_call_each_other_are_told_once() {
        let found = fires(EndlessRecursion, &(main_with("«other»") + &private("other", "print a\nmain")));
        assert_eq!(found[0].message, "`main` calls `other`, which gets back here on every way, and never ends");
    }

    #[test]
    fn a_way_out_is_enough() {
        for statements in [
            "if exists done\n  print a\nelse\n  main\nend",
            "for_each \"a\" x\n  main\nend",
            "if exists done\n  exit\nend\nmain",
            "if exists done\n  fail stop\nend\nmain",
            "try\n  main\nrescue\n  print deep\nend",
            "os linux\n  main\nend",
            "match os\n  case linux\n    main\nend",
        ] {
            silent(EndlessRecursion, &main_with(statements));
        }
    }

    #[test]
    fn whoever_only_leads_to_a_circle_is_not_told() {
        fires(EndlessRecursion, &(main_with("other") + &private("other", "«other»")));
    }
}
