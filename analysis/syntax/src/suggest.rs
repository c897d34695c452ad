//! "Did you mean".

/// Words with fewer characters are short.
const SHORT: usize = 6;

/// Longer words are compared as far as this.
const LONGEST: usize = 64;

/// The candidate that differs least from the word, if it differs in at most two places; in one, if the word is
/// short, since short words all resemble each other.
#[must_use]
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let allowed = if word.chars().count() < SHORT { 1 } else { 2 };
    let letters = letters_of(word);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= 4 * allowed)
        // Every difference takes at most one letter away and brings at most one.
        .filter(|candidate| (letters_of(candidate) ^ letters).count_ones() as usize <= 2 * allowed)
        .map(|candidate| (distance(word, candidate, allowed), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The characters that are in a word, each as a bit that it may share with others. Most words are told apart by them.
fn letters_of(word: &str) -> u64 {
    word.chars().take(LONGEST).fold(0, |letters, c| letters | 1 << (u32::from(c) % 64))
}

/// How many insertions, deletions, replacements and swaps of neighbours separate two words; some number above
/// `limit` when it is more than `limit`.
fn distance(a: &str, b: &str, limit: usize) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(LONGEST).collect(), b.chars().take(LONGEST).collect());
    // What both begin with separates nothing.
    let common = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[common..], &b[common..]);
    if a.len().abs_diff(b.len()) > limit {
        return limit + 1;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i];
        for j in 1..=b.len() {
            let replace = row[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            next.push(best);
        }
        if next.iter().chain(&row).all(|so_far| *so_far > limit) {
            return limit + 1;
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_candidate_wins_and_far_ones_are_not_suggested() {
        let known = ["print", "fail", "for_each", "if"];
        assert_eq!(nearest("pritn", known), Some("print"));
        assert_eq!(nearest("foreach", known), Some("for_each"));
        assert_eq!(nearest("git", known), None);
        assert_eq!(nearest("brand", known), None);
        assert_eq!(nearest("kubectl", known), None);
        assert_eq!(nearest("", known), None);
    }
}
