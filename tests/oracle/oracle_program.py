"""Files, commands, statements (L2, L3.1, L4): from text to a tree."""

import re
from dataclasses import dataclass, field
from typing import Any, Optional

from oracle_archives import PACKING
from oracle_bundles import BUNDLE_OPS
from oracle_failures import LoadError
import oracle_data  # noqa: F401: more of them
from oracle_pure import FUNCTIONS
from oracle_text import NUMBER, Word, is_command_name, is_name, read_lines

# O: ops that say a fact; those that are asked.
FACT_OPS = """app_data_dir cache_dir config_dir cpu_count cwd data_dir exe_dir exe_ext exe_path get_arch get_os home_dir is_admin
    bundle_dir is_ci is_tty null_device path_list_sep path_sep pid script_dir script_path temp_dir uid user""".split()
# O: the ops, with the least and the most operands. READING: another number is a load error.
ANY = 10 ** 9
# ops.md: names that are other names of an op. What is told is told of the op.
OTHER_NAMES = {"export": "set_env", "unset": "unset_env"}
OPS = {"print": (1, ANY), "eprintln": (1, ANY), "list_commands": (0, 0), "mktemp_file": (0, 1), "mktemp_dir": (0, 1), "fail": (0, 1), "exit": (0, 1), "exists": (1, 1), "is_dir": (1, 1),
       "is_file": (1, 1), "read_file": (1, 1), "write_file": (2, 2), "mkdir": (1, 1),
       "rm": (1, 1), **dict.fromkeys(PACKING, (2, 2)), "cp": (2, 2), "mv": (2, 2), "copy_dir": (2, 2), "symlink": (2, 2),
       "has_bin": (1, 1), "sleep": (1, 1), "shell": (1, 1), "shell_output": (1, 1), "shell_in": (2, 2), "try_shell": (1, 1),
       "shell_detached": (1, 1), "process_running": (1, 1), "kill_by_name": (1, 1), "exec": (1, ANY), "get_env": (1, 1), "env_default": (2, 2), "env_has": (1, 1), "set_env": (2, 2), "export": (2, 2),
       "unset_env": (1, 1), "unset": (1, 1), "which": (1, 1), "detect_pkg_mgr": (0, 0), "pkg_install": (1, 1), "pkg_installed": (1, 1), "pkg_uninstall": (1, 1), "bin_version": (1, 2), "os_version": (0, 0), "path_contains": (1, 1),
       "dns_lookup": (1, 1), "http_get": (1, 1), "http_delete": (1, 2), "http_post": (1, 2), "http_put": (1, 2), "http_status": (1, 1),
       "wait_for_url": (1, 2), "download": (2, 2), "public_ip": (0, 0), "port_check": (2, 2), "wait_for_port": (2, 3), "port_free": (1, 1),
       **dict.fromkeys(("find_free_port", "interfaces", "local_ip", "mac_address"), (0, 0)),
       "shell_rc_path": (0, 0), "add_to_path": (1, 1), "link_into_path": (2, 2), "expand_path": (1, 1), "cd": (1, 1), **dict.fromkeys(FACT_OPS, (0, 0)),
       "path_abs": (1, 1), "path_within": (2, 2), "from_slash": (1, 1), "to_slash": (1, 1),
       "append_file": (2, 2), "append_line": (2, 2), "backup_file": (1, 1), "ensure_dir": (1, 1),
       "ensure_line_in_file": (2, 2), "file_size": (1, 1), "glob": (1, 1), "list_dir": (1, 1), "walk": (1, 1),
       "chmod": (2, 2), "make_executable": (1, 1), "touch": (1, 1), "read_link": (1, 1), "file_mtime": (1, 1), "not_exists": (1, 1), "replace_in_file": (3, 3),
       "md5_file": (1, 1), "sha1_file": (1, 1), "sha256_file": (1, 1), "verify_sha256": (2, 2),
       "now": (0, 1), "format_time": (2, 2), "time_diff": (2, 2), "assert_version": (3, 3), "assert_version_ge": (2, 2),
       "assert_eq": (2, 2), "assert_neq": (2, 2), "assert_contains": (2, 2), "assert_not_contains": (2, 2),
       "assert_match": (2, 2), "assert_exists": (1, 1), "assert_not_exists": (1, 1),
       **BUNDLE_OPS, **{name: function[:2] for name, function in FUNCTIONS.items()}}
