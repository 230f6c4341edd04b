"""What Meta did not do for us. Apart from the client, so that commands can name it without loading one."""

from __future__ import annotations


class CloudProblem(Exception):
    """What Meta did not do for us, in words for an operator; `code` is Meta's, or failure.NOT_SENT.

    `subcode` names what is wrong with a template; `said` is Meta's own explanation, for the template's author.
    """

    def __init__(self, code: int, sentence: str, *, subcode: int | None = None, said: str = "") -> None:
        super().__init__(sentence)
        self.code, self.subcode, self.said = code, subcode, said
