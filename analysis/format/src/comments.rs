//! Where comments stand.

use crate::line::{Comment, Line, Part};

/// How far a comment stands from the code before it.
const DISTANCE: usize = 2;

/// Says how deep comments stand that have a line to themselves: as deep as what follows. Before the end of a block they
/// belong to what is in it, unless they were written as if they belonged to the line that ends it.
pub(crate) fn place(lines: &mut [Line<'_>]) {
    let mut from = 0;
    while from < lines.len() {
        let (above, rest) = lines.split_at_mut(from);
        let alone = rest.iter().take_while(|line| line.is_comment()).count();
        let (comments, below) = rest.split_at_mut(alone);
        for line in comments.iter_mut().filter(|line| line.part != Part::Between) {
            line.depth = below.first().map_or(0, |below| depth(line.indent, above.last(), below));
        }
        from += alone + 1;
    }
}

fn depth(indent: usize, above: Option<&Line<'_>>, below: &Line<'_>) -> usize {
    if !below.edge.closes() {
        return below.depth;
    }
    let is_out = above.is_some_and(|above| above.depth > below.depth && above.indent > indent);
    if is_out && indent <= below.indent { below.depth } else { below.depth + 1 }
}

/// Says how far comments stand from the code before them. Those that were in line on lines without a gap stay in line.
pub(crate) fn align(lines: &mut [Line<'_>]) {
    let mut from = 0;
    while from < lines.len() {
        let run = run(&lines[from..]);
        let width = lines[from..from + run].iter().map(Line::width).max().unwrap_or_default();
        for line in &mut lines[from..from + run] {
            let own = if run > 1 { line.width() } else { width };
            let is_behind = !line.is_comment();
            if let Some(comment) = &mut line.comment {
                comment.distance = if is_behind { width - own + DISTANCE } else { 0 };
            }
        }
        from += run;
    }
}

/// How many lines from the first one on have comments that are in line.
fn run(lines: &[Line<'_>]) -> usize {
    let Some(column) = lines.first().and_then(behind).map(|comment| comment.column) else { return 1 };
    let is_next = |line: &&Line<'_>| !line.is_apart && behind(line).is_some_and(|comment| comment.column == column);
    1 + lines.iter().skip(1).take_while(is_next).count()
}

/// The comment behind code on one line.
fn behind<'l, 't>(line: &'l Line<'t>) -> Option<&'l Comment<'t>> {
    let on_one_line = !line.is_comment() && !line.code.contains('\n');
    line.comment.as_ref().filter(|_| on_one_line)
}