PREDICATES = {"detect_pkg_mgr", "pkg_installed", "http_status", "wait_for_url", "port_check", "port_free", "wait_for_port", "exists", "env_has", "path_contains", "which", "is_admin", "is_ci", "is_dir", "is_file", "is_tty", "not_exists", "has_bin", "path_within", "verify_sha256", "try_shell", "process_running"} | {name for name, (_, _, asks, _) in FUNCTIONS.items() if asks}
# READING L1.3: names of the blocks below bind like any other, for `os` is a fact; the words of the older ones do not.
SCOPES = {"os", "arch", "with_env", "with_cwd", "sandbox", "retry", "timeout", "parallel", "cache", "pipe"}
CLAUSES = {"no_shell", "no_subprocess", "no_network", "no_write"}                # L15.2
SWITCHES = {"private", "test", "proxy_args", "detached", "offline", "pure", "read_only", "require_sandbox"}
BLOCKS = {"if", "for_each", "match", "try"}
KEYWORDS = BLOCKS | {"elif", "else", "end", "case", "rescue", "finally", "let"}
JOINERS = {"&&", "||", ";"}
COMPARISONS = {"==": "==", "!=": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">=",
               "eq": "==", "neq": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">="}


@dataclass
class Action:
    """What one line or clause does. kind: op, call, program, expand; or, right of `=`: text, name, pipe."""
    kind: str
    name: str
    words: list
    variables: list = field(default_factory=list)    # `NAME=value` before a program
    line: int = 0                                    # of a stage of a pipe
    column: int = 0


@dataclass
class Hook:
    """L16: a line of `hooks`."""
    timing: str
    target: str
    handler: str
    line: int
    column: int


@dataclass
class Statement:
    kind: str            # action, assign, chain, or the name of a block
    line: int
    column: int
    parts: Any


@dataclass
class Arg:
    name: str
    type: Optional[str] = None
    default: Optional[Word] = None
    optional: bool = False
    index: Optional[int] = None
    rest: bool = False
    line: int = 0
    column: int = 0


@dataclass
class Config:
    """L3.7: what the lines of that name say, each with its place."""
    words: list
    line: int
    column: int


@dataclass
class Command:
    name: str
    args: list = field(default_factory=list)
    private: bool = False
    body: Optional[list] = None
    config: dict = field(default_factory=dict)       # L3.7: {name: [Config]}
    about: str = ""                                  # its `description`
    home: str = ""                                   # L12: the name of its file, which is empty for the main one


@dataclass
class Program:
    shared: list = field(default_factory=list)       # [(name, value word, name word)]
    commands: dict = field(default_factory=dict)
    templates: dict = field(default_factory=dict)
    requires: Optional[list] = None                  # L14: [words of a line]
    bundle: list = field(default_factory=list)       # L13.1: [words of a line]
    sandboxes: list = field(default_factory=list)    # L15.1: a block each, [words of a clause]
    catch: Optional[Command] = None
    hooks: list = field(default_factory=list)        # L16: [Hook]
    imports: list = field(default_factory=list)      # L12: [(path, alias or None)]
    info: dict = field(default_factory=dict)         # {name, about, version}


# L1.8: what yields a value and does no more than read.
READING_OPS = PREDICATES - {"try_shell", "process_running", "http_status", "wait_for_url", "port_check", "port_free", "wait_for_port"} | {
    "read_file", "get_env", "env_default", "expand_path", "shell_rc_path", *FACT_OPS, "path_abs", "from_slash", "to_slash",
    "file_size", "glob", "list_dir", "walk", "read_link", "file_mtime", "md5_file", "sha1_file", "sha256_file", "now", "format_time", "time_diff", "bundle_hash"} | FUNCTIONS.keys()


