#!/usr/bin/env python3
"""An independent reading of the perch language, over a modelled host.

Written from docs/spec alone. Citations: L = language.md, P = paths.md, O = ops.md,
Y = policy.md, F = fixtures.md; "L4.7" is section 4.7 of language.md. A line marked READING
is a place where the specification is silent or can be read in more than one way.

Usage: NDJSON cases on standard input, one NDJSON answer per case on standard output.

  case    {"id", "program", "file", "command", "args", "host", "policy"}
  answer  {"id", "exit", "stdout", "failure", "visits", "tree"}
          and "usage_error": MESSAGE when a usage error ended the run (exit 2, failure null)
          and "unspecified": true when the program looks at a message whose wording is not specified
  or      {"id", "load_error": MESSAGE}     the program does not load
  or      {"id", "case_error": MESSAGE}     the case itself makes no sense, or runs too long

"host" may name a "bin_dir": the one directory on PATH. Its programs are then there only as long as the
tree holds them as entries of that directory; without it nothing that the run does takes a program away.
"tree" in an answer holds every entry of the final state, implied directories too, except "/".
"""

import json
import re
import sys
import threading
from dataclasses import dataclass, field
from typing import Any, Optional

MAX_CALLS = 64          # L4.8
MAX_LINKS = 40          # P2
MAX_STEPS = 100_000     # of this model, not of the language


class LoadError(Exception):
    """The program does not load (L: status 2)."""


class CaseError(Exception):
    """The case is not one that can be answered."""


class UsageError(Exception):
    """L3.2: a usage error of a command's words."""


class Failure(Exception):
    """L6.1"""

    def __init__(self, kind, message="", code="", op="", detail=""):
        super().__init__(kind, message)
        self.kind, self.message, self.code, self.op, self.detail = kind, message, code, op, detail

    def fields(self):
        """The specification words the message of `fail` and that of --no-write (Y5)."""
        worded = self.kind in ("user_fail", "cap_write_denied")
        message = self.message if worded else Unspecified(self.message)
        return {"": message, ".kind": self.kind, ".message": message,
                ".code": self.code, ".op": self.op, ".detail": self.detail}


class Unspecified(str):
    """A text that another reading may word otherwise."""


class Exit(Exception):
    """L4.10"""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


# ------------------------------------------------------------------------------------------
# 1  Text: lines, words, pieces (L1)
# ------------------------------------------------------------------------------------------

BLANKS = " \t\r\f\v"        # READING L1.4: white space is ASCII white space
QUOTES = "\"'`"
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\\": "\\", '"': '"', "'": "'",
           "`": "`", "$": "$"}
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")   # READING L3.2, L4.3, L4.4: one form of number
INTEGER = re.compile(r"-?[0-9]+\Z")


def is_name(text):
    """L1.3. READING: digits are ASCII digits."""
    def letter(c):
        return c == "_" or (c.isalpha() if ord(c) > 127 else c.isascii() and c.isalpha())
    return bool(text) and letter(text[0]) and all(letter(c) or c in "0123456789" for c in text)


def is_dotted_name(text):
    """L1.3, L4.2: a name, also a dotted one."""
    return all(is_name(part) for part in text.split("."))


def is_command_name(text):
    """L1.3: inner dashes. Each part between dashes goes on with name characters."""
    return is_name(text.replace("-", "_")) and text[0] != "-" and text[-1] != "-"


@dataclass
class Word:
    line: int
    column: int                                  # 1-based, in characters
    raw: str = ""                                # as in the source
    segments: list = field(default_factory=list)  # ("text", T) | ("name", N)
    bare: bool = True                            # no quoted piece
    quoted: bool = True                          # no bare piece

    @property
    def has_names(self):
        return any(kind == "name" for kind, _ in self.segments)

    def is_bare(self, text):
        return self.bare and self.raw == text

    def bare_name(self):
        """The word's text if it is one bare (perhaps dotted) name, else None."""
        return self.raw if self.bare and is_dotted_name(self.raw) else None

    def written(self):
        """Its text, with HOLE for what is inserted."""
        return "".join(text if kind == "text" else HOLE for kind, text in self.segments)

    def constant(self):
        return "".join(text for _, text in self.segments)

    def at(self):
        return f"line {self.line}, column {self.column}"


