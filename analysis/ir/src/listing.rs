//! What a file offers, for people: what `--list` prints and `list_commands` writes.

use std::sync::Arc;

use perch_syntax::visible;

use crate::program::{Command, Stmt, StmtKind};
use crate::reach::walk;
use crate::snapshot::Snapshot;

/// The op that writes it.
const WRITTEN_BY: &str = "list_commands";

impl Snapshot {
    /// The commands that the command line may call.
    #[must_use]
    pub fn offered(&self) -> Vec<&Arc<Command>> {
        // What a file declares that the main file cannot call has a name that nobody can write.
        self.declared().into_iter().filter(|command| command.is_open() && !command.name.contains(':')).collect()
    }

    /// What the file says of itself, and a line for each of these commands. A terminal obeys nothing of it.
    #[must_use]
    pub fn offer(&self) -> String {
        let info = self.info();
        let title = [&info.name, &info.version].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
        let head = [title, info.about.clone().unwrap_or_default()];
        let head = head.iter().filter(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect::<String>();
        let described = |command: &Arc<Command>| command.description.clone().unwrap_or_default();
        let mut rows: Vec<_> =
            self.offered().into_iter().map(|command| (command.name.clone(), described(command))).collect();
        rows.extend(
            self.broken().map(|name| (name.to_owned(), "(has mistakes: `perch --check` shows them)".to_owned())),
        );
        rows.extend(self.catch().map(|catch| {
            let about = catch.description.as_ref().map(|about| format!(": {about}")).unwrap_or_default();
            (format!("{}…", catch.name.to_uppercase()), format!("any other word{about}"))
        }));
        visible(&format!("{head}{}", if rows.is_empty() { "no commands\n".to_owned() } else { table(&rows) }))
    }
}

/// Two columns.
#[must_use]
pub fn table(rows: &[(String, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    rows.iter().map(|(name, text)| format!("{}\n", format!("  {name:<width$}  {text}").trim_end())).collect()
}

/// Whether it writes what is offered.
pub(crate) fn writes_offer(body: &[Stmt]) -> bool {
    let mut found = false;
    walk(body, &mut |stmt| {
        found |= matches!(&stmt.kind, StmtKind::Op(call) if call.op.entry().name == WRITTEN_BY);
    });
    found
}
