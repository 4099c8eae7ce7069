"""Claims about what a judge accepts and refuses, printed one a line as `ok` or `FAIL`."""

from collections.abc import Callable
from typing import Any


class Claims:
    """Holds the claims of one judge; a refusal counts only if it comes as the judge's own error."""

    def __init__(self, judge: str, refusals: tuple[type[Exception], ...]) -> None:
        self.judge = judge
        self.refusals = refusals
        self.failed = 0

    def accepts(self, what: str, act: Callable[[], Any]) -> Any:
        """States that `act` ends without an error, and gives back what it returns."""
        try:
            result = act()
        except self.refusals as error:
            return self.tell(False, f"accepts {what}", str(error))
        self.tell(True, f"accepts {what}")
        return result

    def refuses(self, what: str, act: Callable[[], Any]) -> None:
        """States that `act` ends in one of the judge's own errors."""
        try:
            act()
        except self.refusals:
            self.tell(True, f"refuses {what}")
        else:
            self.tell(False, f"refuses {what}", "it was accepted")

    def tell(self, holds: bool, claim: str, why: str = "") -> None:
        """Prints one claim."""
        self.failed += not holds
        reason = "" if holds else ": " + " ".join(why.split())[:300]
        print(f"{'ok  ' if holds else 'FAIL'} {self.judge} {claim}{reason}", flush=True)
