"""Packing and unpacking (O12)."""

from oracle_failures import Failure
from oracle_host import ancestors, inside

PACKING = ("gzip", "ungzip", "tar_create", "tar_extract", "zip_create", "zip_extract")

# What is compressed is, here, what it was behind this sign; no text begins with it.
SIGN = "\x1f"
# What a packed tree is: its number behind one of these.
TREES = {"tar": SIGN + "tree", "zip": "\x1ezip"}


def leads_out(path, target):
    """O12: from its own directory a link goes up no further than the destination, and then only down."""
    above, down = path.count("/"), False
    for part in target.split("/"):
        if part == "..":
            if down or not above:
                return True
            above -= 1
        elif part not in ("", "."):
            down = True
    return target.startswith("/")


class Archives:
    """What `Run` packs."""

    def from_and_to(self, frame, op, a, b):
        a, b = self.ask(frame, op, ("read", a, True), ("write", b, True))
        return self.source(a), self.tree.walk(b)

    def from_file_to_file(self, frame, op, a, b):
        source, target = self.from_and_to(frame, op, a, b)
        if self.tree.kind(source) == "dir":
            raise Failure("is_a_directory", f"a directory: {a}")
        self.check_free(target)
        if source == target:
            raise Failure("invalid_argument", f"the same file: {a}, {b}")
        return self.tree.entries[source].get("content", ""), target

    def check_free(self, target):
        self.tree.check_ancestors(target)
        if self.tree.kind(target) == "dir":
            raise Failure("is_a_directory", f"a directory: {target}")

    def put_content(self, path, content):
        self.tree.put(path, {"kind": "file", "content": content})

    def packed(self, content):
        if not content.startswith(SIGN):
            raise Failure("parse_failed", "not compressed")
        return content[len(SIGN):]

    def op_gzip(self, frame, a, b):
        content, target = self.from_file_to_file(frame, "gzip", a, b)
        self.put_content(target, SIGN + content)

    def op_ungzip(self, frame, a, b):
        content, target = self.from_file_to_file(frame, "ungzip", a, b)
        self.put_content(target, self.packed(content))

    def op_tar_create(self, frame, a, b):
        self.pack_tree(frame, "tar", a, b)

    def op_zip_create(self, frame, a, b):
        self.pack_tree(frame, "zip", a, b)

    def op_tar_extract(self, frame, a, b):
        self.unpack_tree(frame, "tar", a, b)

    def op_zip_extract(self, frame, a, b):
        self.unpack_tree(frame, "zip", a, b)

    def pack_tree(self, frame, how, a, b):
        source, target = self.from_and_to(frame, how + "_create", a, b)
        if self.tree.kind(source) != "dir":
            raise Failure("not_a_directory", f"not a directory: {a}")
        self.check_free(target)
        if inside(target, source):
            raise Failure("invalid_argument", f"{b} lies in {a}")
        below = len(source.rstrip("/")) + 1
        self.archives.append({path[below:]: dict(self.tree.entries[path]) for path in self.tree.beneath(source)})
        self.put_content(target, f"{TREES[how]}{len(self.archives)}")

    def unpack_tree(self, frame, how, a, b):
        op = how + "_extract"
        source, target = self.from_and_to(frame, op, a, b)
        if self.tree.kind(source) == "dir":
            raise Failure("is_a_directory", f"a directory: {a}")
        if self.tree.wrong_ancestor(target) or self.tree.kind(target) == "file":
            raise Failure("not_a_directory", f"a file is in the way of {b}")
        for made in ancestors(target):
            if self.tree.kind(made) is None:
                self.ask_path(op, "write", made, False)
        content = self.tree.entries[source].get("content", "")
        if not content.startswith(TREES[how]):
            raise Failure("parse_failed", f"no such archive: {a}")
        archive = self.archives[int(content[len(TREES[how]):]) - 1]
        for path, entry in archive.items():
            if entry["kind"] == "link" and leads_out(path, entry["target"]):
                raise Failure("file_path_disallowed", f"leads out: {path}")
        at = target.rstrip("/") + "/"
        for path, entry in archive.items():
            there = self.tree.kind(at + path)
            if there and (entry["kind"] == "dir") != (there == "dir"):
                raise Failure("file_already_exists", f"in the way: {path}")
        self.make_dirs(op, target)
        for path, entry in archive.items():
            self.tree.put(at + path, entry)
