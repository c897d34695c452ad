"""Lines for the shell (L10.6, Y): those that are one program and its words. What others do is nobody's business here."""

import re
import shlex

from oracle_failures import Failure
from oracle_host import clean

# A line that every shell reads alike.
PLAIN = re.compile(r"(?:[A-Za-z0-9_./=,:@%+ -]|'[^'\n]*')*\Z")
METACHARS = ("|", ">", "<", "&", ";", "`", "$(", "\n", "\r")
# L10.6: what the shell does by itself.
HARMLESS = (":", "cd", "echo", "false", "pwd", "true")
BUILTINS = HARMLESS + (".", "[", "alias", "bg", "break", "builtin", "command", "continue", "eval", "exec", "exit", "export", "fg", "hash",
                       "jobs", "kill", "let", "printf", "read", "return", "set", "shift", "source", "test", "times", "trap", "type",
                       "ulimit", "umask", "unset", "wait")
GRAMMAR = ("case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select", "then", "time",
           "until", "while")


class Status(str):
    """L7.3: an exit status, which is true when it is 0."""


def words_of(line):
    """The words of a line that is one command, or None."""
    if not PLAIN.match(line):
        return None
    words = shlex.split(line)
    sets = words and re.match(r"[A-Za-z_][A-Za-z0-9_]*\+?=", words[0])
    return None if sets or words and words[0] in GRAMMAR else words


class Shell:
    """What `Run` does with lines."""

    def ask_line(self, line, cwd):
        """Y, L14.4, L15.1"""
        for right in ("no_shell", "no_subprocess"):
            if right in self.mask:
                kind = "cap_subprocess_denied" if right == "no_subprocess" or "pure" in self.mask else "cap_shell_denied"
                raise Failure(kind, "a sandbox")
        if self.policy.no_shell:
            raise Failure("cap_shell_denied", "--no-shell")
        if self.policy.no_subprocess:
            raise Failure("cap_subprocess_denied", "--no-subprocess")
        if (self.policy.no_metachars or "no_shell_metachars" in self.mask) and any(text in line for text in METACHARS):
            raise Failure("shell_metachars_denied", line)
        words = words_of(line)
        if "no_sudo" in self.mask:
            self.unspecified |= words is None
            self.ask_raiser(words[0] if words else "")
        listed = self.lines is not None or self.policy.bins is not None or any("shell_bins" in one for one in self.sandboxes)
        if listed and words is None:
            self.unspecified = True
        if listed and words and words[0] not in HARMLESS:
            self.ask_lists(words[0], cwd)

    def line(self, frame, line, cwd, capture=False):
        """The end of a line: its status and what it printed."""
        self.check_given(frame, [line])
        self.ask_line(line, cwd)
        self.check_directory(cwd)
        words = words_of(line)
        own = {"PATH", "BASH_ENV", "ENV", "IFS"} & ({*frame.bindings, *frame.shared, *self.overlay})
        # READING L10: without PATH the shell looks where it was built to look.
        hidden = any("PATH" not in lists.get("env", ["PATH"]) for lists in self.sandboxes)
        if words is None or own or hidden or words and "/" in words[0]:
            self.unspecified = True
            return 0, ""
        self_made = {"true": (0, ""), "false": (1, ""), ":": (0, ""), "": (0, "")}
        name = words[0] if words else ""
        if name in self_made or name == "echo" or name == "exit" and len(words) == 2 and words[1].isdigit():
            self.wait(0)
            status, printed = self_made.get(name) or ((int(words[1]) % 256, "") if name == "exit" else (0, " ".join(words[1:]) + "\n"))
            if not capture:
                self.stdout.append(printed)
            return status, printed.rstrip("\n")
        if name in BUILTINS:
            self.unspecified = True
            return 0, ""
        if self.found(frame, name) is None:
            self.wait(0)
            return 127, ""
        inner = type(frame)(frame.command, cwd)
        try:
            return 0, self.run_found(inner, words, capture)
        except Failure as failure:
            if failure.kind != "shell_exit_nonzero":
                raise
            return int(failure.code), ""

    def ended(self, end):
        status, printed = end
        if status:
            raise Failure("shell_exit_nonzero", "a line", str(status))
        return printed

    def op_shell(self, frame, line):
        return self.ended(self.line(frame, line, frame.cwd))

    def op_shell_output(self, frame, line):
        return self.ended(self.line(frame, line, frame.cwd, True))

    def op_shell_in(self, frame, directory, line):
        return self.ended(self.line(frame, line, clean(directory, frame.cwd)))

    def op_try_shell(self, frame, line):
        return Status(self.line(frame, line, frame.cwd, True)[0])

    def op_shell_detached(self, frame, line):
        """READING L10.6: how far it gets is not said."""
        self.check_given(frame, [line])
        self.ask_line(line, frame.cwd)
        self.check_directory(frame.cwd)
        self.unspecified = True

    def look_through(self, frame, name):
        self.ask_bin("pgrep", frame.cwd)
        if self.found(frame, "pgrep") is None:
            raise Failure("bin_not_found", "pgrep")
        self.unspecified = True
        return "false"

    def op_process_running(self, frame, name):
        return self.look_through(frame, name)

    def op_kill_by_name(self, frame, name):
        self.look_through(frame, name)
