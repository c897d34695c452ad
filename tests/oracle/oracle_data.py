"""Paths as texts, checksums, encodings, JSON, tables, versions, points in time: more functions of texts (O, L9)."""

import base64
import binascii
import csv
import datetime
import hashlib
import io
import json
import re
import urllib.parse
import zlib
from fractions import Fraction

from oracle_failures import Failure
from oracle_host import clean
from oracle_pure import fits, invalid, op, pattern, whole
from oracle_text import NUMBER, is_integer, truth


def unparsed(why):
    return Failure("parse_failed", why)


# -- paths (O §6) ----------------------------------------------------------------------------

def cleaned(text):
    if text.startswith("/"):
        return clean(text, "/")
    parts = []
    for part in text.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def ended(text):
    """(directory, last component)"""
    text = cleaned(text) or "."
    if text == "/":
        return "/", "/"
    above, slash, base = text.rpartition("/")
    return (above or "/") if slash else ".", base


@op(1)
def path_clean(p):
    return cleaned(p) or "."


@op(1)
def path_base(p):
    return ended(p)[1]


@op(1)
def path_dir(p):
    return ended(p)[0]


@op(1)
def path_ext(p):
    base = p.rpartition("/")[2]
    stem, dot, ext = base.rpartition(".")
    return dot + ext if stem.strip(".") else ""


@op(2)
def path_with_ext(p, ext):
    p = cleaned(p) or "."
    p = p[:len(p) - len(path_ext(p))]
    if not ext or p.rpartition("/")[2] in ("", ".", ".."):
        return p
    return f"{p}.{ext.removeprefix('.')}"


@op(1, 10 ** 9)
def path_join(*parts):
    parts = [part for part in parts if part]
    return path_clean("/".join(parts)) if parts else ""


@op(2)
def path_rel(base, target):
    if any(path == "" or "\0" in path for path in (base, target)) or base.startswith("/") != target.startswith("/"):
        raise invalid("no common start")
    base, target = ([part for part in cleaned(path).split("/") if part] for path in (base, target))
    while base and target and base[0] == target[0]:
        base, target = base[1:], target[1:]
    if ".." in base:
        raise invalid("above is unknown")
    return "/".join([".."] * len(base) + target) or "."


@op(1, predicate=True)
def is_abs(p):
    return truth(p.startswith("/"))


# -- checksums and encodings -----------------------------------------------------------------

@op(1)
def md5(t):
    return hashlib.md5(t.encode()).hexdigest()


@op(1)
def sha1(t):
    return hashlib.sha1(t.encode()).hexdigest()


@op(1)
def sha256(t):
    return hashlib.sha256(t.encode()).hexdigest()


@op(1)
def crc32(t):
    return f"{zlib.crc32(t.encode()):08x}"


def text_of(data):
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise unparsed("not UTF-8") from None


@op(1)
def base64_encode(t):
    return base64.b64encode(t.encode()).decode()


