"""The modelled host (P, F2), and what its policy allows (Y, P4)."""

from oracle_failures import CaseError, Failure, Hidden

MAX_LINKS = 40          # P2


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


class Policy:
    def __init__(self, policy, cwd):
        self.no_write = bool(policy.get("no_write"))
        self.no_subprocess = bool(policy.get("no_subprocess"))
        self.no_shell, self.no_metachars = bool(policy.get("no_shell")), bool(policy.get("no_shell_metachars"))
        reads, writes = policy.get("allow_read"), policy.get("allow_write")
        # P4: roots are cleaned texts. READING: relative ones lie in the starting directory.
        self.write_roots = None if writes is None else [clean(r, cwd) for r in writes]
        # Y2: a write root is also a read root; without --allow-read everything is readable.
        self.read_roots = (None if reads is None
                           else [clean(r, cwd) for r in reads] + (self.write_roots or []))
        self.bins = policy.get("allow_bin")
        self.no_network, self.private_ips = bool(policy.get("no_network")), bool(policy.get("allow_private_ips"))
        self.hosts = policy.get("allow_host")
        roots = [self.read_roots, self.write_roots]
        # Y10: what is outside of all roots but `/` may be used.
        self.unrestricted = not self.no_write and all(r is None or "/" in r for r in roots)

    def gate(self, ask):
        """P4: the roots, and how a path outside of them fails."""
        roots = self.read_roots if ask == "read" else self.write_roots
        return ["/"] if roots is None else roots, Hidden, (
            "read_not_permitted" if ask == "read" else "write_not_permitted")

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
