"""Programs and ops (O, Y, F2)."""

import datetime
import hashlib
import re

from oracle_archives import PACKING, Archives
from oracle_bundles import Bundles
from oracle_failures import Exit, Failure, Hidden, Late, Unspecified
from oracle_data import order, render_time, time_between
from oracle_host import ancestors, basename, clean, inside, join, parent
from oracle_net import Network
from oracle_packages import Packages
from oracle_shell import Shell
from oracle_pure import FUNCTIONS, invalid, pattern
from oracle_text import INTEGER, seconds, truth

# L16.1: by what an op touches; one that reads and writes is of both.
CATEGORIES = {"write": ("add_to_path", "link_into_path", "write_file", "mkdir", "rm", "cp", "mv", "copy_dir", "symlink", "append_file", "append_line",
                        "backup_file", "ensure_dir", "ensure_line_in_file", "replace_in_file", "chmod", "make_executable", "touch", "download", "mktemp_dir", "mktemp_file",
                        "bundle_extract", *PACKING),
              "read": ("read_file", "exists", "is_dir", "is_file", "cp", "mv", "copy_dir", "md5_file", "sha1_file",
                       "sha256_file", "verify_sha256", "assert_exists", "assert_not_exists", "not_exists", "file_size",
                       "glob", "list_dir", "walk", "read_link", "file_mtime",
                       "append_line", "backup_file", "ensure_line_in_file", "replace_in_file", "bundle_extract", "bundle_hash", *PACKING),
              "exec": ("exec", "pkg_install", "pkg_installed", "pkg_uninstall", "bin_version", "os_version", "shell", "shell_output", "shell_in", "shell_detached", "try_shell", "process_running", "kill_by_name"),
              "net": ("download", "http_delete", "http_get", "http_post", "http_put", "http_status", "public_ip", "wait_for_url", "dns_lookup", "find_free_port", "interfaces", "local_ip", "mac_address", "port_check", "port_free", "wait_for_port"),
              "env": ("get_env", "env_default", "env_has", "set_env", "unset_env", "export", "unset", "expand_path", "path_contains",
                      "shell_rc_path", "add_to_path")}


# O is_ci
CI = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "CIRCLECI", "TRAVIS", "BUILDKITE", "JENKINS_URL", "TEAMCITY_VERSION")


# O: ops that say a fact, with its name.
FACT_OPS = {"get_os": "os", "get_arch": "arch",
            **{name: name for name in """app_data_dir cache_dir config_dir cpu_count cwd data_dir exe_dir exe_ext exe_path
               home_dir bundle_dir null_device path_list_sep path_sep pid script_dir script_path temp_dir uid user hostname""".split()}}


# L16.2: ops of no category that have a path or a name in front.
NAMING = ("cd", "has_bin", "which", "from_slash", "to_slash", "is_abs", "path_abs", "path_base", "path_clean", "path_dir", "path_ext",
          "path_with_ext", "path_within")


def matches(target, op):
    """L16.1"""
    return target in ("any", op) or op in CATEGORIES.get(target, ())


def allows(targets, op):
    """L15.4: by its name, or by all categories that it is of."""
    of = [name for name, ops in CATEGORIES.items() if op in ops]
    return op in targets or "any" in targets or of != [] and all(name in targets for name in of)


# L15.4: what does nothing outside of the program, besides functions.
WITHIN = ("assert_contains", "assert_eq", "assert_match", "assert_neq", "assert_not_contains", "assert_version", "assert_version_ge", "cd",
          "exit", "fail", "from_slash", "to_slash", "path_within", "iso_to_unix")


def reaches_out(op):
    """L15.4"""
    return op not in FUNCTIONS and op not in WITHIN


def target(op, operands):
    """L16.2: a path, a program, a destination or a name; of two paths the destination, unless it is empty."""
    if op in ("json_get", "json_count"):                  # what is asked for, as a path through the document
        return operands[1]
    if op not in sum(CATEGORIES.values(), NAMING) or not operands or op in ("path_contains", "add_to_path", "mktemp_dir", "mktemp_file"):
        return ""
    if op in ("symlink", "shell_in"):
        return operands[1]
    return op in ("cp", "mv", "copy_dir", *PACKING) and operands[1] or operands[0]


