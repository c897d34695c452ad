"""What a running command has, and small functions of all that runs."""

import re
from dataclasses import dataclass, field

from oracle_program import Command
from oracle_text import NUMBER


@dataclass
class Frame:
    """A running command."""
    command: Command
    cwd: str
    prefix: str = ""         # call path, with `>` at the end
    depth: int = 0
    bindings: dict = field(default_factory=dict)
    shared: dict = field(default_factory=dict)
    lists: dict = field(default_factory=dict)        # L1.9: what `${NAME...}` stands for
    hygienic: list = field(default_factory=list)     # L11.2: arguments of the templates around, innermost last
    scope: int = 0                                   # L12.4: whose shared bindings these are

    def branch(self):
        """L4.14"""
        return Frame(self.command, self.cwd, self.prefix, self.depth, dict(self.bindings), self.shared,
                     dict(self.lists), [dict(one) for one in self.hygienic], self.scope)

    def bind(self, name, value):
        innermost = self.hygienic[-1] if self.hygienic else {}
        if name in innermost:                         # READING L11.2: also as the left side of `=`
            innermost[name] = value
        else:
            self.bindings[name] = value


@dataclass
class Given:
    """A word that is given to a command: its text, and how it was written, with HOLE for each `${…}`."""
    text: str
    written: str


def number(text):
    """L4.4: a text that is not a number counts as 0."""
    return float(text) if NUMBER.match(text) else 0.0


VERSION = re.compile(r"v?([0-9]+(?:\.[0-9]+){2,})(?:-([A-Za-z0-9.-]+))?(?:\+[A-Za-z0-9.-]+)?\Z")


def version(text):
    """L7.4, L9.3: something that compares like the version that the text is, if it has two dots at least."""
    found = VERSION.match(text)
    if found is None:
        return None
    numbers = [int(part) for part in found[1].split(".")]
    while numbers[-1:] == [0]:
        numbers.pop()
    return numbers, found[2] is None, found[2] or ""
