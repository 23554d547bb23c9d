"""What ways in through another system share: whose turn it is, the way back after a problem, and the last steps."""

from __future__ import annotations

from typing import Any

from hub.hub_process.code_form import ask_code
from hub.hub_process.login_pages import Spoken
from hub.hub_process.sign_in_admission import Admitted


class OtherTurn(Spoken):
    """Mixin: while it is the other system's turn, a library's handlers meet it, else local accounts."""

    other_turn = False

    def other_system(self, accounts: Any) -> Any:
        """Return the other system as an authenticator."""
        raise NotImplementedError

    @property
    def authenticator(self) -> Any:
        """Whom JupyterHub's and the library's code should ask now."""
        accounts = self.settings["authenticator"]  # type: ignore[attr-defined]
        return self.other_system(accounts) if self.other_turn else accounts

    def back_to_login(self, problem: str, reason: object) -> None:
        """Show the sign-in page with a sentence; the reason is for the log."""
        self.other_turn = False
        self.log.warning("sign-in-elsewhere-refused problem=%s reason=%s", problem, reason)  # type: ignore[attr-defined]
        self.redirect(f"{self.hub.base_url}login?problem={problem}")  # type: ignore[attr-defined]

    async def come_in(self, name: str, next_page: str) -> bool:
        """Sign somebody in whom the other system vouched for; False if another page was answered with."""
        accounts = self.authenticator
        if await accounts.in_thread(accounts.store.second_factors.is_on, name):
            await ask_code(self, name, next_page=next_page)
            return False
        self.set_session_cookie()  # type: ignore[attr-defined]  # The browser's earlier user is signed out.
        if await self.login_user(Admitted(name)) is None:  # type: ignore[attr-defined]
            self.back_to_login("closed", name)
            return False
        return True