def decode(raw, quote, where):
    """L1.5 and L1.6 for one piece; quote is '' for bare text."""
    segments, text, i = [], "", 0
    while i < len(raw):
        if raw.startswith("${", i):
            close = raw.find("}", i)
            if close < 0:
                raise LoadError(f"{where}: `${{` without `}}`")
            name = raw[i + 2:close].strip(BLANKS + "\n")
            if not is_dotted_name(name):         # READING L1.6: anything else is no construct
                raise LoadError(f"{where}: `{raw[i:close + 1]}` holds no name")
            segments += [("text", text), ("name", name)]
            text, i = "", close + 1
        elif raw[i] == "\\" and quote == '"':
            pair = raw[i + 1:i + 2]
            digits = {"x": 2, "u": 4}.get(pair, 0)
            hexes = raw[i + 2:i + 2 + digits]
            if digits and re.fullmatch(r"[0-9A-Fa-f]{%d}" % digits, hexes):
                point = int(hexes, 16)
                if 0xD800 <= point <= 0xDFFF:    # READING L1.5: no text holds a half pair
                    raise LoadError(f"{where}: `\\u{hexes}` is no character")
                text, i = text + chr(point), i + 2 + digits
            else:
                text, i = text + ESCAPES.get(pair, "\\" + pair), i + 2
        elif raw.startswith("\\${", i):
            text, i = text + "${", i + 3
        else:
            text, i = text + raw[i], i + 1
    return [s for s in segments + [("text", text)] if s != ("text", "")]


def read_lines(source):
    """The statements of a text: lists of words. L1.1, L1.2, L1.4."""
    source = source.removeprefix("\ufeff").replace("\r\n", "\n")
    lines, words, i, line, start = [], [], 0, 1, 0
    while i <= len(source):
        c = source[i:i + 1]
        if c in ("\n", ""):
            if words:
                lines.append(words)
            words, i, line, start = [], i + 1, line + 1, i + 1
        elif c in BLANKS:
            i += 1
        elif c == "#":                            # only seen at a line start or after a blank
            while source[i:i + 1] not in ("\n", ""):
                i += 1
        else:
            word, begin = Word(line, i - start + 1), i
            while i < len(source) and source[i] not in BLANKS + "\n":
                quote, first = (source[i] if source[i] in QUOTES else ""), i
                if quote:
                    i += 1
                    while i < len(source) and source[i] != quote:
                        i += 2 if quote == '"' and source[i] == "\\" else 1
                    if i >= len(source):
                        raise LoadError(f"{word.at()}: quote is not closed")
                    word.segments += decode(source[first + 1:i], quote, word.at())
                    word.bare, i = False, i + 1
                    newlines = source.count("\n", first, i)
                    if newlines:
                        line, start = line + newlines, source.rfind("\n", first, i) + 1
                else:
                    while i < len(source) and source[i] not in BLANKS + "\n" + QUOTES:
                        i += 1
                    # READING L1.4/L1.6: white space ends bare text inside `${ x }` too
                    word.segments += decode(source[first:i], "", word.at())
                    word.quoted = False
            word.raw = source[begin:i]
            words.append(word)
    return lines


# ------------------------------------------------------------------------------------------
# 2  Files, commands, statements (L2, L3.1, L4)
# ------------------------------------------------------------------------------------------

# O: the ops, with the least and the most operands. READING: another number is a load error.
ANY = 10 ** 9
OPS = {"print": (0, ANY), "fail": (0, 1), "exit": (0, 1), "exists": (1, 1), "is_dir": (1, 1),
       "is_file": (1, 1), "read_file": (1, 1), "write_file": (2, 2), "mkdir": (1, 1),
       "rm": (1, 1), "cp": (2, 2), "mv": (2, 2), "copy_dir": (2, 2), "symlink": (2, 2),
       "has_bin": (1, 1), "exec": (1, ANY), "get_env": (1, 1), "cd": (1, 1), "upper": (1, 1),
       "replace": (2, 3), "length": (1, 1), "cwd": (0, 0), "get_os": (0, 0), "get_arch": (0, 0)}
PREDICATES = {"exists", "is_dir", "is_file", "has_bin"}
BLOCKS = {"if", "for_each", "match", "try"}
KEYWORDS = BLOCKS | {"elif", "else", "end", "case", "rescue", "finally", "let"}
JOINERS = {"&&", "||", ";"}
COMPARISONS = {"==": "==", "!=": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">=",
               "eq": "==", "neq": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">="}


@dataclass
class Action:
    """What one line or clause does. kind: op, call, program; or, right of `=`: text, name."""
    kind: str
    name: str
    words: list


@dataclass
class Statement:
    kind: str            # action, assign, chain, if, for_each, match, try
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
    line: int = 0
    column: int = 0


@dataclass
class Command:
    name: str
    args: list = field(default_factory=list)
    private: bool = False
    body: Optional[list] = None


@dataclass
class Program:
    shared: list = field(default_factory=list)       # [(name, value word, name word)]
    commands: dict = field(default_factory=dict)


def refuse(word, why):
    raise LoadError(f"{word.at()}: {why}: `{word.raw}`")