def check_calls(word):
    """L1.8: each call in a text, and those within it."""
    for kind, part in word.segments:
        if kind == "call":
            name, words = part
            least, most = OPS.get(name, (0, -1))
            if name not in READING_OPS or not least <= len(words) <= most:
                refuse(word, "a call that cannot stand in a text")
            for inner in words:
                check_calls(inner)


def refuse(word, why):
    raise LoadError(f"{word.at()}: {why}: `{word.raw}`")


class Parser:
    def __init__(self, source, command_names=(), template_names=()):
        self.lines, self.at = read_lines(source), 0
        for word in (word for line in self.lines for word in line):
            check_calls(word)
        self.command_names, self.template_names = command_names, template_names

    def next(self, inside=None):
        if self.at >= len(self.lines):
            raise LoadError(f"`{inside}` is not closed by `end`")
        self.at += 1
        return self.lines[self.at - 1]

    # -- files (L2) --------------------------------------------------------------------

    def file(self):
        program, seen = Program(), set()
        while self.at < len(self.lines):
            words = self.next()
            head = words[0]
            if len(words) >= 2 and words[1].is_bare("="):
                if len(words) != 3 or not (head.bare and is_name(head.raw)):
                    refuse(head, "a shared binding is `NAME = W`")
                program.shared.append((head.raw, words[2], head))
            elif head.bare and head.raw in ("name", "about", "version") and len(words) == 2:
                self.once(seen, head)
                program.info[head.raw] = words[1].constant()
            elif head.bare and head.raw in ("command", "template") and len(words) == 2:
                command = self.command(words[1])
                if command.name in {**program.commands, **program.templates}:    # L2.3
                    refuse(words[1], "a second command or template of this name")
                getattr(program, head.raw + "s")[command.name] = command
            elif head.is_bare("import") and (len(words) == 2 or len(words) == 4 and words[2].is_bare("as")):
                program.imports.append((words[1].constant(), words[3].raw if len(words) == 4 else None))
            elif head.is_bare("catch") and len(words) == 2:
                self.once(seen, head)
                program.catch = self.command(words[1])
            elif head.is_bare("hooks") and len(words) == 1:
                program.hooks += [self.hook(line) for line in self.rest_of("hooks")]
            elif head.is_bare("requires") and len(words) == 1:
                self.once(seen, head)
                program.requires = self.rest_of("requires")
            elif head.is_bare("bundle") and len(words) == 1:
                program.bundle += self.rest_of("bundle")
            elif head.is_bare("sandbox") and len(words) == 1:
                program.sandboxes.append(self.rest_of("sandbox"))
            else:
                refuse(head, "not a line of a file's top level")
        return program

    def rest_of(self, block):
        """The lines of a block without blocks. READING L14.2: hashes of programs are not modelled."""
        lines = []
        while True:
            words = self.next(block)
            if words[0].is_bare("end"):
                return lines
            lines.append(words)

    def hook(self, words):
        """L16.1"""
        if len(words) != 3 or words[0].raw not in ("before", "after", "on_error"):
            refuse(words[0], "not TIMING TARGET HANDLER")
        if self.command_names and words[2].raw not in self.command_names:
            refuse(words[2], "not a command")
        return Hook(*(word.constant() for word in words), words[0].line, words[0].column)

    @staticmethod
    def once(seen, word):
        """READING L2.1, L3: a configuration line that stands twice is a load error."""
        if word.raw in seen:
            refuse(word, "stands twice")
        seen.add(word.raw)

    # -- commands (L3) -----------------------------------------------------------------

    def command(self, name):
        if not (name.bare and is_command_name(name.raw)):
            refuse(name, "not a command name")
        command, seen = Command(name.raw), set()
        while True:
            words = self.next("command")
            head = words[0]
            if head.is_bare("end") and len(words) == 1:
                break
            if command.body is not None:                                      # L3.1
                refuse(head, "stands after `do`")
            if head.is_bare("description") and len(words) == 2:
                self.once(seen, head)
                command.about = words[1].constant()
            elif head.bare and head.raw in SWITCHES and len(words) == 1:
                self.once(seen, head)
                command.config[head.raw] = [Config([], head.line, head.column)]
            elif head.bare and head.raw in ("dir", "on_signal") and len(words) == 2:
                self.once(seen, head)
                command.config[head.raw] = [Config(words[1:], head.line, head.column)]
            elif (head.is_bare("env") and len(words) == 3
                    or head.bare and head.raw in ("require_os", "require_arch") and len(words) > 1):
                command.config.setdefault(head.raw, []).append(Config(words[1:], head.line, head.column))
            elif head.is_bare("arg") and len(words) >= 2:
                self.arg(command, words[1], head, words[2:])
            elif head.is_bare("do") and len(words) == 1:
                command.body, _ = self.body("do", {"end"})
            else:
                refuse(head, "not a line of a command")
        if command.body is None:                      # READING L3: `do` is required
            refuse(name, "a command without `do`")
        command.private = "private" in command.config
        return command

    def arg(self, command, name, start, line):
        if not (name.bare and is_name(name.raw)):
            refuse(name, "not an argument name")
        if any(a.name == name.raw for a in command.args):                     # L2.3
            refuse(name, "a second argument of this name")
        arg, seen = Arg(name.raw, line=start.line, column=start.column), set()
        if line and not (len(line) == 3 and line[0].is_bare("type") and line[2].is_bare("end")):
            refuse(name, "surplus behind the name")
        given = [line[:2], line[2:]] if line else []                          # L3.5
        while True:
            words = given.pop(0) if given else self.next("arg")
            head = words[0]
            if head.is_bare("end") and len(words) == 1:
                break
            self.once(seen, head)
            if head.is_bare("type") and len(words) == 2:
                if not any(words[1].is_bare(t) for t in ("string", "int", "float", "bool")):
                    refuse(words[1], "not a type")
                arg.type = words[1].raw
            elif head.is_bare("default") and len(words) == 2:
                arg.default = words[1]
            elif head.bare and head.raw in ("optional", "rest") and len(words) == 1:
                setattr(arg, head.raw, True)
            elif head.is_bare("description") and len(words) == 2:
                pass
            elif head.is_bare("index") and len(words) == 2:
                if not (words[1].bare and re.fullmatch("[0-9]+", words[1].raw)):
                    refuse(words[1], "not an index")
                arg.index = int(words[1].raw)
                if any(a.index == arg.index for a in command.args):           # READING L3.2
                    refuse(words[1], "a second argument of this index")
            else:
                refuse(head, "not a line of an argument")
        if arg.type is None:
            refuse(name, "an argument without `type`")
        if arg.optional and arg.default is not None:  # L3: "or: optional"
            refuse(name, "`default` and `optional` together")
        if any(a.rest for a in command.args):                                 # L3.6
            refuse(name, "stands behind an argument with `rest`")
        if arg.rest and (arg.type != "string" or arg.index is None or arg.default is not None):
            refuse(name, "`rest` wants a string with an index and no default")
        command.args.append(arg)

    # -- bodies and blocks (L4) --------------------------------------------------------

    def body(self, inside, closers):
        """Statements up to a line that starts with one of closers; that line too."""
        statements = []
        while True:
            words = self.next(inside)
            head = words[0]
            if head.bare and head.raw in closers and not (len(words) > 1 and words[1].is_bare("=")):
                if head.raw in ("end", "else", "finally") and len(words) > 1:
                    refuse(words[1], f"surplus after `{head.raw}`")
                return statements, words
            statements.append(self.statement(words))

    def statement(self, words):
        head = words[0]
        where = (head.line, head.column)
        if head.is_bare("let"):                                               # L4.3
            if len(words) < 3 or not words[2].is_bare("="):
                refuse(head, "`let` wants `NAME = …`")
            return self.assignment(where, words[1:])
        if len(words) > 1 and words[1].is_bare("=") and head.bare_name():     # L4.1: first of all
            return self.assignment(where, words)
        if head.bare and head.raw in KEYWORDS:
            if head.raw not in BLOCKS:
                refuse(head, "out of place")
            if head.raw != "if":
                for word in words:                    # READING L4.9: no chain in a block's head
                    if word.bare and word.raw in JOINERS:
                        refuse(word, "a chain in the head of a block")
            return Statement(head.raw, *where, getattr(self, "block_" + head.raw)(words))
        if head.bare and head.raw in SCOPES:
            return Statement(head.raw, *where, getattr(self, "block_" + head.raw)(words))
        if any(w.bare and w.raw in JOINERS for w in words):
            return Statement("chain", *where, self.chain(words))
        return Statement("action", *where, self.action(words))

    def action(self, words):
        """L4.1: op, command, program. Only a bare leading word names an op or a command."""
        head = words[0]
        if head.bare and head.raw in KEYWORDS:
            refuse(head, "a block keyword out of place")
        name, equals, _ = head.raw.partition("=")
        if equals and is_name(name) and len(words) > 1:
            action = self.action(words[1:])
            if action.kind != "program":
                refuse(words[1], "variables stand before programs only")
            return Action("program", "exec", action.words, [(name, head.behind(name + "="))] + action.variables)
        if head.bare and head.raw in OPS:
            least, most = OPS[head.raw]
            if not least <= len(words) - 1 <= most:
                refuse(head, "wrong number of operands for")
            if head.raw == "exec":
                return Action("program", "exec", words[1:])
            return Action("op", OTHER_NAMES.get(head.raw, head.raw), words[1:])
        if head.bare and head.raw in self.command_names:
            return Action("call", head.raw, words[1:])
        if head.bare and head.raw in self.template_names:
            return Action("expand", head.raw, words[1:])
        return Action("program", "exec", words)

    def assignment(self, where, words):
        """L4.3"""
        name, right = words[0], words[2:]
        if not (name.bare and is_name(name.raw)) or name.raw in KEYWORDS:     # READING L1.3
            refuse(name, "not a name that can be bound")
        if not right:                                                         # L10.5
            right = self.next("=")
            if not right[0].is_bare("pipe"):
                refuse(name, "nothing to bind to")
        if right[0].is_bare("pipe") and len(right) == 1:
            return Statement("assign", *where, (name.raw, Action("pipe", "pipe", self.block_pipe(right))))
        for word in right:
            if word.bare and word.raw in JOINERS:
                refuse(word, "a chain cannot be captured")
        first = right[0]
        if len(right) == 1:
            if (first.quoted or first.has_names
                    or first.bare and (NUMBER.match(first.raw) or first.raw in ("true", "false"))):
                return Statement("assign", *where, (name.raw, Action("text", "", right)))
            bare = first.bare_name()
            if bare and bare not in OPS and bare not in self.command_names and bare not in KEYWORDS:
                return Statement("assign", *where, (name.raw, Action("name", bare, right)))
        return Statement("assign", *where, (name.raw, self.action(right)))

    def chain(self, words):
        """L4.9: [(joiner before it, action, first word)]"""
        clauses, joiner, current = [], None, []
        for word in words + [None]:
            if word is not None and not (word.bare and word.raw in JOINERS):
                current.append(word)
                continue
            if not current:
                refuse(word or words[-1], "an empty clause at")
            head = current[0]
            if head.bare and (head.raw in OPS and head.raw != "exec" or head.raw in self.command_names):
                refuse(head, "a clause that starts with an op or a command")
            if clauses and head.bare_name() and len(current) > 1 and current[1].is_bare("="):
                refuse(head, "an assignment as a clause")         # READING L4.9
            clauses.append((joiner, self.action(current), current[0]))
            joiner, current = word.raw if word else None, []
        return clauses

    def block_if(self, words):
        """L4.4: ([(condition, body)], else body)"""
        arms, closing = [], words
        while closing[0].raw in ("if", "elif"):
            condition = Condition(closing, self).parse()
            body, closing = self.body("if", {"elif", "else", "end"})
            arms.append((condition, body))
        otherwise = []
        if closing[0].raw == "else":
            otherwise, _ = self.body("else", {"end"})
        return arms, otherwise

    def block_for_each(self, words):
        """L4.5: (operand, name, body)"""
        if len(words) == 4 and words[2].is_bare("in"):
            name, operand = words[1], words[3]
        elif len(words) == 3:
            operand, name = words[1], words[2]
        else:
            refuse(words[0], "wrong number of words for")
        if not (name.bare and is_name(name.raw)):
            refuse(name, "not a name that can be bound")
        body, _ = self.body("for_each", {"end"})
        return operand, name.raw, body

    def block_match(self, words):
        """L4.6: (operand, [(case word or None for else, body)])"""
        if len(words) != 2:
            refuse(words[0], "wrong number of words for")
        before, closing = self.body("match", {"case", "else", "end"})
        if before:
            refuse(words[0], "a statement before the first arm of")
        arms, otherwise = [], None
        while not closing[0].is_bare("end"):
            case = closing[0].raw == "case"
            if case and len(closing) != 2:
                refuse(closing[0], "wrong number of words for")
            if not case and otherwise is not None:
                refuse(closing[0], "a second")
            body, after = self.body("match", {"case", "else", "end"})
            if case:
                arms.append((closing[1], body))
            else:                                     # READING L4.6: `else` may stand anywhere
                otherwise = body
            closing = after
        if otherwise is not None:
            arms.append((None, otherwise))
        return words[1], arms

    def block_try(self, words):
        """L4.7: (body, rescue name, rescue body, finally body)"""
        if len(words) != 1:
            refuse(words[1], "surplus after `try`")
        body, closing = self.body("try", {"rescue", "finally", "end"})
        name, rescue, final = "err", [], []
        if closing[0].raw == "rescue":
            if len(closing) > 2 or len(closing) == 2 and not (
                    closing[1].bare and is_name(closing[1].raw)):
                refuse(closing[0], "wrong words after")
            name = closing[1].raw if len(closing) == 2 else "err"
            rescue, closing = self.body("rescue", {"finally", "end"})
        if closing[0].raw == "finally":
            final, closing = self.body("finally", {"end"})
        return body, name, rescue, final

    # -- blocks with a scope of their own (L4.12 to L4.19) -------------------------------

    def head(self, words, names, needed=()):
        """L4.12: operands of a block, by place or by name (the reference has their names)."""
        given, free = {}, list(names)
        for word in words[1:]:
            key = next((name for name in names if word.behind(name + "=") is not None), None)
            place = key or (free.pop(0) if free else None)
            if place is None or place in given:
                refuse(word, "surplus")
            given[place] = word.behind(key + "=") if key else word
        for name in needed:
            if name not in given:
                refuse(words[0], f"{name} is missing behind")
        return given

    def inside(self, words):
        return self.body(words[0].raw, {"end"})[0]

    def block_os(self, words):
        """L4.13: (word, body)"""
        return self.head(words, ["target"], ["target"])["target"], self.inside(words)

    block_arch = block_os

    def block_with_cwd(self, words):
        """L4.17: (word, body)"""
        return self.head(words, ["path"], ["path"])["path"], self.inside(words)

    def block_with_env(self, words):
        """L4.17: ([(name, value word)], body)"""
        pairs = []
        for word in [piece for word in words[1:] for piece in word.at_commas()]:
            name, equals, _ = word.raw.partition("=")
            if not equals or not is_name(name):
                refuse(word, "not NAME=value")
            pairs.append((name, word.behind(name + "=")))
        if not pairs:
            refuse(words[0], "nothing behind")
        return pairs, self.inside(words)

    def block_sandbox(self, words):
        """L15.2: (clauses, body)"""
        clauses = [clause.strip() for word in words[1:] for clause in word.written().split(",") if clause.strip()]
        for clause in clauses:
            if clause not in CLAUSES:
                refuse(words[0], f"`{clause}` is no restriction")
        if len(words) < 2:
            refuse(words[0], "nothing behind")
        return clauses, self.inside(words)

    def block_retry(self, words):
        """L4.15: (operands, body)"""
        return self.head(words, ["attempts", "delay", "max_delay"]), self.inside(words)

    def block_parallel(self, words):
        """L4.14: (operands, body)"""
        return self.head(words, ["max"]), self.inside(words)

    def block_timeout(self, words):
        """L4.16: (word, body)"""
        return self.head(words, ["secs"], ["secs"])["secs"], self.inside(words)

    def block_cache(self, words):
        """L4.18: (key, time to live or None, body)"""
        given = self.head(words, ["key", "ttl"], ["key"])
        return given["key"], given.get("ttl"), self.inside(words)

    def block_pipe(self, words):
        """L10.5: [Action of a stage]"""
        if len(words) != 1:
            refuse(words[1], "surplus after `pipe`")
        stages = []
        while True:
            words = self.next("pipe")
            if words[0].is_bare("end") and len(words) == 1:
                return stages
            if any(w.bare and w.raw in JOINERS for w in words) or self.action(words).kind != "program":
                refuse(words[0], "a stage is one program:")
            stage = self.action(words)
            stage.line, stage.column = words[0].line, words[0].column
            stages.append(stage)


