"""What a program carries along (L13, O11). Files of this model have no permissions: none can be started."""

import hashlib
import posixpath

from oracle_failures import Failure
from oracle_host import clean, inside, join, parent

BUNDLE_OPS = {"bundle_dir": (0, 0), "bundle_extract": (1, 1), "bundle_hash": (0, 0)}


class Bundles:
    """What `Run` bundles."""

    def bundle_roots(self):
        """L13.1: paths from the directory of the main file; that of a file is the one before its name."""
        whole = self.whole_program
        for file in sorted(whole.files, key=whole.number):
            for words in whole.files[file].bundle:
                yield posixpath.normpath(posixpath.join(posixpath.dirname(file), words[1].constant()))

    def bundle_path(self, frame, name):
        return clean(name, self.all_facts(frame)["bundle_dir"])

    def bundled_files(self, frame, op):
        """L13.3"""
        found = set()
        roots = list(self.bundle_roots())
        if not roots:
            raise Failure("file_not_found", "nothing is bundled")
        for root in roots:
            path = self.bundle_path(frame, root)
            if self.peek(path) == "dir":
                path = self.listed(frame, op, path)
                for one in self.tree.beneath(path):
                    if self.tree.kind(one) == "link":
                        raise Failure("invalid_argument", f"a link: {one}")
                    if self.tree.kind(one) != "dir":
                        found.add(posixpath.normpath(f"{root}/{one[len(path.rstrip('/')) + 1:]}"))
            else:
                self.content(frame, op, path)
                found.add(root)
        return sorted(found, key=str.encode)

    def op_bundle_hash(self, frame):
        self.ask_fact()
        lines = []
        for name in self.bundled_files(frame, "bundle_hash"):
            text = self.content(frame, "bundle_hash", self.bundle_path(frame, name))
            lines.append(f"{hashlib.sha256(text.encode()).hexdigest()} - {name}\n")
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def op_bundle_extract(self, frame, dst):
        op = "bundle_extract"
        self.ask_fact()
        dst, = self.ask(frame, op, ("write", dst, True), links=False)
        names = self.bundled_files(frame, op)
        for root in self.bundle_roots():
            if inside(dst, self.bundle_path(frame, root)):
                raise Failure("invalid_argument", f"{dst} is bundled")
        pairs = [(self.bundle_path(frame, name), join(dst, name)) for name in names]
        same = all([self.peek(to) == "file" and self.content(frame, op, at) == self.content(frame, op, to) for at, to in pairs])
        self.op_mkdir(frame, dst, op)
        for root in () if same else self.bundle_roots():
            at, to = self.bundle_path(frame, root), dst
            for part in root.split("/") if root != "." else ():
                to = join(to, part)
                if self.own_kind(to) == "link":
                    raise Failure("invalid_argument", f"a link: {to}")
            if self.peek(at) == "dir":
                self.op_copy_dir(frame, at, to)
            else:
                self.op_mkdir(frame, parent(to), op)
                target = self.to_write(frame, op, to)
                self.tree.put(target, self.tree.entries[self.source(at)])
        return dst

    def own_kind(self, path):
        """Of the entry itself; None if there is no way to it."""
        try:
            return self.tree.kind(self.tree.walk(path, follow=False))
        except Failure:
            return None