class Parser:
    def __init__(self, source, command_names=()):
        self.lines, self.at, self.command_names = read_lines(source), 0, command_names

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
            elif head.is_bare("command") and len(words) == 2:
                command = self.command(words[1])
                if command.name in program.commands:                          # L2.3
                    refuse(words[1], "a second command of this name")
                program.commands[command.name] = command
            else:
                refuse(head, "not a line of a file's top level")
        return program

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
            elif head.is_bare("private") and len(words) == 1:
                self.once(seen, head)
                command.private = True
            elif head.is_bare("arg") and len(words) == 2:
                self.arg(command, words[1], head)
            elif head.is_bare("do") and len(words) == 1:
                command.body, _ = self.body("do", {"end"})
            else:
                refuse(head, "not a line of a command")
        if command.body is None:                      # READING L3: `do` is required
            refuse(name, "a command without `do`")
        return command

    def arg(self, command, name, start):
        if not (name.bare and is_name(name.raw)):
            refuse(name, "not an argument name")
        if any(a.name == name.raw for a in command.args):                     # L2.3
            refuse(name, "a second argument of this name")
        arg, seen = Arg(name.raw, line=start.line, column=start.column), set()
        while True:
            words = self.next("arg")
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
            elif head.is_bare("optional") and len(words) == 1:
                arg.optional = True
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
            for word in words:                        # READING L4.9: no chain in a block's head
                if word.bare and word.raw in JOINERS:
                    refuse(word, "a chain in the head of a block")
            return Statement(head.raw, *where, getattr(self, "block_" + head.raw)(words))
        if any(w.bare and w.raw in JOINERS for w in words):
            return Statement("chain", *where, self.chain(words))
        return Statement("action", *where, self.action(words))

    def action(self, words):
        """L4.1: op, command, program. Only a bare leading word names an op or a command."""
        head = words[0]
        if head.bare and head.raw in KEYWORDS:
            refuse(head, "a block keyword out of place")
        if head.bare and head.raw in OPS:
            least, most = OPS[head.raw]
            if not least <= len(words) - 1 <= most:
                refuse(head, "wrong number of operands for")
            if head.raw == "exec":
                return Action("program", "exec", words[1:])
            return Action("op", head.raw, words[1:])
        if head.bare and head.raw in self.command_names:
            return Action("call", head.raw, words[1:])
        return Action("program", "exec", words)

    def assignment(self, where, words):
        """L4.3"""
        name, right = words[0], words[2:]
        if not (name.bare and is_name(name.raw)) or name.raw in KEYWORDS:     # READING L1.3
            refuse(name, "not a name that can be bound")
        if not right:
            refuse(name, "nothing to bind to")
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
                return Statement("assign", *where, (name.raw, Action("name", bare, [])))
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
            if clauses:
                head = current[0]
                if head.bare and head.raw in OPS and head.raw != "exec":
                    refuse(head, "a later clause starts with an op")
                if head.bare_name() and len(current) > 1 and current[1].is_bare("="):
                    refuse(head, "an assignment as a clause")     # READING L4.9
            clauses.append((joiner, self.action(current), current[0]))
            joiner, current = word.raw if word else None, []
        return clauses

    def block_if(self, words):
        """L4.4: ([(condition, body)], else body)"""
        arms, closing = [], words
        while closing[0].raw in ("if", "elif"):
            condition = Condition(closing).parse()
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
        arms = []
        while not closing[0].is_bare("end"):
            if closing[0].raw == "case":
                if len(closing) != 2:
                    refuse(closing[0], "wrong number of words for")
                body, after = self.body("match", {"case", "else", "end"})
                arms.append((closing[1], body))
            else:                                     # READING L4.6: `else` is the last arm
                body, after = self.body("match", {"end"})
                arms.append((None, body))
            closing = after
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


def load(source):
    """Calls are told from programs by name (L4.1), wherever the command stands (L2.1):
    one reading for the commands' names, one with them."""
    return Parser(source, set(Parser(source).file().commands)).file()


class Condition:
    """L4.4, parsed to ("or"|"and", left, right) | ("not", c) | ("compare", left, op, right)
    | ("predicate", op, words) | ("name", name)."""

    def __init__(self, words):
        self.head, self.words, self.at = words[0], words[1:], 0

    def here(self, *texts):
        return self.at < len(self.words) and any(self.words[self.at].is_bare(t) for t in texts)

    def parse(self):
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
            if len(words) != 2:
                refuse(first, "wrong number of operands for")
            return ("predicate", name, words[1:])
        if len(words) == 1 and name:
            return ("name", name)    # READING L4.4: a lone unbound predicate name is empty text
        refuse(first, "not a condition")


# ------------------------------------------------------------------------------------------
# 3  The modelled host (P, F2)
# ------------------------------------------------------------------------------------------

