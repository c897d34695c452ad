"""Packages (O13), on Linux."""

import re

from oracle_failures import Failure

# The managers in their order: name, program, what it is started with to install and to remove, what is asked, and what it says if the package is there.
MANAGERS = (("apt", "apt-get", "install -y", "remove -y", "dpkg-query --show --showformat=${Status}", "ok installed"),
            ("dnf", "dnf", "install -y", "remove -y", "rpm -q", ""),
            ("yum", "yum", "install -y", "remove -y", "rpm -q", ""),
            ("pacman", "pacman", "-S --noconfirm", "-R --noconfirm", "pacman -Q", ""),
            ("apk", "apk", "add", "del", "apk info -e", ""),
            ("zypper", "zypper", "--non-interactive install", "--non-interactive remove", "rpm -q", ""))

FILES = (".apk", ".config", ".deb", ".json", ".nupkg", ".pkg.tar.xz", ".pkg.tar.zst", ".rpm")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@:/=~-]*\Z")


class Packages:
    """What `Run` does with packages."""

    def manager(self, frame):
        self.ask_fact()
        return next((one for one in MANAGERS if self.found(frame, one[1])), None)

    def op_detect_pkg_mgr(self, frame):
        found = self.manager(frame)
        return found and found[0]

    def check_package(self, name):
        if not NAME.match(name) or name.endswith("-") or "//" in name or name.lower().endswith(FILES):
            raise Failure("invalid_argument", f"no name of a package: {name}")

    def change(self, frame, name, what):
        self.check_package(name)
        found = self.manager(frame)
        self.ask_bin((found or MANAGERS[0])[1], frame.cwd)
        if found is None:
            raise Failure("bin_not_found", "no package manager")
        sudo = [] if self.machine["uid"] == "0" else ["sudo"]
        self.start(frame, sudo + [found[1]] + found[what].split() + [name], False)

    def op_pkg_install(self, frame, name):
        self.change(frame, name, 2)

    def op_pkg_uninstall(self, frame, name):
        self.change(frame, name, 3)

    def op_pkg_installed(self, frame, name):
        self.check_package(name)
        found = self.manager(frame)
        if found is None:
            self.ask_bin(MANAGERS[0][1], frame.cwd)
            return "false"
        words = found[4].split()
        self.ask_bin(words[0], frame.cwd)
        try:
            said = self.start(frame, words + [name], True)
        except Failure:
            return "false"
        return "true" if found[5] in said else "false"
