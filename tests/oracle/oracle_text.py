"""Text: lines, words, pieces (L1); numbers and durations (L9)."""

import re
from dataclasses import dataclass, field

from oracle_failures import LoadError

HOLE = "\uffff"
BLANKS = " \t\r\f\v"        # READING L1.4: white space is ASCII white space
QUOTES = "\"'`"
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\\": "\\", '"': '"', "'": "'",
           "`": "`", "$": "$"}
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")   # READING L3.2, L4.3, L4.4: one form of number
INTEGER = re.compile(r"-?[0-9]+\Z")
UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ns|us|ms|s|m|h|d|w)")


def truth(flag):
    """L1.7"""
    return "true" if flag else "false"


def is_integer(text):
    """L9.1: digits that fit 64 bits."""
    return bool(INTEGER.match(text)) and -2 ** 63 <= int(text) < 2 ** 63


def seconds(text):
    """L9.2, or None. READING: no duration is negative."""
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return float(text)
    if text and not DURATION.sub("", text):
        return sum(float(number) * UNITS[unit] for number, unit in DURATION.findall(text))
    return None


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
    pieces: list = field(default_factory=list)   # of each segment: which quoted piece it is of, or 0

    @property
    def has_names(self):
        return any(kind != "text" for kind, _ in self.segments)

    @property
    def splice(self):
        """L1.9: the name, if the whole word is `${NAME...}`."""
        kind, name = self.segments[0] if len(self.segments) == 1 else ("", "")
        return name if kind == "splice" else None

    def behind(self, prefix):
        """What stands behind a bare `key=`, or None."""
        first = self.segments[0] if self.segments else ("", "")
        if not self.raw.startswith(prefix) or first[0] != "text":
            return None
        rest = [("text", first[1][len(prefix):])] + self.segments[1:]
        raw = self.raw[len(prefix):]
        return Word(self.line, self.column, raw, [s for s in rest if s != ("text", "")], self.bare, False)

    def is_bare(self, text):
        return self.bare and self.raw == text

    def bare_name(self):
        """The word's text if it is one bare (perhaps dotted) name, else None."""
        return self.raw if self.bare and is_dotted_name(self.raw) else None

    def at_commas(self):
        """L4.17: its variables, as they are written. Quotes around a value hold, those around the whole do not."""
        begun = self.pieces[0] if self.pieces else 0
        found, inner = [([], begun)], ""
        for (kind, text), piece in zip(self.segments, self.pieces):
            rest = ""
            for i, c in enumerate(text if kind == "text" else ""):
                within = piece and piece == begun
                if inner:
                    inner = "" if c == inner else inner
                elif within and c in "\"'":
                    inner = c
                elif c == "," and (within or not piece) and starts_pair(text[i + 1:]):
                    found[-1][0].append((kind, rest))
                    begun = piece
                    rest = ""
                    found.append(([], begun))
                    continue
                rest += c
            found[-1][0].append((kind, rest if kind == "text" else text))
        return [self.variable(segments, within) for segments, within in found]

    def variable(self, segments, within):
        """A pair of at_commas; where the quotes are around its name too, those of its value are stripped."""
        raw = "".join(text if kind == "text" else HOLE for kind, text in segments)
        name, equals, value = raw.partition("=")
        if within and equals and len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            segments[0] = ("text", segments[0][1].replace("=" + value[0], "=", 1))
            segments[-1] = ("text", segments[-1][1][:-1])
            raw = f"{name}={value[1:-1]}"
        if equals:
            segments[0] = ("text", segments[0][1].replace(name, name.strip(BLANKS), 1))
        return Word(self.line, self.column, name.strip(BLANKS) + raw[len(name):], [s for s in segments if s != ("text", "")])

    def written(self):
        """Its text, with HOLE for what is inserted."""
        return "".join(text if kind == "text" else HOLE for kind, text in self.segments)

    def constant(self):
        return "".join(text for _, text in self.segments)

    def at(self):
        return f"line {self.line}, column {self.column}"


def starts_pair(text):
    """L4.17: whether another `NAME=` stands there."""
    name, equals, _ = text.partition("=")
    return bool(equals) and is_name(name.strip(BLANKS))


def decode(raw, quote, where):
    """L1.5 and L1.6 for one piece; quote is '' for bare text."""
    segments, text, i = [], "", 0
    while i < len(raw):
        if raw.startswith("${", i):
            close = outside_quotes(raw, "}", i)
            if close < 0:
                raise LoadError(f"{where}: `${{` without `}}`")
            segments += [("text", text), hole(raw[i + 2:close].strip(BLANKS + "\n"), where)]
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


def outside_quotes(text, wanted, start=0):
    """Where a sign stands first that is neither quoted nor within parentheses, or -1."""
    quote, depth = "", 0
    for i in range(start, len(text)):
        c = text[i]
        if quote:
            quote = "" if c == quote else quote
        elif c == wanted and not depth:
            return i
        elif c in QUOTES:
            quote = c
        depth += (c == "(") - (c == ")") if not quote else 0
    return -1


def hole(inner, where):
    """L1.6, L1.8, L1.9: what stands between `${` and `}`."""
    name, call, rest = inner.partition("(")
    if call and rest.endswith(")") and is_name(name):
        return ("call", (name, call_words(rest[:-1], where)))
    kind, name = ("splice", inner[:-3]) if inner.endswith("...") else ("name", inner)
    if not is_dotted_name(name):                 # READING L1.6: anything else is no construct
        raise LoadError(f"{where}: `{inner}` is no name")
    return (kind, name)


def call_words(text, where):
    """L1.8: quoted strings, names, or calls, which may nest."""
    words = []
    while text.strip():
        comma = outside_quotes(text, ",")
        end = len(text) if comma < 0 else comma
        part, text = text[:end].strip(), text[end + 1:]
        word = Word(0, 0, part, bare=False)
        if part[:1] and part[0] in QUOTES and part[-1] == part[0] and len(part) > 1:
            word.segments = decode(part[1:-1], part[0], where)
        elif "(" in part:
            word.segments = [hole(part, where)]
        elif is_dotted_name(part):
            word.segments, word.bare = [("text", part)], True
        else:
            raise LoadError(f"{where}: `{part}` is no word of a call")
        words.append(word)
    return words


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
                    inside = decode(source[first + 1:i], quote, word.at())
                    word.segments += inside
                    word.pieces += [first + 1] * len(inside)
                    word.bare, i = False, i + 1
                    newlines = source.count("\n", first, i)
                    if newlines:
                        line, start = line + newlines, source.rfind("\n", first, i) + 1
                else:
                    while i < len(source) and source[i] not in BLANKS + "\n" + QUOTES:
                        i += 1
                    # READING L1.4/L1.6: white space ends bare text inside `${ x }` too
                    outside = decode(source[first:i], "", word.at())
                    word.segments += outside
                    word.pieces += [0] * len(outside)
                    word.quoted = False
            word.raw = source[begin:i]
            words.append(word)
    return lines