def clean(text, base="/"):
    """P1: a path text, relative to base, cleaned as text."""
    if text == "" or "\0" in text:
        raise Failure("invalid_argument", f"not a path: {text!r}")
    parts = []
    for part in (text if text.startswith("/") else base + "/" + text).split("/"):
        if part == "..":
            parts[-1:] = []
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def parent(path):
    return path.rsplit("/", 1)[0] or "/"


def basename(path):
    return path.rsplit("/", 1)[1]


def join(directory, name):
    return directory.rstrip("/") + "/" + name


def ancestors(path):
    """The proper ancestors of a cleaned path, from the root."""
    parts = path.split("/")[1:] if path != "/" else []
    return ["/" + "/".join(parts[:n]) for n in range(len(parts))]


def inside(path, root):
    """P4: by component; a root lies in itself."""
    return root == "/" or path == root or path.startswith(root + "/")


class Tree:
    def __init__(self, entries, cwd):
        self.entries = {"/": {"kind": "dir"}}
        for text, entry in entries.items():
            self.entries[clean(text)] = dict(entry)
        implied = [a for path in list(self.entries) for a in ancestors(path)]
        for path in implied + ancestors(cwd) + [cwd]:
            if path not in self.entries and not any(
                    self.kind(a) not in (None, "dir") for a in ancestors(path)):
                self.entries[path] = {"kind": "dir"}
        for path in self.entries:
            if any(self.kind(a) != "dir" for a in ancestors(path)):
                raise CaseError(f"tree: {path} lies beneath something that is not a directory")

    def kind(self, path):
        entry = self.entries.get(path)
        return entry["kind"] if entry else None

    def beneath(self, path):
        return sorted(p for p in self.entries if p != path and inside(p, path))

    def walk(self, path, follow=True, visit=lambda path: None):
        """P2: the resolved path. visit sees the path before the walk and after each link (P4)."""
        visit(path)
        links = 0
        while True:
            steps = ancestors(path) + ([path] if follow else [])
            link = next((p for p in steps if self.kind(p) == "link"), None)
            if link is None:
                return path
            links += 1
            if links > MAX_LINKS:       # READING P2: 40 are followed, the next one fails
                raise Failure("io_error", f"too many links: {path}")
            rest = path[len(link):]
            path = clean(self.entries[link]["target"] + rest, parent(link))
            visit(path)

    def check_ancestors(self, path):
        """P3, for a resolved path."""
        for ancestor in ancestors(path):
            if self.kind(ancestor) is None:
                raise Failure("file_not_found", f"no such directory: {ancestor}")
            if self.kind(ancestor) != "dir":
                raise Failure("not_a_directory", f"not a directory: {ancestor}")

    def wrong_ancestor(self, path):
        return any(self.kind(a) not in (None, "dir") for a in ancestors(path))

    def make_dirs(self, path):
        for p in ancestors(path) + [path]:
            self.entries.setdefault(p, {"kind": "dir"})

    def put(self, path, entry):
        self.entries[path] = dict(entry)

    def remove(self, path):
        for p in self.beneath(path) + [path]:
            self.entries.pop(p, None)

    def effect(self, effect, cwd):
        """F2: one that cannot happen does nothing."""
        try:
            (verb, text), = ((k, v) for k, v in effect.items() if k != "content")
            path = self.walk(clean(text, cwd), follow=verb == "write")        # F2: a link is something
            parent_there = path != "/" and self.kind(parent(path)) == "dir"
            if verb == "write" and parent_there and self.kind(path) != "dir":
                self.put(path, {"kind": "file", "content": effect.get("content", "")})
            elif verb == "mkdir" and parent_there and self.kind(path) is None:
                self.put(path, {"kind": "dir"})
            elif verb == "remove" and path != "/":
                self.remove(path)
        except Failure:
            pass


# ------------------------------------------------------------------------------------------
# 4  Policy (Y, P4)
# ------------------------------------------------------------------------------------------

class Policy:
    def __init__(self, policy, cwd):
        self.no_write = bool(policy.get("no_write"))
        self.no_subprocess = bool(policy.get("no_subprocess"))
        reads, writes = policy.get("allow_read"), policy.get("allow_write")
        # P4: roots are cleaned texts. READING: relative ones lie in the starting directory.
        self.write_roots = None if writes is None else [clean(r, cwd) for r in writes]
        # Y2: a write root is also a read root; without --allow-read everything is readable.
        self.read_roots = (None if reads is None
                           else [clean(r, cwd) for r in reads] + (self.write_roots or []))
        self.bins = policy.get("allow_bin")

    def ask_path(self, tree, ask, path, follow, links=True):
        """P4: every stage of the walk must lie in a root; without links, its first stage."""
        roots = self.read_roots if ask == "read" else self.write_roots
        if roots is None:
            roots = ["/"]
        kind = "read_not_permitted" if ask == "read" else "write_not_permitted"

        def stage(now):
            if not any(inside(now, root) for root in roots):
                raise Failure(kind, f"{now} lies outside the roots")
        if links:
            tree.walk(path, follow, stage)
        else:
            stage(path)

    def ask_start(self, bin, cwd):
        """Y table, Y3, Y4"""
        if self.no_subprocess:
            raise Failure("cap_subprocess_denied", 'op "exec" is disabled by --no-subprocess')
        if self.bins is None or bin in self.bins:
            return
        # READING Y4: a listed absolute path also allows what cleans to the same path.
        if "/" in bin and "\0" not in bin and clean(bin, cwd) in [
                clean(b) for b in self.bins if b.startswith("/")]:
            return
        raise Failure("shell_bin_not_allowed", f"{bin} is not listed")


