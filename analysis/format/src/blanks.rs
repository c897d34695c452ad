//! Where blank lines are.

use crate::line::{Line, Part};

/// One stands above and below every item of more than one line; comments that touch it belong to it. Elsewhere there is one
/// where there was any, and none at the start or end of a block.
pub(crate) fn separate(lines: &mut [Line<'_>]) {
    let mut is_head = vec![false; lines.len()];
    for (first, _) in lines.iter().enumerate().filter(|(_, line)| line.part == Part::First) {
        is_head[head(lines, first)] = true;
    }
    for (at, is_head) in is_head.into_iter().enumerate() {
        let Some((above, [line, ..])) = lines.split_at_mut_checked(at) else { return };
        line.is_apart = above.last().is_some_and(|above| {
            let is_edge = above.edge.opens() || line.edge.closes();
            above.part == Part::Last || is_head || line.is_apart && !is_edge
        });
    }
}

/// Where an item begins whose first line this is: at the comments that touch it.
fn head(lines: &[Line<'_>], first: usize) -> usize {
    let mut head = first;
    while head > 0 && !lines[head].is_apart && lines[head - 1].part == Part::Between {
        head -= 1;
    }
    head
}
