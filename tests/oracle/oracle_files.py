"""Programs of several files (L12): what names mean in each, and whose shared bindings are seen where."""

from dataclasses import dataclass, field

from oracle_failures import LoadError
from oracle_program import Parser

MAIN = ""


@dataclass
class Scope:
    """L12.4: files that share what they bind, and the scope around theirs, if they were imported with an alias."""
    files: list
    around: int = -1


@dataclass
class Whole:
    files: dict                                      # {name: Program}
    commands: dict = field(default_factory=dict)     # {file: {what its bodies call it: Command}}
    templates: dict = field(default_factory=dict)
    scopes: list = field(default_factory=list)

    @property
    def main(self):
        return self.files[MAIN]

    def listing(self):
        """L3.9: what `--list` shows: what the file says of itself, what may be called, what answers to other words."""
        info, here = self.main.info, self.commands[MAIN]
        title = " ".join(info[key] for key in ("name", "version") if info.get(key))
        lines = [line for line in (title, info.get("about", "")) if line]
        order = [id(one) for file in sorted(self.files, key=self.number) for one in self.files[file].commands.values()]
        named = {}
        for name in sorted(here):
            named.setdefault(id(here[name]), name)
        shown = sorted((one for one in named if one in order), key=order.index)
        by_id = {id(one): one for one in here.values()}
        rows = [(named[one], by_id[one].about) for one in shown if not by_id[one].private and "test" not in by_id[one].config]
        catch = self.main.catch
        if catch:
            rows.append((catch.name.upper() + "…", "any other word" + (f": {catch.about}" if catch.about else "")))
        width = max((len(name) for name, _ in rows), default=0)
        lines += [f"  {name:<{width}}  {about}".rstrip() for name, about in rows] or ["no commands"]
        return "".join(line + "\n" for line in lines)

    def number(self, file):
        """READING: reports number the files as they are met, the imports of a file one after the other."""
        found, open_files = [MAIN], [MAIN]
        while open_files:
            paths = dict.fromkeys(name_of(path) for path, _ in self.files[open_files.pop()].imports)
            more = [name for name in paths if name not in found]
            found += more
            open_files += reversed(more)
        return found.index(file)

    def scope_of(self, scope, file):
        """READING L12.4: where a command of a file sees shared bindings when something in a scope calls it."""
        if file in self.scopes[scope].files:
            return scope
        begins = [at for at, one in enumerate(self.scopes) if one.files[0] == file]
        return (begins + [at for at, one in enumerate(self.scopes) if file in one.files])[0]

    def seen_from(self, scope):
        """The scope and those around it, from the outside."""
        return [*(self.seen_from(self.scopes[scope].around) if scope else ()), scope]


def name_of(path):
    """READING: paths of the model are names beside the main file."""
    return path.removeprefix("./")


def load(source, texts=None):
    """Calls are told from programs by name (L4.1), wherever the command stands (L2.1):
    one reading for the names of commands and templates, one with them."""
    texts = {MAIN: source, **(texts or {})}
    first = Whole({})
    reachable(texts, MAIN, first.files)
    names(first)
    whole = Whole({name: Parser(texts[name], set(first.commands[name]), set(first.templates[name])).file()
                   for name in first.files})
    names(whole)
    scopes(whole)
    return whole


def reachable(texts, name, found):
    if name not in texts:
        raise LoadError(f"no file {name}")
    found[name] = Parser(texts[name]).file()
    for path, _ in found[name].imports:
        if name_of(path) not in found:
            reachable(texts, name_of(path), found)


def names(whole):
    """L12.1, L12.3: a file's own, what it imports, what the main file says."""
    def seen(file, kind, around):
        found = dict(getattr(whole.files[file], kind))
        for path, alias in whole.files[file].imports:
            other = name_of(path)
            if other in around:
                raise LoadError(f"{other} imports itself")
            for name, command in seen(other, kind, (*around, other)).items():
                if alias is None or kind == "templates":
                    if not command.private:
                        found.setdefault(name, command)
                else:
                    found.setdefault(f"{alias}.{name}", command)
        return found

    for kind in ("commands", "templates"):
        for file, program in whole.files.items():
            for command in getattr(program, kind).values():
                command.home = file
        main = seen(MAIN, kind, (MAIN,))
        for file in whole.files:
            getattr(whole, kind)[file] = {**main, **seen(file, kind, (file,))}
    keys = {}
    for name in sorted(whole.commands[MAIN]):
        keys.setdefault(id(whole.commands[MAIN][name]), name)
    for file, program in whole.files.items():
        for command in program.commands.values():
            # What reports call it: as the main file does, first in order.
            command.name = keys.get(id(command), f"{file}:{command.name}")


def scopes(whole):
    begun, heads = {MAIN}, [(-1, MAIN)]
    while len(whole.scopes) < len(heads):
        around, head = heads[len(whole.scopes)]
        files = merged(whole, head, [])
        for file in files:
            for path, alias in whole.files[file].imports:
                other = name_of(path)
                if alias and other not in files and other not in begun:
                    begun.add(other)
                    heads.append((len(whole.scopes), other))
        whole.scopes.append(Scope(files, around))


def merged(whole, file, found):
    """A file and what it imports without an alias."""
    if file not in found:
        found.append(file)
        for path, alias in whole.files[file].imports:
            if alias is None:
                merged(whole, name_of(path), found)
    return found
