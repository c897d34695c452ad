"""What a program may touch: its manifest (L14), and the sandbox of its file (L15.1, L15.3)."""

from oracle_failures import CaseError, Failure, Hidden, Unspecified
from oracle_frame import Frame
from oracle_host import clean, inside
from oracle_ops import allows, matches, reaches_out

# L14.3: the order in which lines are looked at. READING: what demands nothing comes last.
LINES = ("os", "arch", "env", "bin", "read", "write", "host")
# L15.3
PURE = frozenset({"pure", "private_ops", "no_write", "no_subprocess", "no_shell", "no_network"})
GIVEN_UP = {"no_shell": {"no_shell"}, "no_shell_metachars": {"no_shell_metachars"}, "no_subprocess": {"no_subprocess"}, "offline": {"no_network"},
            "read_only": {"no_write"}, "private_ops": {"private_ops"}, "no_sudo": {"no_sudo"}, "pure": PURE}
# L15.5
RAISERS = ("doas", "gosu", "pkexec", "run0", "runas", "runuser", "setpriv", "su", "sudo", "sudoedit", "sudo-rs")


class Line:
    """A line of `requires`; of `os` and `arch`, all of them."""

    def __init__(self, file, words):
        self.file = file
        self.of, self.line, self.column = words[0].constant(), words[0].line, words[0].column
        rest = words[1:]
        self.optional = self.of in ("bin", "env", "host") and rest[-1:] != [] and rest[-1].is_bare("optional")
        self.words = rest[:-1] if self.optional else rest
        if any(word.is_bare("as") for word in self.words):
            raise CaseError("READING L14.1: names of programs are not modelled")

    @property
    def written_out(self):
        """L14.1, L14.3: the name of a binding is none to write out."""
        bare = self.of in ("read", "write") and any(word.bare_name() for word in self.words)
        return not bare and not any(word.has_names for word in self.words)

    @property
    def demands(self):
        return self.of in ("os", "arch") or self.of in ("env", "bin") and not self.optional


def manifest(lines):
    """The lines of all files (L14.6), (file, words) each, in the order of L14.3."""
    found = []
    for file, words in lines:
        line = Line(file, words)
        same = [one for one in found if one.of == line.of and line.of in ("os", "arch")]
        if same:
            same[0].words = same[0].words + line.words
        else:
            found.append(line)
    return sorted(found, key=lambda line: LINES.index(line.of))


