"""Functions of texts (O): what ops yield that touch nothing.

`FUNCTIONS[op] = (least operands, most, a predicate?, function)`. Operands are texts. A function raises `Failure` where the table says so.
"""

import re

from oracle_failures import Failure
from oracle_text import NUMBER, is_integer, truth

FUNCTIONS = {}
MANY = 10 ** 9
LIMIT = 16 << 20                                  # O: no result is larger
WHITE = ("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
         + "".join(chr(point) for point in range(0x2000, 0x200b)))   # READING: White_Space of Unicode


def op(least, most=None, predicate=False, name=None):
    def add(function):
        FUNCTIONS[name or function.__name__.rstrip("_")] = (least, least if most is None else most, predicate, function)
        return function
    return add


def invalid(why):
    return Failure("invalid_argument", why)


def whole(text):
    """L9.1, L9.6"""
    if not is_integer(text):
        raise invalid(f"no whole number: {text}")
    return int(text)


def sized(characters, text=""):
    """O: `limit_exceeded`, before anything is made."""
    if characters * max(1, len(text.encode())) > LIMIT:
        raise Failure("limit_exceeded", "too large")


def fits(text):
    if len(text.encode()) > LIMIT:
        raise Failure("limit_exceeded", "too large")
    return text


# -- texts ---------------------------------------------------------------------------------

@op(1)
def upper(t):
    return t.upper()


@op(1)
def lower(t):
    return t.lower()


@op(1)
def capitalize(t):
    return t[:1].upper() + t[1:]


@op(1)
def length(t):
    return str(len(t))


@op(1)
def trim(t):
    return t.strip(WHITE)


@op(2, predicate=True)
def contains(t, part):
    return truth(part in t)


@op(2, predicate=True)
def has_prefix(t, prefix):
    return truth(t.startswith(prefix))


@op(2, predicate=True)
def has_suffix(t, suffix):
    return truth(t.endswith(suffix))


@op(2, 3)
def replace(t, old, new=None):
    if new is None:
        if "," not in old:
            return t
        old, _, new = old.partition(",")
    if not old:
        return t
    grows = len(new.encode()) - len(old.encode())
    if grows > 0 and len(t.encode()) + t.count(old) * grows > LIMIT and old in t:
        raise Failure("limit_exceeded", "too large")
    return t.replace(old, new)


@op(2)
def split(t, sep):
    return "\n".join(t.split(sep) if sep else t)


@op(2)
def join(t, sep):
    return fits(sep.join(lines(t)))


@op(2)
def repeat(t, count):
    count = whole(count)
    if count < 0:
        raise invalid("negative")
    if t:
        sized(count, t)
    return t * count if t else ""


