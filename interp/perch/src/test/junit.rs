//! The outcome of tests as JUnit XML, which build servers read.

use super::show::{Suite, Tested};

pub(super) fn page(suite: &Suite) -> String {
    let cases: String = suite.tests.iter().map(|test| case(test, &suite.file)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{all}\" failures=\"{failed}\" time=\"{time}\">\n  \
         <testsuite name=\"{name}\" tests=\"{all}\" failures=\"{failed}\" errors=\"0\" skipped=\"0\" time=\"{time}\">\n{cases}  \
         </testsuite>\n</testsuites>\n",
        all = suite.tests.len(),
        failed = suite.failed,
        time = seconds(suite.duration_ms),
        name = escaped(&suite.file),
    )
}

fn case(test: &Tested, file: &str) -> String {
    let mut inside = String::new();
    if let Some(failed) = &test.failure {
        let kind = failed.kind.as_deref().unwrap_or("failed");
        let place = failed.place.as_deref().unwrap_or_default();
        inside += &format!(
            "      <failure message=\"{}\" type=\"{}\">{}</failure>\n",
            escaped(&failed.message),
            escaped(kind),
            escaped(place)
        );
    }
    if !test.output.is_empty() {
        inside += &format!("      <system-out>{}</system-out>\n", escaped(&test.output));
    }
    let head = format!(
        "    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{}\" time=\"{}\"",
        escaped(&test.name),
        escaped(file),
        escaped(file),
        test.line,
        seconds(test.duration_ms)
    );
    if inside.is_empty() { format!("{head}/>\n") } else { format!("{head}>\n{inside}    </testcase>\n") }
}

fn seconds(millis: u64) -> String {
    format!("{}.{:03}", millis / 1000, millis % 1000)
}

/// As text and as an attribute. What XML cannot hold at all is shown as a question mark.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\n' => escaped += "&#10;",
            '\t' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => escaped.push(c),
            _ => escaped.push('?'),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_breaks_the_page() {
        assert_eq!(escaped("a<b> & \"c\"\n\u{1b}[0m é"), "a&lt;b&gt; &amp; &quot;c&quot;&#10;?[0m é");
    }
}
