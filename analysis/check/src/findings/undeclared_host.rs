//! `undeclared-host`: a host that is written out, and that `requires` does not name; also the network where no host is named at all.

use perch_syntax::{Code, Diagnostic};

use crate::access::What;
use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    for (access, listed) in view.outside_manifest() {
        let span = access.span(&view.places);
        let op = access.by.map_or("", |entry| entry.name);
        let problem = match &access.what {
            What::Host(Some(host)) => {
                let message = format!("`requires` has no line for the host `{host}`");
                Diagnostic::new(Code::UndeclaredHost, span, message).help(match listed.as_slice() {
                    [] => format!("write `host {host}` in `requires`"),
                    _ => format!("write `host {host}` in `requires`; named are: {}", listed.join(", ")),
                })
            }
            What::Network => {
                let message = format!("`{op}` uses the network, and `requires` names no host");
                Diagnostic::new(Code::UndeclaredHost, span, message).help("write a `host` line in `requires`")
            }
            _ => continue,
        };
        report.add(view, problem);
    }
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::UndeclaredHost;

    use crate::testing::{fires, main_with, silent};

    fn with(lines: &str, statements: &str) -> String {
        format!("requires\n{lines}end\n") + &main_with(statements)
    }

    #[test]
    fn a_host_has_to_be_declared() {
        let lines = "  host api.example.org *.example.net\n";
        fires(UndeclaredHost, &with(lines, "_a = http_get «\"https://example.org/a\"»"));
        fires(UndeclaredHost, &with(lines, "_a = http_get \"https://evil.org/«${os}»\""));
        fires(UndeclaredHost, &with(lines, "if port_check «a.b.example.net» 80\n  print a\nend"));
        fires(UndeclaredHost, &with("", "«_a = public_ip»"));
    }

    #[test]
    fn what_is_declared_or_not_known_is_fine() {
        let lines = "  host api.example.org *.example.net\n";
        silent(UndeclaredHost, &main_with("_a = http_get \"https://example.org/a\""));
        silent(UndeclaredHost, &with(lines, "_a = http_get \"https://api.example.org:443/${os}\"\n_b = public_ip"));
        silent(UndeclaredHost, &with(lines, "_a = http_get \"https://${os}.org/\"\n_b = dns_lookup a.example.net"));
        silent(UndeclaredHost, &with("  host \"${os}.org\"\n", "_a = http_get \"https://example.org/a\""));
    }
}