# ------------------------------------------------------------------------------------------
# 5  Running (L2.2, L3.2, L4, L5, L6)
# ------------------------------------------------------------------------------------------

@dataclass
class Frame:
    """A running command."""
    command: Command
    cwd: str
    prefix: str = ""         # call path, with `>` at the end
    depth: int = 0
    bindings: dict = field(default_factory=dict)
    shared: dict = field(default_factory=dict)


@dataclass
class Given:
    """A word that is given to a command: its text, and how it was written, with HOLE for each `${…}`."""
    text: str
    written: str


ABSENT = object()
HOLE = "\uffff"


def truth(flag):
    return "true" if flag else "false"


def number(text):
    """L4.4: a text that is not a number counts as 0."""
    return float(text) if NUMBER.match(text) else 0.0


class Run:
    def __init__(self, case):
        host = case.get("host", {})
        self.os, self.arch = host.get("os", "linux"), host.get("arch", "amd64")
        self.env, self.programs = host.get("env", {}), host.get("programs", {})
        self.cwd = clean(host.get("cwd", "/"))
        self.bin_dir = host.get("bin_dir")
        self.tree = Tree(host.get("tree", {}), self.cwd)
        self.policy = Policy(case.get("policy") or {}, self.cwd)
        self.started, self.stdout, self.visits = {}, [], []
        self.loops, self.steps, self.unspecified = [], 0, False
        self.program = load(case["program"])

    def answer(self, case):
        failure = usage = None
        status = 0
        try:
            command = self.program.commands.get(case["command"])
            if command is None or command.private:                            # L3.3
                raise UsageError(f"no command {case['command']} to run")
            frame = Frame(command, self.cwd)
            words = [Given(word, word) for word in case.get("args", [])]
            given = self.judge(command, words)                                # L2.2, L3.2
            frame.shared = self.shared(frame)
            self.begin(frame, given)
            self.body(frame, command.body)
        except UsageError as error:
            usage, status = str(error), 2
        except Exit as exit:
            status = exit.status
        except Failure as error:                                              # L6.2
            failure = {"kind": error.kind}
            program = error.kind == "shell_exit_nonzero" and 1 <= int(error.code) <= 125
            status = int(error.code) if program else 1
        answer = {"id": case.get("id"), "exit": status, "stdout": "".join(self.stdout),
                  "failure": failure, "visits": self.visits,
                  "tree": {p: e for p, e in sorted(self.tree.entries.items()) if p != "/"}}
        if self.unspecified:
            answer["unspecified"] = True
        if usage is not None:
            answer["usage_error"] = usage
        return answer

    # -- nodes -------------------------------------------------------------------------

    def record(self, node, failure=None):
        self.visits.append({"node": node, "visit": list(self.loops), "ok": failure is None,
                            "kind": failure.kind if failure else None})

    def decide(self, node, op, part):
        """Does a node's own part and records how it went. Exit is ok.
        READING L6.1: what no op has raised has the node's name in a report (verdicts.md 9) as `op`."""
        try:
            value = part()
        except Failure as failure:
            failure.op = failure.op or op
            self.record(node, failure)
            raise
        except Exit:
            self.record(node)
            raise
        self.record(node)
        return value

    # -- names (L5) --------------------------------------------------------------------

    def bound(self, frame, name):
        """The binding of a name, or None: own, shared, facts (L5.1, L5.4).
        READING L4.2-4.4: the environment is seen by `${…}` only; it binds nothing."""
        for bindings in (frame.bindings, frame.shared, self.facts(frame)):
            if name in bindings:
                value = bindings[name]
                self.unspecified |= isinstance(value, Unspecified)
                return value
        return None

    def facts(self, frame):
        """L5.4. READING: is_unix is every system but windows."""
        return {"os": self.os, "arch": self.arch, "cwd": frame.cwd,
                "is_windows": truth(self.os == "windows"), "is_macos": truth(self.os == "macos"),
                "is_linux": truth(self.os == "linux"), "is_unix": truth(self.os != "windows")}

    def lookup(self, frame, name):
        """L5.1"""
        value = self.bound(frame, name)
        if value is None:
            value = self.env.get(name)
        if value is None:
            raise Failure("unresolved_var", f"nothing is named {name}")
        return value

    def text(self, frame, word):
        """L1.6"""
        return "".join(part if kind == "text" else self.lookup(frame, part)
                       for kind, part in word.segments)

    def operand(self, frame, word):
        """L4.2"""
        name = word.bare_name()
        value = self.bound(frame, name) if name else None
        return self.text(frame, word) if value is None else value

    # -- starting a command (L2.2, L3.2) -------------------------------------------------

    def shared(self, frame):
        """L2.2: in order, once."""
        view = Frame(frame.command, frame.cwd)
        for name, word, head in self.program.shared:
            if word.has_names:
                node = f"shared:{head.line}:{head.column}"
                view.shared[name] = self.decide(node, "let", lambda: self.text(view, word))
            else:
                view.shared[name] = word.constant()
        return view.shared

    def begin(self, frame, given):
        """L3.2: arguments in order of declaration. A default sees what the body would see: the caller's
        bindings (L4.8), shared ones, and the arguments above it."""
        for arg in frame.command.args:
            if arg.name in given:
                value = given[arg.name]
            elif arg.default is not None and arg.default.has_names:
                node = f"{frame.prefix}{frame.command.name}:{arg.line}:{arg.column}"
                value = self.decide(node, "arg", lambda: self.text(frame, arg.default))
            elif arg.default is not None:
                value = arg.default.constant()
            else:
                value = {"string": "", "bool": "false"}.get(arg.type, "0")
            # READING L3.2: the value of a default is judged like a word.
            frame.bindings[arg.name] = self.typed(arg, value)

    def judge(self, command, words):
        """L3.2: the words that are given, and what is missing."""
        args = command.args
        by_name = {a.name: a for a in args}
        given, loose, flags, i = {}, [], True, 0

        def give(arg, value):
            if arg.name in given:                     # READING: twice is a usage error
                raise UsageError(f"{arg.name} is given twice")
            given[arg.name] = self.typed(arg, value)

        def is_flag(word):
            """By how it is written, never by a value that is inserted."""
            return word.written.startswith("-") and not re.match("-[0-9]|-$", word.written)

        while i < len(words):
            word, i = words[i], i + 1
            if flags and word.written == "--":
                flags = False
            elif flags and is_flag(word):
                name, equals, value = word.written[2 if word.written.startswith("--") else 1:].partition("=")
                if not equals and HOLE in name:
                    raise UsageError(f"the name of a flag must be written out: {word.text}")
                arg = by_name.get(name)
                if arg is None:
                    raise UsageError(f"unknown flag {word.text}")
                if equals:
                    value = word.text.partition("=")[2]
                elif arg.type == "bool":
                    value = "true"
                else:
                    if i >= len(words) or is_flag(words[i]):    # READING: a flag is no value
                        raise UsageError(f"{word.text} wants a value")
                    value, i = words[i].text, i + 1
                give(arg, value)
            else:
                loose.append(word.text)
        indexed = sorted((a for a in args if a.index is not None), key=lambda a: a.index)
        if len(loose) > len(indexed):
            raise UsageError(f"surplus word {loose[len(indexed)]}")
        for arg, word in zip(indexed, loose):         # READING: flags do not shift the others
            give(arg, word)
        for arg in args:
            if arg.name not in given and arg.default is None and not arg.optional:
                raise UsageError(f"{arg.name} is missing")
        return given

    @staticmethod
    def typed(arg, value):
        good = {"string": True, "int": INTEGER.match(value), "float": NUMBER.match(value),
                "bool": value in ("true", "false")}[arg.type]
        if not good:
            raise UsageError(f"{arg.name} is not of type {arg.type}: {value}")
        return value

    # -- statements (L4) -----------------------------------------------------------------

    def body(self, frame, statements):
        for statement in statements:
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise CaseError("too many steps")
            node = f"{frame.prefix}{frame.command.name}:{statement.line}:{statement.column}"
            getattr(self, "run_" + statement.kind)(frame, node, statement.parts)

    def run_action(self, frame, node, action):
        self.decide(node, action.kind, lambda: self.act(frame, node, action))

    def run_assign(self, frame, node, parts):
        """L4.3: if the right side fails, the name keeps what it was."""
        name, action = parts

        def part():
            frame.bindings[name] = self.act(frame, node, action, capture=True)
        self.decide(node, "call" if action.kind == "call" else "let", part)

    def act(self, frame, node, action, capture=False):
        """Evaluates the operands from the left (L4.11), then acts; the value yielded."""
        if action.kind == "text":
            return self.text(frame, action.words[0])
        if action.kind == "name":
            value = self.bound(frame, action.name)
            if value is None:
                raise Failure("unresolved_var", f"nothing is bound to {action.name}")
            return value
        try:
            if action.kind == "op":
                operands = [self.operand(frame, w) for w in action.words]
                return getattr(self, "op_" + action.name)(frame, *operands) or ""
            words = [self.text(frame, w) for w in action.words]               # L4.2
            if action.kind == "program":
                return self.start(frame, words, capture)
            words = [Given(t, w.written()) for t, w in zip(words, action.words)]
        except Failure as failure:      # L6.1. READING: also of an operand without a value
            if action.kind != "call":
                failure.op = failure.op or action.name
            raise
        return self.call(frame, node, self.program.commands[action.name], words)

    def call(self, frame, node, command, words):
        """L4.8. READING: the depth is looked at before the words are parsed."""
        if frame.depth >= MAX_CALLS:
            raise Failure("recursion_limit", "calls nest too deep")
        callee = Frame(command, frame.cwd, node + ">", frame.depth + 1,
                       dict(frame.bindings), frame.shared)
        try:
            self.begin(callee, self.judge(command, words))
        except UsageError as error:                                           # L3.2
            raise Failure("invalid_argument", str(error))
        self.body(callee, command.body)
        return ""                                                             # L4.3

    def run_chain(self, frame, node, clauses):
        """L4.9"""
        def part():
            failure = None
            for k, (joiner, action, head) in enumerate(clauses):
                if joiner == "&&" and failure or joiner == "||" and not failure:
                    continue
                place = f"{frame.prefix}{frame.command.name}:{head.line}:{head.column}/{k}"
                failure = None
                try:
                    self.decide(place, action.kind, lambda: self.act(frame, place, action))
                except Failure as error:
                    failure = error
            if failure:
                raise failure
        self.decide(node, "chain", part)

    def run_if(self, frame, node, parts):
        """L4.4"""
        arms, otherwise = parts

        def choose():
            for condition, body in arms:
                if self.holds(frame, condition):
                    return body
            return otherwise
        self.body(frame, self.decide(node, "if", choose))

    def holds(self, frame, condition):
        form = condition[0]
        if form == "or":
            return self.holds(frame, condition[1]) or self.holds(frame, condition[2])
        if form == "and":
            return self.holds(frame, condition[1]) and self.holds(frame, condition[2])
        if form == "not":
            return not self.holds(frame, condition[1])
        if form == "name":
            value = self.named(frame, condition[1])
        elif form == "predicate":
            value = self.act(frame, "", Action("op", condition[1], condition[2]))
        else:
            _, first, op, second = condition
            name = first.bare_name()
            left = self.named(frame, name) if name else self.text(frame, first)
            right = self.text(frame, second)
            if op in ("==", "!="):
                return (left == right) == (op == "==")
            a, b = number(left), number(right)
            return {"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[op]
        return value not in ("", "false", "0")

    def named(self, frame, name):
        """L4.4: unbound is empty text, and `true` and `false` mean themselves."""
        value = self.bound(frame, name)
        return (name if name in ("true", "false") else "") if value is None else value

    def run_for_each(self, frame, node, parts):
        """L4.5"""
        operand, name, body = parts
        value = self.decide(node, "for_each", lambda: self.operand(frame, operand))
        before = frame.bindings.get(name, ABSENT)
        try:
            for index, element in enumerate(e for e in value.split("\n") if e):
                frame.bindings[name] = element
                self.loops.append(index)
                try:
                    self.body(frame, body)
                finally:
                    self.loops.pop()
        finally:
            self.restore(frame, {name: before})

    @staticmethod
    def restore(frame, before):
        for name, value in before.items():
            if value is ABSENT:
                frame.bindings.pop(name, None)
            else:
                frame.bindings[name] = value

    def run_match(self, frame, node, parts):
        """L4.6"""
        operand, arms = parts

        def choose():
            target = self.operand(frame, operand)
            for word, body in arms:
                if word is None or self.text(frame, word) == target:
                    return body
            return []
        self.body(frame, self.decide(node, "match", choose))

    def run_try(self, frame, node, parts):
        """L4.7. A try has no part of its own that could fail: recorded on entry."""
        body, name, rescue, final = parts
        self.record(node)
        pending = None
        try:
            try:
                self.body(frame, body)
            except Failure as failure:
                if not rescue:                        # missing, or without a statement
                    raise
                fields = {name + suffix: v for suffix, v in failure.fields().items()}
                before = {n: frame.bindings.get(n, ABSENT) for n in fields}
                frame.bindings.update(fields)
                try:
                    self.body(frame, rescue)
                finally:
                    self.restore(frame, before)
        except (Failure, Exit) as ending:
            pending = ending
        self.body(frame, final)                       # what it raises wins
        if pending:
            raise pending

    # -- programs (O exec, Y, F2) ----------------------------------------------------------

    def found(self, frame, bin):
        """O has_bin. A modelled program whose name has a slash stands at that path."""
        if bin in self.programs and (self.bin_dir is None or self.tree.kind(join(self.bin_dir, bin)) == "file"):
            return bin
        if "/" in bin and "\0" not in bin and clean(bin, frame.cwd) in self.programs:
            return clean(bin, frame.cwd)
        return None

    def start(self, frame, words, capture):
        bin = words[0]
        self.policy.ask_start(bin, frame.cwd)
        self.check_directory(frame.cwd)
        name = self.found(frame, bin)
        if name is None:
            raise Failure("bin_not_found", f"no program {bin}")
        entries = self.programs[name] or [{}]
        entry = entries[min(self.started.get(name, 0), len(entries) - 1)]
        self.started[name] = self.started.get(name, 0) + 1
        for effect in entry.get("effects", []):
            self.tree.effect(effect, frame.cwd)
        stdout, status = entry.get("stdout", ""), entry.get("status", 0)
        if not capture:
            self.stdout.append(stdout)
        if status:
            raise Failure("shell_exit_nonzero", f"{bin} ended with status {status}", str(status))
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

    def ask_path(self, op, ask, path, follow, links=True):
        if self.policy.no_write and ask != "read":
            raise Failure("cap_write_denied", f'op "{op}" is disabled by --no-write')   # Y5
        self.policy.ask_path(self.tree, ask, path, follow, links)

    def make_dirs(self, op, path):
        """Y3: asks to write each directory that is really made, outermost first."""
        for made in ancestors(path) + [path]:
            if self.tree.kind(made) is None:
                self.ask_path(op, "write", made, False)
        self.tree.make_dirs(path)

    def op_cwd(self, frame):
        return frame.cwd

    def op_get_os(self, frame):
        return self.os

    def op_get_arch(self, frame):
        return self.arch

    def op_print(self, frame, *words):
        self.stdout.append(" ".join(words) + "\n")

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
        except Failure as failure:
            if failure.kind == "read_not_permitted":                          # Y table
                return None
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

    def source(self, path, follow=True):
        """Guards that many ops begin with: ancestors; missing: file_not_found."""
        resolved = self.tree.walk(path, follow)
        self.tree.check_ancestors(resolved)
        if self.tree.kind(resolved) is None:
            raise Failure("file_not_found", f"not there: {path}")
        return resolved

    def op_read_file(self, frame, p):
        path = self.source(self.ask(frame, "read_file", ("read", p, True))[0])
        if self.tree.kind(path) == "dir":
            raise Failure("is_a_directory", f"a directory: {p}")
        return self.tree.entries[path].get("content", "")

    def op_write_file(self, frame, p, text):
        path = self.tree.walk(self.ask(frame, "write_file", ("write", p, True))[0])
        self.tree.check_ancestors(path)
        if self.tree.kind(path) == "dir":
            raise Failure("is_a_directory", f"a directory: {p}")
        self.tree.put(path, {"kind": "file", "content": text})

    def op_mkdir(self, frame, p):
        path = self.tree.walk(self.ask(frame, "mkdir", ("write", p, True))[0])
        if self.tree.wrong_ancestor(path) or self.tree.kind(path) == "file":
            raise Failure("not_a_directory", f"a file is in the way of {p}")
        self.make_dirs("mkdir", path)

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

    def op_has_bin(self, frame, name):
        return truth(self.found(frame, name) is not None)

    def op_get_env(self, frame, name):
        return self.env.get(name, "")

    def op_cd(self, frame, p):
        path = clean(p, frame.cwd)
        self.check_directory(path)
        frame.cwd = path                              # the cleaned path, not the resolved one

    def op_upper(self, frame, t):
        return t.upper()

    def op_replace(self, frame, t, old, new=None):
        if new is None:
            if "," not in old:
                return t
            old, _, new = old.partition(",")
        return t.replace(old, new) if old else t

    def op_length(self, frame, t):
        return str(len(t))


# ------------------------------------------------------------------------------------------

def answer(case):
    try:
        return Run(case).answer(case)
    except LoadError as error:
        return {"id": case.get("id"), "load_error": str(error)}
    except (CaseError, Failure, KeyError, TypeError, AttributeError) as error:
        return {"id": case.get("id"), "case_error": f"{type(error).__name__}: {error}"}


def main():
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    sys.set_int_max_str_digits(0)                     # integers have no longest text
    sys.setrecursionlimit(1_000_000)                  # 64 calls, each with nested blocks
    threading.stack_size(512 * 1024 * 1024)
    worker = threading.Thread(target=main)
    worker.start()
    worker.join()
