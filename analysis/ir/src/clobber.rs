//! Bindings of a command that a template binds anew: language §11.2. What a template binds is bound where it is used, and whoever uses
//! it does not see that.

use std::cell::LazyCell;
use std::collections::BTreeSet;

use perch_syntax::{Code, Diagnostic};

use crate::database::{self, Item, Meaning, SourceFile};
use crate::deeds::binding;
use crate::places::Places;
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
    let (scope, places) = (scope(db, item.file(db), root), LazyCell::new(|| Places::new(item.text(db))));
    let mut bound: BTreeSet<&str> = command.args.iter().map(|arg| arg.name.as_str()).collect();
    let mut found = Vec::new();
    walk(&command.body, &mut |stmt| {
        let template = used(stmt).and_then(|name| Some((name, *scope.templates.get(name)?)));
        if let Some((name, template)) = template
            && let Meaning::Template(template) = &database::lower_item(db, template, root).meaning
        {
            let anew = bindings(template);
            let message = |anew: &&str| format!("`{name}` binds `{anew}` anew, which is bound above");
            let problem = |anew| Diagnostic::new(Code::BindingOverwritten, places.statement(stmt), message(anew));
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
