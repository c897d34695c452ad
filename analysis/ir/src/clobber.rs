//! Bindings of a command that a template binds anew: language §11.2. What a template binds is bound where it is used, and whoever uses
//! it does not see that.

use std::collections::BTreeSet;

use perch_syntax::Diagnostic;

use crate::calls::span_of;
use crate::construct::Construct;
use crate::database::{self, Item, Meaning, SourceFile};
use crate::program::{Command, Stmt, StmtKind};
use crate::reach::walk;
use crate::scope::scope;

/// What is said of the templates that an item uses; spans count from its start.
pub(crate) fn problems<'db>(
    db: &'db dyn salsa::Database,
    item: Item<'db>,
    command: &Command,
    root: SourceFile,
) -> Vec<Diagnostic> {
    let scope = scope(db, item.file(db), root);
    let mut bound: BTreeSet<&str> = command.args.iter().map(|arg| arg.name.as_str()).collect();
    let mut found = Vec::new();
    walk(&command.body, &mut |stmt| {
        let template = used(stmt).and_then(|name| Some((name, *scope.templates.get(name)?)));
        if let Some((name, template)) = template
            && let Meaning::Template(template) = &database::lower_item(db, template, root).meaning
        {
            let anew = bindings(template);
            let message = |anew: &&str| format!("`{name}` binds `{anew}` anew, which is bound above");
            let problem =
                |anew| Diagnostic::warning("binding-overwritten", span_of(item.text(db), stmt), message(anew));
            let help = "give the binding another name, here or in the template";
            found.extend(anew.intersection(&bound).map(problem).map(|problem| problem.help(help)));
        }
        bound.extend(binding(stmt));
    });
    found
}

/// The template that a statement uses.
fn used(stmt: &Stmt) -> Option<&str> {
    if let StmtKind::Expand { template, .. } = &stmt.kind { Some(template) } else { None }
}

/// What a template binds besides its own arguments.
fn bindings(template: &Command) -> BTreeSet<&str> {
    let mut bound = BTreeSet::new();
    // No program can write the name of a template's argument.
    walk(&template.body, &mut |stmt| bound.extend(binding(stmt).filter(|name| perch_syntax::is_name(name))));
    bound
}

/// The name that stays bound behind a statement.
pub(crate) fn binding(stmt: &Stmt) -> Option<&str> {
    match &stmt.kind {
        StmtKind::Let { name, .. } => Some(name),
        StmtKind::Op(call) => call.bind.as_deref(),
        StmtKind::Call { bind, .. } => bind.as_deref(),
        StmtKind::Pipe { bind, .. } => bind.as_deref(),
        StmtKind::NotYet(construct) => match &**construct {
            Construct::Op { bind, .. } => bind.as_deref(),
            Construct::Module { .. } => None,
        },
        _ => None,
    }
}