def in_order(paths):
    return "\n".join(sorted(paths, key=str.encode))


def matcher(name):
    """O glob: a pattern for a name; None for any number of directories."""
    if name == "**":
        return None
    made, at = "" if name.startswith((".", "\\.")) else r"(?!\.)", 0
    while at < len(name):
        c = name[at]
        at += 1
        if c == "[":
            end = re.compile(r"[!^]?(\\.|[^\\])(\\.|[^\]\\])*\]", re.S).match(name, at)
            if end is None:
                raise invalid(f"not a pattern: {name}")
            inner = end.group()[:-1]
            at = end.end()
            others = inner[0] in "!^"
            chars = re.findall(r"\\.|[^\\]", inner[others:], re.S)
            ranges, n = "", 0
            while n < len(chars):
                last = n + 2 if n + 2 < len(chars) and chars[n + 1] == "-" else n
                low, high = chars[n][-1], chars[last][-1]
                if low <= high:
                    ranges += re.escape(low) + "-" + re.escape(high)
                n = last + 1
            made += f"[{'^' if others else ''}{ranges}]" if ranges else "." if others else "(?!)"
        elif c == "\\":
            if at == len(name):
                raise invalid(f"not a pattern: {name}")
            made, at = made + re.escape(name[at]), at + 1
        else:
            made += {"*": ".*", "?": "."}.get(c) or re.escape(c)
    return re.compile(made, re.S)


def plain(name):
    return not re.search(r"[*?\[]", re.sub(r"\\.", "", name))


def fits(pattern, names):
    if not pattern:
        return not names
    if pattern[0] is None:
        return fits(pattern[1:], names) or bool(names) and names[0][0] != "." and fits(pattern, names[1:])
    return bool(names) and bool(pattern[0].fullmatch(names[0])) and fits(pattern[1:], names[1:])