class Rights:
    """What `Run` asks before anything is touched."""

    def hold(self):
        """Takes up what the program says of itself."""
        files = self.whole_program.files
        lines = [(file, words) for file, program in files.items() for words in program.requires or []]
        with_manifest = any(program.requires is not None for program in files.values())
        self.lines = manifest(lines) if with_manifest else None
        self.declared = {of: [] for of in LINES}
        self.sandboxes = []

    def enter_file(self, file):
        """L15.1: what is done for a file is held to its sandbox, too."""
        for clauses in self.whole_program.files[file].sandboxes:
            lists = {}
            for words in clauses:
                name, texts = words[0].constant(), [word.constant() for word in words[1:]]
                self.mask |= GIVEN_UP.get(name, frozenset())
                if name in ("read", "write", "env", "shell_bins", "net", "ops", "no_op"):
                    lists.setdefault(name, []).extend(texts)
            self.sandboxes = [*self.sandboxes, lists]

    # -- the start (L14.3) -------------------------------------------------------------------

    def preflight(self, frame, written_out):
        """L14.3, for the lines that are written out, or for the others."""
        for line in self.lines or []:
            if line.written_out != written_out:
                continue
            scope = self.whole_program.scope_of(0, line.file)
            view = Frame(frame.command, frame.cwd, shared=self.shared_by[scope] if self.shared_by else {})
            if line.demands or not written_out:
                number = self.whole_program.number(line.file)
                node = ("requires" + (f".{number}" if number else "")) + f":{line.line}:{line.column}"
                texts = self.decide(node, "requires", lambda: self.demand(view, line))
            else:
                texts = self.demand(view, line)
            self.declared[line.of] += texts

    def demand(self, frame, line):
        bare = line.of in ("read", "write")
        texts = [self.operand(frame, word) if bare else self.text(frame, word) for word in line.words]
        if line.of in ("read", "write"):              # L14.1. READING: what is no path is no root
            return [clean(text, self.cwd) for text in texts if text and "\0" not in text]
        if line.of == "bin":                          # READING L14.1: the file is where the run starts
            texts = [clean(text, self.cwd) if "/" in text else text for text in texts]
        meets = {"os": self.is_os, "arch": lambda word: word == self.arch, "env": self.env.get,
                 "bin": lambda name: self.found(frame, name)}.get(line.of)
        any_of = line.of in ("os", "arch")
        if line.demands and not (any if any_of else all)(meets(text) for text in texts):
            raise Failure("requirement_unmet", Unspecified(line.of))
        return texts

    # -- every op (L14.4) ----------------------------------------------------------------------

    def ask_env(self, name):
        """L14.4, L15.1"""
        if "pure" in self.mask:
            raise Failure("env_not_permitted", f"{name}: pure")
        if self.lines is not None and name not in self.declared["env"]:
            raise Failure("env_not_declared", f"{name} is not declared")
        if any(name not in lists.get("env", [name]) for lists in self.sandboxes):
            raise Failure("env_not_permitted", f"{name} is not in the sandbox")

    def ask_to_set(self, name):
        """L14.4: a variable of the run; only a manifest has a say."""
        if "pure" in self.mask:
            raise Failure("env_not_permitted", f"{name}: pure")
        if self.lines is not None and name not in self.declared["env"]:
            raise Failure("env_not_declared", f"{name} is not declared")

    def ask_fact(self):
        """L15.3"""
        if "private_ops" in self.mask:
            raise Failure("read_not_permitted", "private")

    def ask_bin(self, bin, cwd):
        """L14.4, Y, L15.1: the mask, the manifest, the flags, the sandbox."""
        if "no_subprocess" in self.mask:
            raise Failure("cap_subprocess_denied", "a sandbox")
        if not self.policy.no_subprocess:
            self.ask_raiser(bin)
        self.ask_lists(bin, cwd)

    def ask_raiser(self, bin):
        """L15.5"""
        name = bin.replace("\\", "/").split("/")[-1].lower()
        if "no_sudo" in self.mask and name.removesuffix(".exe") in RAISERS:
            raise Failure("cap_sudo_denied", bin)

    def ask_op(self, op):
        """L15.4"""
        for lists in self.sandboxes:
            named = any(matches(target, op) for target in lists.get("no_op", []))
            other = "ops" in lists and reaches_out(op) and not allows(lists["ops"], op)
            if named or other:
                raise Failure("cap_op_denied", Unspecified(op))

    def ask_lists(self, bin, cwd):
        place = clean(bin, cwd) if "/" in bin and "\0" not in bin else bin
        if self.lines is not None and not self.policy.no_subprocess and place not in self.declared["bin"]:
            raise Failure("bin_not_declared", f"{bin} is not declared")
        self.policy.ask_start(bin, cwd)
        for lists in self.sandboxes:
            listed = [clean(one, self.cwd) if "/" in one else one for one in lists.get("shell_bins", [])]
            if "shell_bins" in lists and place not in listed:
                raise Failure("shell_bin_not_allowed", f"{bin} is not in the sandbox")

    def ask_path(self, op, ask, path, follow, links=True):
        """P4: every stage of the walk must lie in a root of each who lists any; without links, its first stage."""
        self.ask_rights(op, ask)
        reads = ask == "read"
        gates = [self.policy.gate(ask)]
        if self.lines is not None:                    # L15.1: before the flags
            roots = self.declared["write"] + (self.declared["read"] if reads else [])
            gates.insert(0, (roots, Failure, "read_not_declared" if reads else "write_not_declared"))
        for lists in self.sandboxes:
            if ("read" if reads else "write") in lists:
                roots = lists.get("write", []) + (lists["read"] if reads else [])
                gates.append(([clean(root, self.cwd) for root in roots], Hidden,
                              "read_not_permitted" if reads else "write_not_permitted"))

        def stage(now):
            for roots, failure, kind in gates:
                # L14.5: what the run has made, if the file may write anywhere.
                own = self.lines is not None and (roots, failure, kind) == gates[0] and any(inside(now, one) for one in self.own)
                if own and (reads or self.declared["write"]):
                    continue
                if not any(inside(now, root) for root in roots):
                    raise failure(kind, f"{now} lies outside the roots")
        if links:
            self.tree.walk(path, follow, stage)
        else:
            stage(path)

    def ask_rights(self, op, ask):
        if ask == "read":
            if "pure" in self.mask:
                raise Failure("read_not_permitted", "pure")
            return
        if self.policy.no_write:
            raise Failure("cap_write_denied", f'op "{op}" is disabled by --no-write')   # Y5
        if "no_write" in self.mask:
            raise Failure("cap_write_denied", Unspecified("a sandbox"))        # L15.2

    def may_store(self):
        """Y10, L14.5, L15.1"""
        open_to_all = all("/" in lists[name] + lists.get("write", []) for lists in self.sandboxes for name in ("read", "write") if name in lists)
        return self.policy.unrestricted and "no_write" not in self.mask and open_to_all
