"""The network (N): hosts as texts, who may be talked to, and what is known without asking anybody."""

import ipaddress
import re
from urllib.parse import urljoin
import unicodedata

from oracle_failures import Failure, Unspecified
from oracle_host import clean
from oracle_text import seconds, truth

# N3: beneath these are this machine and its own network.
NEARBY = ("localhost", "localdomain", "local", "internal", "home.arpa")
# N2: networks that are not the open one.
PRIVATE = [ipaddress.ip_network(text) for text in """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
    192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4""".split()]
CLOSED = [ipaddress.ip_network(text) for text in "2001::/23 2001:db8::/32 3fff::/20".split()]


def number(text):
    """N1: a part of an address of IPv4: decimal, octal behind 0, hexadecimal behind 0x."""
    if re.fullmatch(r"0[xX][0-9a-fA-F]*", text):
        return int(text[2:] or "0", 16)
    if re.fullmatch(r"0[0-7]+", text):
        return int(text, 8)
    return int(text) if re.fullmatch(r"[1-9][0-9]*|0", text) else None


def host(text):
    """N1: the host in the one way in which it is written: an address, or a name. None if it is no host."""
    # READING N1: names that stay outside of ASCII, and percent signs, are not modelled.
    text = unicodedata.normalize("NFKC", text)
    if not text or re.search(r"[\s\x00-\x1f\x7f/\\@?#%<>^|]", text) or not text.isascii():
        return None
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if ":" in bare or bare != text:
        try:
            return ipaddress.IPv6Address(bare)
        except ValueError:
            return None
    name = text.lower().removesuffix(".")
    labels = name.split(".")
    if "" in labels:
        return None
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        parts = [number(label) for label in labels]
        if len(parts) > 4 or None in parts or any(part > 255 for part in parts[:-1]) or parts[-1] >= 256 ** (5 - len(parts)):
            return None
        whole = parts[-1] + sum(part << 8 * (3 - at) for at, part in enumerate(parts[:-1]))
        return ipaddress.IPv4Address(whole)
    return name


def embedded(address):
    """N2: the addresses of IPv4 that one of IPv6 leads to."""
    whole = int(address)
    words = [whole >> 16 * (7 - at) & 0xffff for at in range(8)]
    low = ipaddress.IPv4Address(whole & 0xffffffff)
    if words[:6] in ([0] * 6, [0] * 5 + [0xffff], [0, 0, 0, 0, 0xffff, 0], [0x64, 0xff9b, 0, 0, 0, 0]):
        return [low], True
    if words[0] == 0x2002:
        return [ipaddress.IPv4Address(whole >> 80 & 0xffffffff)], False
    if words[:2] == [0x2001, 0]:
        return [ipaddress.IPv4Address(whole >> 64 & 0xffffffff), ipaddress.IPv4Address(~whole & 0xffffffff)], True
    if words[4] in (0, 0x200) and words[5] == 0x5efe:
        return [low], False
    return [], False


def is_private(found):
    """N2, N3"""
    if isinstance(found, str):
        return any(found == end or found.endswith("." + end) for end in NEARBY)
    if found.version == 4:
        return any(found in network for network in PRIVATE)
    inner, whole = embedded(found)
    if any(is_private(one) for one in inner):
        return True
    return not whole and (found not in ipaddress.ip_network("2000::/3") or any(found in network for network in CLOSED))


def listed(entries, found, port):
    """Y table: an entry of a list of hosts; a port of "" is none."""
    def means(entry):
        name, wanted = entry, None
        match = re.fullmatch(r"(\[.*\]|[^:]*):([0-9]+)", entry)
        if match:
            name, wanted = match[1], match[2]
        star = re.match(r"\*\*?\.", name)
        if star:
            end = host(name[star.end():])
            if not isinstance(end, str) or not isinstance(found, str) or not found.endswith("." + end):
                return False
            before = found[:-len(end) - 1]
            if not before or star[0] == "*." and "." in before:
                return False
        elif host(name) != found:
            return False
        return wanted is None or port in ("", wanted)
    return any(means(entry) for entry in entries)


