"""What can end the oracle's work on a case, or a run that it models."""


class LoadError(Exception):
    """The program does not load (L: status 2)."""


class CaseError(Exception):
    """The case is not one that can be answered."""


class UsageError(Exception):
    """L3.2: a usage error of a command's words."""


class Failure(Exception):
    """L6.1"""

    def __init__(self, kind, message="", code="", op="", detail=""):
        super().__init__(kind, message)
        self.kind, self.message, self.code, self.op, self.detail = kind, message, code, op, detail

    def fields(self):
        """The specification words the message of `fail` and that of --no-write (Y5)."""
        worded = self.kind in ("user_fail", "cap_write_denied")
        message = self.message if worded else Unspecified(self.message)
        return {"": message, ".kind": self.kind, ".message": message,
                ".code": self.code, ".op": self.op, ".detail": self.detail}


class Hidden(Failure):
    """Y table, L15.1: to those who look, nothing is there."""


class Unspecified(str):
    """A text that another reading may word otherwise."""


class Late(Exception):
    """L4.16, L6.5: a deadline has passed, that of `timeout` number N from the outside. Within that block nothing rescues it."""

    kind = "timeout_exceeded"

    def __init__(self, number, op=""):
        super().__init__(number)
        self.number, self.op = number, op


class Exit(Exception):
    """L4.10"""

    def __init__(self, status):
        super().__init__(status)
        self.status = status