class Ops(Shell, Network, Archives, Bundles, Packages):
    """What `Run` does to the host."""

    # -- programs (O exec, Y, F2) ----------------------------------------------------------

    def found(self, frame, bin):
        """O has_bin. A modelled program whose name has a slash stands at that path."""
        if bin in self.programs and (self.bin_dir is None or self.tree.kind(join(self.bin_dir, bin)) == "file"):
            return bin
        if "/" in bin and "\0" not in bin and clean(bin, frame.cwd) in self.programs:
            return clean(bin, frame.cwd)
        return None

    def findable(self, frame, bin):
        """The program, if it may be started and is there."""
        self.ask_bin(bin, frame.cwd)
        self.check_directory(frame.cwd)
        name = self.found(frame, bin)
        if name is None:
            raise Failure("bin_not_found", f"no program {bin}")
        return name

    def check_given(self, frame, texts, more=()):
        """O1: what no program can be given."""
        seen = {name: value for name, value in {**frame.shared, **frame.bindings}.items() if "A" <= name[:1] <= "Z"}
        seen.update(self.overlay)
        seen.update(more)
        variables = [f"{name}={value}" for name, value in seen.items() if value is not None]
        for text in [*texts, *variables]:
            if "\0" in text:
                raise Failure("invalid_argument", "a program is given a NUL")
            if len(text.encode()) > 131071:
                raise Failure("limit_exceeded", "a program is given too much")

    def start(self, frame, words, capture, more=()):
        """READING: variables that stand before a program are no variables of its search."""
        self.check_given(frame, words, more)
        self.findable(frame, words[0])
        return self.run_found(frame, words, capture)

    def run_found(self, frame, words, capture):
        name = self.found(frame, words[0])
        if " ".join(words) in self.programs:          # what it does with exactly these words
            name = " ".join(words)
        entries = self.programs[name] or [{}]
        entry = entries[min(self.started.get(name, 0), len(entries) - 1)]
        self.started[name] = self.started.get(name, 0) + 1
        self.wait(0)                                  # L4.16
        for effect in entry.get("effects", []):
            self.tree.effect(effect, frame.cwd)
        stdout, status = entry.get("stdout", ""), entry.get("status", 0)
        if not capture:
            finished = not self.whole_lines or stdout == "" or stdout.endswith("\n")
            self.stdout.append(stdout if finished else stdout + "\n")
        if status:
            raise Failure("shell_exit_nonzero", f"{name} ended with status {status}", str(status))
        return stdout.rstrip("\n")                    # L4.3

    def check_directory(self, path):
        """O cd: guards"""
        resolved = self.tree.walk(path)
        self.tree.check_ancestors(resolved)
        if self.tree.kind(resolved) is None:
            raise Failure("file_not_found", f"no such directory: {path}")
        if self.tree.kind(resolved) != "dir":
            raise Failure("not_a_directory", f"not a directory: {path}")

    # -- ops (O) ---------------------------------------------------------------------------

    def perform(self, frame, op, operands):
        if op in FUNCTIONS:
            return FUNCTIONS[op][3](*operands)
        if op in FACT_OPS:
            self.ask_fact()
            return self.all_facts(frame)[FACT_OPS[op]]
        return getattr(self, "op_" + op)(frame, *operands) or ""

    def ask(self, frame, op, *asks, links=True):
        """asks: (read|delete|write, text, follow) in the order of the table; the cleaned paths.
        Y3: texts to paths (P1) first, then the questions in order, for each --no-write before the lists.
        READING P2, P4: all questions about cleaned texts come first, then the walks with what they ask at
        their links; a walk that fails (io_error) does so there, before any guard."""
        paths = [clean(text, frame.cwd) for _, text, _ in asks]
        for stage in (False, True) if links else (False,):
            for (ask, _, follow), path in zip(asks, paths):
                self.ask_path(op, ask, path, follow, stage)
        return paths

    def make_dirs(self, op, path):
        """Y3: asks to write each directory that is really made, outermost first."""
        for made in ancestors(path) + [path]:
            if self.tree.kind(made) is None:
                self.ask_path(op, "write", made, False)
        self.tree.make_dirs(path)

    def op_print(self, frame, *words):
        self.stdout.append(" ".join(words) + "\n")

    def op_eprintln(self, frame, *words):
        self.stderr.append(" ".join(words) + "\n")

    def op_list_commands(self, frame):
        self.stdout.append(self.whole_program.listing())

    def op_fail(self, frame, message="(no message)"):
        raise Failure("user_fail", message)

    def op_exit(self, frame, status="0"):
        if not INTEGER.match(status) or not 0 <= int(status) <= 255:
            raise Failure("invalid_argument", f"not a status: {status}")
        raise Exit(int(status))

    def seen(self, frame, op, text):
        """The kind of what P names, links followed, or None; for the three predicates."""
        try:
            path = self.tree.walk(self.ask(frame, op, ("read", text, True))[0])
        except Hidden:                                                        # Y table
            return None
        except Failure as failure:
            if failure.kind == "io_error":                                    # O: a link loop
                return None
            raise
        return self.tree.kind(path)

    def op_exists(self, frame, p):
        return truth(self.seen(frame, "exists", p) is not None)

    def op_is_dir(self, frame, p):
        return truth(self.seen(frame, "is_dir", p) == "dir")

    def op_is_file(self, frame, p):
        return truth(self.seen(frame, "is_file", p) not in (None, "dir"))

    def op_not_exists(self, frame, p):
        return truth(self.seen(frame, "not_exists", p) is None)

    def source(self, path, follow=True):
        """Guards that many ops begin with: ancestors; missing: file_not_found."""
        resolved = self.tree.walk(path, follow)
        self.tree.check_ancestors(resolved)
        if self.tree.kind(resolved) is None:
            raise Failure("file_not_found", f"not there: {path}")
        return resolved

    def op_read_file(self, frame, p):
        return self.content(frame, "read_file", p)

    def content(self, frame, op, p):
        path = self.source(self.ask(frame, op, ("read", p, True))[0])
        if self.tree.kind(path) == "dir":
            raise Failure("is_a_directory", f"a directory: {p}")
        return self.tree.entries[path].get("content", "")

    def op_file_size(self, frame, p):
        return str(len(self.content(frame, "file_size", p).encode()))

    def to_write(self, frame, op, p):
        path = self.tree.walk(self.ask(frame, op, ("write", p, True))[0])
        self.tree.check_ancestors(path)
        if self.tree.kind(path) == "dir":
            raise Failure("is_a_directory", f"a directory: {p}")
        return path

    def listed(self, frame, op, p):
        path = self.source(self.ask(frame, op, ("read", p, True))[0])
        if self.tree.kind(path) != "dir":
            raise Failure("not_a_directory", f"not a directory: {p}")
        return path

    def op_list_dir(self, frame, p):
        path = self.listed(frame, "list_dir", p)
        return in_order(basename(one) for one in self.tree.beneath(path) if parent(one) == path)

    def op_walk(self, frame, p):
        path = self.listed(frame, "walk", p)
        return in_order(one[len(path.rstrip("/")) + 1:] for one in self.tree.beneath(path)
                        if self.tree.kind(one) != "dir")

    def op_glob(self, frame, pattern):
        self.ask(frame, "glob", ("read", pattern, True), links=False)
        names = [name for name in FUNCTIONS["path_clean"][3](pattern).split("/")]
        found = [matcher(name) for name in names if name not in ("", ".")]
        whole = names[-1] in ("", ".", "..")
        at = 0
        while at < len(names) - (not whole) and plain(names[at]):
            at += 1
        root = "/".join(re.sub(r"\\(.)", r"\1", name) for name in names[:at])
        root = root or ("/" if names[0] == "" and len(names) > 1 else ".")
        path = clean(root, frame.cwd)
        if self.peek(path) != "dir":
            return ""
        path = self.listed(frame, "glob", root)
        if at == len(names):
            return root
        rest = found[len(found) - (len(names) - at):]
        rest += [matcher("*")] if rest[-1] is None else []
        below = [one[len(path.rstrip("/")) + 1:] for one in self.tree.beneath(path)]
        return in_order(one if root == "." else join(root, one) for one in below if fits(rest, one.split("/")))

    def op_write_file(self, frame, p, text):
        self.tree.put(self.to_write(frame, "write_file", p), {"kind": "file", "content": text})

    def op_append_file(self, frame, p, text, op="append_file"):
        path = self.to_write(frame, op, p)
        before = self.tree.entries.get(path, {}).get("content", "")
        self.tree.put(path, {"kind": "file", "content": before + text})

    def op_append_line(self, frame, p, line):
        """READING Y3: as for `cp`, and it asks to read when it does."""
        self.ask(frame, "append_line", ("read", p, True), ("write", p, True), links=False)
        before = ""
        if self.peek(clean(p, frame.cwd)) == "file":
            before = self.content(frame, "append_line", p)
        self.op_append_file(frame, p, self.on_a_line(before, line), "append_line")

    def on_a_line(self, before, line):
        return ("\n" if before and not before.endswith("\n") else "") + line + "\n"

    def op_ensure_line_in_file(self, frame, p, line):
        self.ask(frame, "ensure_line_in_file", ("read", p, True), ("write", p, True), links=False)
        before = ""
        if self.peek(clean(p, frame.cwd)) is not None:
            before = self.content(frame, "ensure_line_in_file", p)
        if ("\n" + line + "\n").replace("\r\n", "\n") in ("\n" + before + "\n").replace("\r\n", "\n"):
            # A text that ends with a newline has no empty line behind it, and an empty one has none.
            lines = [one.removesuffix("\r") for one in before.removesuffix("\n").split("\n")] if before else []
            wanted = [one.removesuffix("\r") for one in line.split("\n")]
            if any(lines[at:at + len(wanted)] == wanted for at in range(len(lines))):
                return "false"
        self.op_append_file(frame, p, self.on_a_line(before, line), "ensure_line_in_file")
        return "true"

    def op_replace_in_file(self, frame, p, old, new):
        self.ask(frame, "replace_in_file", ("read", p, True), ("write", p, True), links=False)
        text = FUNCTIONS["replace"][3](self.content(frame, "replace_in_file", p), old, new)
        self.tree.put(self.to_write(frame, "replace_in_file", p), {"kind": "file", "content": text})

    def op_backup_file(self, frame, p):
        self.ask(frame, "backup_file", ("read", p, True), links=False)
        to = FUNCTIONS["path_clean"][3](p) + ".bak"
        a, b = self.ask(frame, "backup_file", ("read", p, True), ("write", to, True))
        source, target = self.tree.walk(a), self.tree.walk(b)
        self.source(a)
        if self.tree.kind(source) == "dir":
            raise Failure("is_a_directory", f"a directory: {p}")
        self.tree.check_ancestors(target)
        if self.tree.kind(target) == "dir":
            raise Failure("is_a_directory", f"a directory: {to}")
        if source == target:
            raise Failure("invalid_argument", f"the same file: {to}")
        self.tree.put(target, self.tree.entries[source])
        return to

    def op_read_link(self, frame, p):
        path = self.source(self.ask(frame, "read_link", ("read", p, False))[0], follow=False)
        if self.tree.kind(path) != "link":
            raise invalid(f"no link: {p}")
        return self.tree.entries[path]["target"]

    def op_chmod(self, frame, p, mode):
        if not re.fullmatch("0?[0-7]{3}", mode):
            raise invalid(f"no mode: {mode}")
        self.source(self.ask(frame, "chmod", ("write", p, True))[0])

    def op_make_executable(self, frame, p):
        self.source(self.ask(frame, "make_executable", ("write", p, True))[0])

    def op_touch(self, frame, p):
        self.ask(frame, "touch", ("write", p, True), links=False)
        if self.peek(clean(p, frame.cwd)) != "dir":
            self.op_append_file(frame, p, "", "touch")

    def op_file_mtime(self, frame, p):
        """READING O: the model has no times but now."""
        self.source(self.ask(frame, "file_mtime", ("read", p, True))[0])
        return str(int(datetime.datetime.now().timestamp()))

    def op_ensure_dir(self, frame, p):
        self.op_mkdir(frame, p, "ensure_dir")
        return clean(p, frame.cwd)

    def op_mkdir(self, frame, p, op="mkdir"):
        path = self.tree.walk(self.ask(frame, op, ("write", p, True))[0])
        if self.tree.wrong_ancestor(path) or self.tree.kind(path) == "file":
            raise Failure("not_a_directory", f"a file is in the way of {p}")
        self.make_dirs(op, path)

    def made_up(self, op, frame, prefix, entry):
        """O: an entry of the temporary directory, of a name that nothing has. READING: its letters are anybody's."""
        if any(part in prefix for part in ("/", "\\", "\0", "..")) or len(prefix.encode()) > 200:
            raise Failure("invalid_argument", f"not the beginning of a name: {prefix}")
        self.ask_fact()
        number, letters = len(self.own), ""
        for _ in range(24):
            number, letters = number // 26, chr(ord("A") + number % 26) + letters
        path = join(self.all_facts(frame)["temp_dir"], prefix + letters)
        try:
            self.tree.walk(path, False, self.own.append)
        except Failure:                               # it will fail again, behind the questions
            pass
        self.ask_path(op, "write", path, False)
        resolved = self.tree.walk(path, False)
        self.tree.check_ancestors(resolved)
        self.tree.put(resolved, entry)
        return path

    def op_mktemp_file(self, frame, prefix="perch-"):
        return self.made_up("mktemp_file", frame, prefix, {"kind": "file", "content": ""})

    def op_mktemp_dir(self, frame, prefix="perch-"):
        return self.made_up("mktemp_dir", frame, prefix, {"kind": "dir"})

    def op_rm(self, frame, p):
        path = self.tree.walk(self.ask(frame, "rm", ("delete", p, False))[0], follow=False)
        if path == "/":
            raise Failure("invalid_argument", "the root")
        self.tree.remove(path)

    def op_cp(self, frame, a, b):
        # READING Y3: `cp` asks for what it is given as it is given. Where links lead it asks when it gets
        # there: with A for A's guards, with B behind them.
        a, b = self.ask(frame, "cp", ("read", a, True), ("write", b, True), links=False)
        self.ask_path("cp", "read", a, True)
        source = self.source(a)
        if self.tree.kind(source) == "dir":
            raise Failure("is_a_directory", f"a directory: {a}")
        if self.peek(b) == "dir":
            b = join(b, basename(a))
        if self.peek(parent(b)) is None:
            # READING O cp: the missing parents of B as it is written (P1), not of where a link at B leads.
            above = parent(b)
            self.ask_path("cp", "write", above, True)
            above = self.tree.walk(above)
            if self.tree.wrong_ancestor(above):
                raise Failure("not_a_directory", f"a file is in the way of {b}")
            self.make_dirs("cp", above)
        self.ask_path("cp", "write", b, True)         # Y3: the path that is really made
        target = self.tree.walk(b)
        self.tree.check_ancestors(target)
        if self.tree.kind(target) == "dir":
            raise Failure("is_a_directory", f"a directory: {b}")
        if source == target:
            raise Failure("invalid_argument", f"the same file: {a}, {b}")
        self.tree.put(target, self.tree.entries[source])

    def peek(self, path):
        try:
            return self.tree.kind(self.tree.walk(path))
        except Failure:
            return None

    def op_mv(self, frame, a, b):
        a, _, b = self.ask(frame, "mv", ("read", a, False), ("delete", a, False),
                           ("write", b, False))
        source = self.source(a, follow=False)
        target = self.tree.walk(b, follow=False)
        self.tree.check_ancestors(target)
        if source == "/" or inside(target, source):
            raise Failure("invalid_argument", f"{b} is {a} or lies in it")
        if self.tree.kind(target) == "dir":
            raise Failure("is_a_directory", f"a directory: {b}")
        if self.tree.kind(source) == "dir" and self.tree.kind(target) is not None:
            raise Failure("not_a_directory", f"not a directory: {b}")
        for path in [source] + self.tree.beneath(source):
            self.tree.put(target + path[len(source):], self.tree.entries[path])
        self.tree.remove(source)

    def op_copy_dir(self, frame, a, b):
        a, b = self.ask(frame, "copy_dir", ("read", a, True), ("write", b, True))
        source = self.source(a)
        if self.tree.kind(source) != "dir":
            raise Failure("not_a_directory", f"not a directory: {a}")
        target = self.tree.walk(b)
        if inside(source, target) or inside(target, source):
            raise Failure("invalid_argument", f"one of {a}, {b} lies in the other")
        if self.tree.wrong_ancestor(target) or self.tree.kind(target) == "file":
            raise Failure("not_a_directory", f"a file is in the way of {b}")
        pairs = [(p, target + p[len(source):]) for p in self.tree.beneath(source)]
        for old, new in pairs:
            there = self.tree.kind(new)
            if there and (self.tree.kind(old) == "dir") != (there == "dir"):
                raise Failure("file_already_exists", f"in the way: {new}")
        self.make_dirs("copy_dir", target)
        for old, new in pairs:
            self.tree.put(new, self.tree.entries[old])

    def op_symlink(self, frame, target, l):
        path = self.tree.walk(self.ask(frame, "symlink", ("write", l, False))[0], follow=False)
        self.tree.check_ancestors(path)
        if self.tree.kind(path) == "dir":
            raise Failure("is_a_directory", f"a directory: {l}")
        if target == "" or "\0" in target:            # READING P1: a NUL is as bad as nothing
            raise Failure("invalid_argument", "no target")
        self.tree.put(path, {"kind": "link", "target": target})

    def op_is_admin(self, frame):
        self.ask_fact()
        return truth(self.all_facts(frame).get("uid") == "0")

    def op_is_ci(self, frame):
        self.ask_fact()
        return truth(any(self.env.get(name) for name in CI))

    def op_is_tty(self, frame):
        self.ask_fact()
        return truth(self.machine.get("is_tty") == "true")

    def op_has_bin(self, frame, name):
        self.ask_fact()
        return truth(self.found(frame, name) is not None)

    def op_get_env(self, frame, name):
        return self.variable(name) or ""

    def variable(self, name):
        """L5.1: what the program has made of it (None where that is taken away), else what the host has."""
        if name in self.overlay:
            return self.overlay[name]
        self.ask_env(name)
        return self.env.get(name)

    def op_env_default(self, frame, name, default):
        self.check_variable(name)
        return self.variable(name) or default

    def op_env_has(self, frame, name):
        return truth(self.variable(name) is not None)

    def check_variable(self, name):
        if name == "" or "=" in name or "\0" in name:
            raise Failure("invalid_argument", f"no name of a variable: {name}")

    def put_variable(self, name, value):
        self.ask_to_set(name)
        self.check_variable(name)
        self.overlay = {**self.overlay, name: value}

    def op_set_env(self, frame, name, value):
        self.put_variable(name, value)

    def op_unset_env(self, frame, name):
        self.put_variable(name, None)

    def op_which(self, frame, name):
        self.ask_fact()
        found = self.found(frame, name)
        return found if found is None or "/" in found else join(self.bin_dir or "/bin", found)

    def op_bin_version(self, frame, name, flag="--version"):
        self.ask_bin(name, frame.cwd)
        try:
            return self.start(frame, [name, flag], True).strip()
        except Failure:
            return ""

    def op_os_version(self, frame):
        self.ask_fact()
        self.ask_bin("uname", frame.cwd)
        return self.machine.get("os_version", "6.1")

    def op_path_contains(self, frame, dir):
        path = clean(dir, frame.cwd)
        entries = (self.variable("PATH") or "").split(":")
        return truth(any(clean(entry) == path for entry in entries if entry.startswith("/")))

    def op_shell_rc_path(self, frame):
        self.ask_fact()
        shell = (self.variable("SHELL") or "").rstrip("/").rsplit("/", 1)[-1]
        names = {"zsh": ".zshrc", "fish": ".config/fish/config.fish", "bash": ".bashrc"}
        return join(self.all_facts(frame)["home"], names.get(shell, ".profile"))

    def op_add_to_path(self, frame, dir):
        self.ask_fact()
        path = clean(dir, frame.cwd)
        rc = self.op_shell_rc_path(frame)
        self.ask_path("add_to_path", "write", rc, True)
        if ":" in path or "\n" in path:
            raise Failure("invalid_argument", "no directory on PATH")
        quoted = path.replace("'", "'\\''")
        line = f"export PATH=\"$PATH:\"'{quoted}'"
        if self.op_path_contains(frame, dir) == "true":
            return "false"
        if self.peek(parent(rc)) is None:
            self.op_mkdir(frame, parent(rc))
        added = self.op_ensure_line_in_file(frame, rc, line)
        self.stdout.append(f"`{path}` is on PATH in every shell that is started from now on: `{rc}` says so\n")
        return added

    def op_link_into_path(self, frame, src, dir):
        source, into = clean(src, frame.cwd), clean(dir, frame.cwd)
        self.ask(frame, "link_into_path", ("write", dir, True), links=False)
        link = join(into, basename(source))
        self.op_mkdir(frame, into)
        self.op_symlink(frame, source, link)
        return link

    def op_expand_path(self, frame, text):
        self.ask_fact()
        head = ""
        if text == "~" or text.startswith("~/"):
            home = self.all_facts(frame)["home"]
            head, text = (home if text == "~" or home != "/" else ""), text[1:]

        def put(match):
            value = self.variable(match[1] or match[2])
            if value is None:
                raise Failure("unresolved_var", "not set")
            return value
        return head + re.sub(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))", put, text)

    def op_cd(self, frame, p):
        self.enter(frame, p)

    def enter(self, frame, p):
        path = clean(p, frame.cwd)
        self.check_directory(path)
        frame.cwd = path                              # the cleaned path, not the resolved one

    def op_sleep(self, frame, t):
        time = seconds(t)
        if time is None:
            raise Failure("invalid_argument", f"not a duration: {t}")
        self.wait(time)

    def wait(self, time):
        """L4.16: until the first deadline at most. Of several the outermost."""
        late = [number for number, deadline in enumerate(self.deadlines) if deadline <= self.clock + time]
        if late:
            number = min(late, key=lambda number: self.deadlines[number])
            self.clock = max(self.clock, self.deadlines[number])
            raise Late(number)
        self.clock += time

    # -- texts and the host they are about (O) ---------------------------------------------

    def op_path_abs(self, frame, p):
        self.ask_fact()
        return clean(p, frame.cwd)

    def op_path_within(self, frame, p, root):
        return truth(inside(clean(p, frame.cwd), clean(root, frame.cwd)))

    def op_from_slash(self, frame, p):
        return p.replace("/", "\\") if self.os == "windows" else p

    def op_to_slash(self, frame, p):
        return p.replace("\\", "/") if self.os == "windows" else p

    def checksum(self, frame, algorithm, p):
        return hashlib.new(algorithm, self.content(frame, algorithm, p).encode()).hexdigest()

    def op_md5_file(self, frame, p):
        return self.checksum(frame, "md5", p)

    def op_sha1_file(self, frame, p):
        return self.checksum(frame, "sha1", p)

    def op_sha256_file(self, frame, p):
        return self.checksum(frame, "sha256", p)

    def op_verify_sha256(self, frame, p, wanted):
        self.ask(frame, "verify_sha256", ("read", p, True), links=False)
        try:
            found = self.checksum(frame, "sha256", p)
        except Failure:                               # O: whatever keeps it from being read
            return truth(False)
        wanted = wanted.strip().lower()
        return truth(found == wanted.removeprefix("sha256:"))

    def moment(self, text):
        return datetime.datetime.now().astimezone().isoformat() if text == "now" else text

    def op_now(self, frame, form="rfc3339"):
        return render_time(self.moment("now"), form)

    def op_format_time(self, frame, time, form):
        return render_time(self.moment(time), form)

    def op_time_diff(self, frame, a, b):
        return time_between(self.moment(a), self.moment(b))

    # -- assertions (O) --------------------------------------------------------------------

    def insist(self, holds):
        if not holds:
            raise Failure("assert_failed", "it does not hold")

    def op_assert_eq(self, frame, a, b):
        self.insist(a == b)

    def op_assert_neq(self, frame, a, b):
        self.insist(a != b)

    def op_assert_contains(self, frame, t, part):
        self.insist(part in t)

    def op_assert_not_contains(self, frame, t, part):
        self.insist(part not in t)

    def op_assert_match(self, frame, t, p):
        self.insist(pattern(p).search(t))

    def op_assert_exists(self, frame, p):
        self.insist(self.seen(frame, "assert_exists", p) is not None)

    def op_assert_not_exists(self, frame, p):
        self.insist(self.seen(frame, "assert_not_exists", p) is None)

    def op_assert_version_ge(self, frame, a, b):
        self.insist(order(a, b) >= 0)

    def op_assert_version(self, frame, a, cmp, b):
        names = {">=": "ge", ">": "gt", "<=": "le", "<": "lt", "==": "eq", "!=": "ne", "~": "compat"}
        if cmp not in names:                          # L9.6
            raise invalid(f"no comparison: {cmp}")
        self.insist(FUNCTIONS["version_" + names[cmp]][3](a, b) == "true")