class Network:
    """What `Run` does with the network."""

    def lists_of_hosts(self):
        """L15.1: in the order in which they speak."""
        if self.lines is not None:
            yield self.declared["host"], "host_not_declared"
        if self.policy.hosts is not None:
            yield self.policy.hosts, "net_not_permitted"
        for lists in self.sandboxes:
            if "net" in lists:
                yield lists["net"], "net_not_permitted"

    def ask_network(self):
        """Y, L14.4"""
        if "no_network" in self.mask:
            raise Failure("cap_network_denied", "a sandbox")
        if self.policy.no_network:
            raise Failure("cap_network_denied", "--no-network")

    def use_network(self):
        self.ask_network()
        for entries, kind in self.lists_of_hosts():
            if not entries:
                raise Failure(kind, "no host is named")

    def ask_host(self, found, port):
        self.ask_network()
        for entries, kind in self.lists_of_hosts():
            if not listed(entries, found, port):
                raise Failure(kind, f"{found} is not listed")
        if not self.policy.private_ips and is_private(found):
            raise Failure("http_ssrf_blocked", f"{found} is private")

    def host_operand(self, text, port=None):
        """L9.6: both operands are judged before the op."""
        found = host(text)
        if found is None:
            raise Failure("invalid_argument", f"no host: {text}")
        if port is not None:
            self.port_operand(port)
        return found

    def port_operand(self, text):
        if not re.fullmatch(r"[0-9]+", text) or not 0 < int(text) < 65536:
            raise Failure("invalid_argument", f"no port: {text}")

    def contact(self, found, port):
        """Whether it is an address; None if there is no such host. What a name stands for is not modelled."""
        self.ask_host(found, port)
        if not isinstance(found, str):
            return True
        if found == "invalid" or found.endswith(".invalid"):
            return None
        self.unspecified = True
        return None

    def op_dns_lookup(self, frame, text):
        found = self.host_operand(text)
        if self.contact(found, "") is None:
            raise Failure("http_dns_failed", f"{found} has no address")
        if found.version == 6 and found.ipv4_mapped:
            return f"::ffff:{found.ipv4_mapped}"
        return str(found)

    def op_port_check(self, frame, text, port):
        found = self.host_operand(text, port)
        if self.contact(found, str(int(port))) is not None:
            self.unspecified = True
        return truth(False)

    def op_wait_for_port(self, frame, text, port, time="30"):
        self.host_operand(text, port)
        if seconds(time) is None:
            raise Failure("invalid_argument", f"no duration: {time}")
        return self.op_port_check(frame, text, port)

    def op_port_free(self, frame, port):
        self.port_operand(port)
        self.use_network()
        self.unspecified = True
        return truth(False)

    def op_find_free_port(self, frame):
        self.use_network()
        return Unspecified("a port")

    def own_network(self):
        self.use_network()
        self.ask_fact()
        return Unspecified("an answer")

    def op_interfaces(self, frame):
        return self.own_network()

    def op_local_ip(self, frame):
        return self.own_network()

    def op_mac_address(self, frame):
        return self.own_network()

    # -- the web ---------------------------------------------------------------------------------

    def web(self, url):
        """N1: the host and the port of a web address."""
        match = re.fullmatch(r"(https?)://([^/?#@\\\s\x00-\x1f]+)([/?#][^\s\\\x00-\x1f]*)?", url)
        name, port = (match[2], "") if match else ("", "")
        if match and re.search(r":[0-9]*$", name):
            name, _, port = name.rpartition(":")
        found = host(name)
        if found is None or match and ":" in name and not name.startswith("[") or port and not int(port) < 65536:
            raise Failure("invalid_argument", f"no web address: {url}")
        return found, port or {"http": "80", "https": "443"}[match[1]]

    def place(self, url):
        """F8: addresses are compared as they are sent."""
        found, port = self.web(url)
        rest = re.sub(r"^https?://[^/?#]+", "", url).split("#")[0]
        return url.startswith("https"), found, port, rest if rest.startswith("/") else "/" + rest

    def told(self, url, method="GET"):
        """F8, O11: the status and the body at the end, None if nothing is told of an address on the way."""
        answers = {self.place(key): answer for key, answer in self.answers.items()}
        followed = 0
        while answers:
            secure, found, port, _ = here = self.place(url)
            self.ask_host(found, port)
            if here not in answers:
                if not followed:
                    return None
                self.unspecified = True
                return 200, ""
            answer = answers[here]
            status, to = answer.get("status", 200), answer.get("redirect")
            if to is None:
                return status, answer.get("body", "")
            followed += 1
            url = urljoin(url, to)
            if followed > 5 or secure and not url.startswith("https:") or not re.match("https?://", url):
                raise Failure("http_redirect_refused", f"leads to {url}")
            if method not in ("GET", "HEAD") and status in (301, 302, 303):
                method = "GET"
            elif method not in ("GET", "HEAD") and self.place(url)[1:3] != (found, port):
                raise Failure("http_redirect_refused", f"leads to {url}")
        return None

    def fetch(self, url, method="GET"):
        found, port = self.web(url)
        told = self.told(url, method)
        if told is not None:
            status, body = told
            if status >= 400:
                raise Failure("http_4xx" if status < 500 else "http_5xx", f"answered {status}", str(status), detail=body[:1024])
            return body
        if self.contact(found, port) is None and not self.unspecified:
            raise Failure("http_dns_failed", f"{found} has no address")
        self.unspecified = True
        return ""

    def op_http_get(self, frame, url):
        return self.fetch(url)

    def op_http_delete(self, frame, url, body=""):
        return self.fetch(url, "DELETE")

    def op_http_post(self, frame, url, body=""):
        return self.fetch(url, "POST")

    def op_http_put(self, frame, url, body=""):
        return self.fetch(url, "PUT")

    def op_http_status(self, frame, url):
        found, port = self.web(url)
        told = self.told(url, "HEAD")
        if told is not None:
            return str(told[0])
        if self.contact(found, port) is not None:
            self.unspecified = True
        return "0"

    def op_wait_for_url(self, frame, url, time="30"):
        found, port = self.web(url)
        if seconds(time) is None:
            raise Failure("invalid_argument", f"no duration: {time}")
        told = self.told(url)
        if told is not None:
            return truth(200 <= told[0] < 300)
        if self.contact(found, port) is not None:
            self.unspecified = True
        return truth(False)

    def op_download(self, frame, url, path):
        found, port = self.web(url)
        place = clean(path, frame.cwd)
        self.ask_host(found, port)
        place = self.tree.walk(self.ask(frame, "download", ("write", place, True))[0])
        self.tree.check_ancestors(place)
        if self.tree.kind(place) == "dir":
            raise Failure("is_a_directory", place)
        self.tree.put(place, {"kind": "file", "content": self.fetch(url)})

    def op_public_ip(self, frame):
        return self.fetch("https://api.ipify.org/").strip()