def filling(t, width, fill):
    width, fill = whole(width), fill or " "
    if width < 0:
        raise invalid("negative")
    missing = max(0, width - len(t))
    # READING: the size is reckoned as if every character of the fill took as many bytes as all of it.
    if missing and len(t.encode()) + missing * len(fill.encode()) > LIMIT:
        raise Failure("limit_exceeded", "too large")
    return (fill * (missing // len(fill) + 1))[:missing]


@op(2, 3)
def pad_left(t, width, fill=" "):
    return filling(t, width, fill) + t


@op(2, 3)
def pad_right(t, width, fill=" "):
    return t + filling(t, width, fill)


@op(2, 3)
def slice_(t, start, end=None):
    numbers = [whole(number) for number in (start, end) if number is not None]
    if any(number < 0 for number in numbers):
        raise invalid("negative")
    return t[numbers[0]:] if end is None else t[numbers[0]:max(numbers)] if numbers[1] >= numbers[0] else ""


PLACE = re.compile(r"%([-0+]*)([0-9]*)(?:(\.)([0-9]*))?(.)?", re.DOTALL)
BASES = {"d": "d", "x": "x", "X": "X", "o": "o", "b": "b"}


@op(1, MANY)
def format_(form, *values):
    made, at, values = "", 0, list(values)
    for place in PLACE.finditer(form):
        if place.start() < at:
            continue
        made, at = made + form[at:place.start()], place.end()
        flags, width, dot, digits, letter = place.groups()
        width, digits = int(width or 0), int(digits or 0) if dot else None
        if width >= 2 ** 64 or (digits or 0) > 1000:
            raise Failure("limit_exceeded", "too large")
        if letter is None:
            raise invalid("a lone %")
        if letter == "%":
            made += "%"
            continue
        if not values:
            raise invalid("too few values")
        made += placed(flags, width, digits, letter, values.pop(0))
        fits(made)
    if values:
        raise invalid("too many values")
    return fits(made + form[at:])


def placed(flags, width, digits, letter, value):
    if letter in "sv":
        text, number = value if digits is None else value[:digits], False
    elif letter == "q":
        text, number = quoted(value), False
    elif letter in BASES:
        text, number = ("-" if whole(value) < 0 else "") + format(abs(int(value)), BASES[letter]), True
    elif letter == "f":
        if not NUMBER.match(value):
            raise invalid(f"no number: {value}")
        text, number = f"{float(value):.{6 if digits is None else digits}f}", True
    else:
        raise invalid(f"no place: %{letter}")
    if number and "+" in flags and text[0] != "-":
        text = "+" + text
    if width > len(text):
        sized(width)
    if "-" in flags:
        return text.ljust(width)
    return text.zfill(width) if number and "0" in flags else text.rjust(width)


def quoted(text):
    """As L1.5 reads it."""
    marks = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0", "$": "\\$"}
    control = lambda c: ord(c) < 0x20 or 0x7f <= ord(c) < 0xa0
    return '"' + "".join(marks.get(c) or (f"\\x{ord(c):02x}" if control(c) else c) for c in text) + '"'


# -- lines ---------------------------------------------------------------------------------

def lines(text):
    """O: a newline at the end begins no line; empty text has none."""
    return text.removesuffix("\n").split("\n") if text else []


def pattern(text):
    """A pattern of L9.7 as Python writes it. READING: what Python alone has is no pattern."""
    if re.search(r"\(\?(?![a-zA-Z-]*[:)]|P?<[A-Za-z_])|\\[1-9]|\(\?P[=>]|\(\?\(|(?<!\\)[*+?}]\+|\(\?<[=!]", text):
        raise invalid(f"no pattern: {text}")
    made, inside, i = "", False, 0
    while i < len(text):
        c = text[i]
        if c == "\\":
            made, i = made + {"\\z": "\\Z"}.get(text[i:i + 2], text[i:i + 2]), i + 2
            continue
        if c == "$" and not inside:
            c = "\\Z"
        inside = c == "[" or (inside and c != "]")
        made, i = made + c, i + 1
    try:
        return re.compile(made.replace("(?<", "(?P<"))
    except (re.error, OverflowError):
        raise invalid(f"no pattern: {text}") from None


@op(2)
def grep(p, t):
    p = pattern(p)
    return "\n".join(line for line in lines(t) if p.search(line))


@op(2)
def reject(p, t):
    p = pattern(p)
    return "\n".join(line for line in lines(t) if not p.search(line))


@op(2)
def cut(n, t):
    at = max(1, whole(n)) - 1
    fields = [[field for field in re.split(r"[ \t\r\f]+", line) if field] for line in lines(t)]
    return "\n".join(line[at] if at < len(line) else "" for line in fields)


@op(2)
def head(n, t):
    return "\n".join(lines(t)[:max(0, whole(n))])


@op(2)
def tail(n, t):
    n, all_lines = max(0, whole(n)), lines(t)
    return "\n".join(all_lines[max(0, len(all_lines) - n):])


@op(1)
def sort_lines(t):
    return "\n".join(sorted(lines(t), key=lambda line: line.encode()))


@op(1)
def uniq_lines(t):
    all_lines = lines(t)
    return "\n".join(line for at, line in enumerate(all_lines) if not at or line != all_lines[at - 1])


@op(1)
def count_lines(t):
    return str(len(lines(t)))