@op(1)
def base64_decode(t):
    t = t.replace("\r", "").replace("\n", "")
    try:
        data = base64.b64decode(t.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise unparsed("no base64") from None
    if base64.b64encode(data).decode() != t:      # READING: one text for each
        raise unparsed("no base64")
    return text_of(data)


@op(1)
def hex_encode(t):
    return t.encode().hex()


@op(1)
def hex_decode(t):
    if len(t) % 2 or not re.fullmatch("[0-9A-Fa-f]*", t):
        raise unparsed("no digits")
    return text_of(bytes.fromhex(t))


@op(1)
def url_encode(t):
    return urllib.parse.quote_plus(t, safe="~")


@op(1)
def url_decode(t):
    if re.search("%(?![0-9A-Fa-f]{2})", t):
        raise unparsed("no percent encoding")
    return text_of(urllib.parse.unquote_to_bytes(t.replace("+", " ").encode()))


# -- JSON and tables (O §7) ------------------------------------------------------------------

class Number(str):
    """As it is written."""


class Members(list):
    """(name, value), in their order."""


def reject_constant(text):
    raise ValueError(text)


def document(text):
    deepest = depth = 0
    for mark in re.sub(r'"(?:[^"\\]|\\.)*("|\Z)', "", text, flags=re.DOTALL):
        depth = max(0, depth + (mark in "[{") - (mark in "]}"))
        deepest = max(deepest, depth)
    if deepest > 128:
        raise Failure("limit_exceeded", "too deep")
    try:
        read = json.loads(text, parse_int=Number, parse_float=Number, object_pairs_hook=Members,
                          parse_constant=reject_constant)
        compact(read).encode()                    # no half of a pair
        return read
    except ValueError:
        raise unparsed("no JSON") from None


def compact(value):
    if isinstance(value, Members):
        return "{" + ",".join(f"{compact(name)}:{compact(inner)}" for name, inner in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(compact, value)) + "]"
    if isinstance(value, Number):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def steps(path):
    path, found = path.removeprefix("."), []
    while path:
        step = re.match(r'\[([0-9]+)\]|\["(.*?)"\]|([^.\[]+)', path, re.DOTALL)
        if not step:
            raise invalid("no path")
        found.append(next(group for group in step.groups() if group is not None))
        path = path[step.end():]
        if path.startswith("."):
            path = path[1:]
            if not path:
                raise invalid("no path")
        elif path and path[0] != "[":
            raise invalid("no path")
    return found


def found_at(text, path):
    """(whether something is there, what)"""
    way, here = steps(path), document(text)
    for step in way:
        if isinstance(here, Members):
            inner = [value for name, value in here if name == step][-1:]
        elif isinstance(here, list):
            at = int(step) if re.fullmatch("[0-9]+", step) else len(here)
            inner = here[at:at + 1]
        else:
            inner = []
        if not inner:
            return False, None
        here = inner[0]
    return True, here


def written(value, lists=False):
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    if lists and isinstance(value, list) and not isinstance(value, Members):
        return "\n".join(map(written, value))
    return compact(value)


@op(1)
def json_parse(t):
    return compact(document(t))


@op(2)
def json_get(t, path):
    return written(found_at(t, path)[1], lists=True)


@op(1, 2)
def json_count(t, path="."):
    value = found_at(t, path)[1]
    return str(len(value) if isinstance(value, list) else 0)


@op(1)
def json_stringify(t):
    try:
        value = document(t)
    except Failure:
        value = t
    return compact(t) if isinstance(value, str) and not isinstance(value, Number) else compact(value)


@op(1)
def csv_parse(t):
    """READING: a quote stands at both ends of a field, or it is two within one."""
    rows, row, at, begun = [], [], 0, 0
    while at < len(t):
        quoted = re.compile(r'"((?:[^"]|"")*)"').match(t, at)
        plain = re.compile(r'[^",\n]*').match(t, at)
        if t[at] == '"' and not quoted:
            raise unparsed("a quote is open")
        if quoted:
            row.append(quoted[1].replace('""', '"'))
            at = quoted.end()
            at += t.startswith("\r\n", at)
        else:
            at = plain.end()
            field = plain[0]
            row.append(field if t[at:at + 1] == "," else field.removesuffix("\r"))
        if at < len(t) and t[at] not in ",\n":
            raise unparsed("something follows, or a quote is within")
        more = t[at:at + 1] == ","
        at += 1
        if more and at >= len(t):
            row.append("")
        if not more or at >= len(t):
            if row != [""] or t[begun:begun + 1] == '"':
                rows.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")))
            row, begun = [], at
    return "\n".join(rows)


# -- patterns (O §5) ---------------------------------------------------------------------------

def matches(p, t):
    """From left to right; an empty match does not stand at the end of the one before it."""
    p, at, last = pattern(p), 0, -1
    while at <= len(t):
        found = p.search(t, at)
        if not found:
            return
        if found.end() == found.start() == last:
            at += 1
            continue
        yield found
        last = found.end()
        at = last if found.end() > found.start() else last


@op(2, predicate=True)
def regex_match(p, t):
    return truth(pattern(p).search(t))


@op(2)
def regex_find_all(p, t):
    return "\n".join(found[0] for found in matches(p, t))


@op(3)
def regex_replace(p, t, new):
    made, at = "", 0
    for found in matches(p, t):
        made, at = made + t[at:found.start()] + expanded(new, found), found.end()
    return fits(made + t[at:])


def expanded(new, found):
    def group(mark):
        name = mark[1] or mark[2] or ""
        if mark[0] == "$$":
            return "$"
        try:
            return found[int(name) if name.isdigit() else name] or ""
        except (IndexError, KeyError):
            return ""
    return re.sub(r"\$\$|\$([0-9A-Za-z_]+)|\$\{([^}]*)\}", group, new)


# -- versions (L9.3) ---------------------------------------------------------------------------

VERSION = re.compile(r"v?([0-9]+(?:\.[0-9]+)*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")


def version(text):
    found = VERSION.fullmatch(text)
    if not found:
        return None
    numbers = [int(number) for number in found[1].split(".")]
    while numbers[1:] and numbers[-1] == 0:
        numbers.pop()
    return numbers, (1, "") if found[2] is None else (0, found[2])


def order(a, b):
    """-1, 0, 1"""
    x, y = version(a), version(b)
    if x is None or y is None:
        x, y = a, b
    return (x > y) - (x < y)


RELATIONS = {"eq": lambda n: n == 0, "ne": lambda n: n != 0, "gt": lambda n: n > 0, "ge": lambda n: n >= 0,
             "lt": lambda n: n < 0, "le": lambda n: n <= 0}
for relation, holds in RELATIONS.items():
    op(2, predicate=True, name=f"version_{relation}")(lambda a, b, holds=holds: truth(holds(order(a, b))))


@op(2, predicate=True)
def version_compat(a, b):
    x, y = version(a), version(b)
    return truth(a == b if x is None or y is None else x[0][0] == y[0][0])


@op(1, 2)
def version_extract(t, p=None):
    found = pattern(p or r"v?([0-9]+(?:\.[0-9]+)+(?:[-+][0-9A-Za-z.+-]+)?)").search(t)
    if not found:
        return ""
    return next((group for group in found.groups()[:1] if group is not None), found[0])


# -- points in time (L9.4) -----------------------------------------------------------------------

NAMED = {"rfc822": "%d %b %y %H:%M %z", "date": "%Y-%m-%d", "time": "%H:%M:%S", "datetime": "%Y-%m-%d %H:%M:%S"}
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
RFC3339 = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
                     r"(?:([Zz])|([-+])([0-9]{2}):([0-9]{2}))")