class Condition:
    """L4.4, parsed to ("or"|"and", left, right) | ("not", c) | ("compare", left, op, right)
    | ("predicate", op, words) | ("predicate unless bound", op, []) | ("name", name) | ("programs", clauses)."""

    def __init__(self, words, parser):
        self.head, self.words, self.at, self.parser = words[0], words[1:], 0, parser

    def here(self, *texts):
        return self.at < len(self.words) and any(self.words[self.at].is_bare(t) for t in texts)

    def parse(self):
        if any(word.bare and word.raw in JOINERS for word in self.words):     # L7.6
            return ("programs", self.parser.chain(self.words))
        condition = self.joined("or", lambda: self.joined("and", self.literal))
        assert self.at == len(self.words)
        return condition

    def joined(self, word, part):
        left = part()
        while self.here(word):
            self.at += 1
            left = (word, left, part())
        return left

    def literal(self):
        if self.here("not"):
            self.at += 1
            return ("not", self.literal())
        return self.atom()

    def atom(self):
        words = []
        while self.at < len(self.words) and not self.here("and", "or"):
            words.append(self.words[self.at])        # READING L4.4: bare and/or is never an RHS
            self.at += 1
        if not words:
            refuse(self.head, "a test is missing in the condition of")
        first = words[0]
        name = first.bare_name()
        if (len(words) == 3 and words[1].bare and words[1].raw in COMPARISONS
                and (name or first.quoted)):
            return ("compare", first, COMPARISONS[words[1].raw], words[2])
        if len(words) > 1 and name in PREDICATES:
            least, most = OPS[name]
            if not least < len(words) <= most + 1:
                refuse(first, "wrong number of operands for")
            return ("predicate", name, words[1:])
        if len(words) == 1 and name in PREDICATES and OPS[name][0] == 0:
            return ("predicate unless bound", name, [])
        if len(words) == 1 and name:
            return ("name", name)    # READING L4.4: a lone unbound predicate name is empty text
        refuse(first, "not a condition")