def form(text):
    if text in ("rfc3339", "unix", "unix_milli"):
        return text
    text = NAMED.get(text, text)
    if not re.fullmatch(r"([^%]|%[YmdHMSyjaAbBIpzsFT%])*", text, re.DOTALL) or "%" not in text:
        raise invalid("no format")
    return text.replace("%F", "%Y-%m-%d").replace("%T", "%H:%M:%S")


def rfc3339(text):
    """(seconds since the epoch, offset in seconds), or None"""
    found = RFC3339.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    offset = 0 if found[8] else (int(found[10]) * 3600 + int(found[11]) * 60) * (-1 if found[9] == "-" else 1)
    if found[9] and (int(found[10]) > 23 or int(found[11]) > 59):
        return None
    try:
        days = datetime.date(year, month, day).toordinal() - EPOCH.toordinal()
        datetime.time(hour, minute, second)
    except ValueError:
        return None
    return Fraction(days * 86400 + hour * 3600 + minute * 60 + second - offset) + Fraction(f"0.{found[7] or 0}"), offset


def moment(text):
    if NUMBER.match(text):
        at = Fraction(text), 0
    else:
        at = rfc3339(text)
    if at is None or not -62135596800 <= at[0] + at[1] < 253370764800:
        raise unparsed("no point in time")
    return at


def rendered(at, wanted):
    seconds, offset = at
    if wanted == "unix":
        return str(seconds // 1)
    if wanted == "unix_milli":
        return str(seconds * 1000 // 1)
    zone = datetime.timezone(datetime.timedelta(seconds=offset))
    local = EPOCH.astimezone(zone) + datetime.timedelta(seconds=int(seconds // 1))
    if wanted == "rfc3339":
        text = f"{local:%Y-%m-%dT%H:%M:%S}".rjust(19, "0")
        return text + ("Z" if not offset else f"{local:%z}"[:3] + ":" + f"{local:%z}"[3:5])
    return local.strftime(wanted.replace("%s", str(seconds // 1)))


def render_time(time, wanted):
    wanted = form(wanted)
    return rendered(moment(time), wanted)


def in_years(at):
    if not -62135596800 <= at[0] + at[1] < 253370764800:
        raise unparsed("out of the years")
    return str(at[0] // 1)


@op(1, 2)
def parse_time(text, wanted="rfc3339"):
    kind = form(wanted)
    if kind == "rfc3339":
        at = rfc3339(text)
        if at is None:
            raise unparsed("no point in time")
        return in_years(at)
    if kind in ("unix", "unix_milli"):
        if not is_integer(text):
            raise unparsed("no number")
        return in_years((Fraction(text) / (1 if kind == "unix" else 1000), 0))
    if "%s" in kind:                              # READING: with it, everything else is but a frame
        before, _, behind = kind.replace("%%", "%").partition("%s")
        number = text[len(before):len(text) - len(behind)]
        if text != before + number + behind or not re.fullmatch("0|-?[1-9][0-9]*", number):
            raise unparsed("another format")
        return in_years((Fraction(number), 0))
    try:
        read = datetime.datetime.strptime(text, kind)
    except ValueError:
        raise unparsed("another format") from None
    day = "%d" in kind and any(mark in kind for mark in ("%m", "%b", "%B")) or "%j" in kind
    if not day or not any(mark in kind for mark in ("%Y", "%y")):
        raise unparsed("no day")
    if read.strftime(kind) != text:               # O: as the format would write it
        raise unparsed("written otherwise")
    read = read if read.tzinfo else read.replace(tzinfo=datetime.timezone.utc)
    return in_years(((read - EPOCH) // datetime.timedelta(seconds=1), int(read.utcoffset().total_seconds())))


@op(1)
def iso_to_unix(text):
    return parse_time(text)


@op(1)
def unix_to_iso(number):
    number = whole(number)
    try:
        return render_time(str(number), "rfc3339")
    except Failure:
        raise invalid("out of the years") from None


def time_between(a, b):
    to = moment(b)[0]
    difference = (to * 10 ** 9 // 1 - moment(a)[0] * 10 ** 9 // 1)
    sign, difference = "-" if difference < 0 else "", abs(difference)
    return f"{sign}{difference // 10 ** 9}.{difference % 10 ** 9:09}".rstrip("0").rstrip(".")
