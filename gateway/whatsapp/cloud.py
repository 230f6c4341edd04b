"""Meta's Cloud API as a Messenger, spoken through pywa over the fast session.

pywa builds the requests and reads the errors. Its `api.send_message` is called rather than `send_template`, which
guesses the kind of recipient from the address (and writes "US.ABC123" to a *group*), knows no language outside its
enum, loses `paused` and `user_id` from the answer, and costs 28 us a message more. One Cloud is one access token.
Nothing here logs, and pywa's debug records, which hold addresses and texts, are turned off.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx
from pywa_async.client import WhatsApp
from pywa_async.errors import WhatsAppError

from gateway.core.failure import NOT_SENT, UNFIT
from gateway.core.message import Kind, Outgoing
from gateway.whatsapp.failures import read_error
from gateway.whatsapp.messenger import Accepted, Failed, Outcome, Unsure, unfit
from gateway.whatsapp.session import FastSession, NotSent, NotWritable, OutcomeUnknown, Wire

GRAPH = "https://graph.facebook.com"
GRAPH_VERSION = "26.0"
PAGES_MAX = 200  # of templates; Meta stores 6,000 at most, a hundred a page

REFUSED_WITH_5XX = frozenset({2, 4, 80007, 130429, 131016, 131057, 133004})
"""Codes that say "not now" in so many words. Under any other code a 5xx leaves the outcome unknown."""

logging.getLogger("pywa").setLevel(logging.WARNING)
logging.getLogger("pywa_async").setLevel(logging.WARNING)
logging.getLogger("httpx").setLevel(logging.WARNING)


class CloudProblem(Exception):
    """A read from Meta that did not succeed, in words for an operator; `code` is Meta's, or failure.NOT_SENT."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """What Meta says of a sending number; empty where Meta leaves it out.

    `throughput` and `limit_tier` are Meta's words, for pacing.messages_per_second and pacing.people_per_day.
    """

    number_id: str
    throughput: str
    quality: str
    limit_tier: str
    display_number: str
    name: str
    status: str
    shared_with_app: bool


_NUMBER_FIELDS = (
    "id,display_phone_number,verified_name,status,quality_rating,throughput,"
    "whatsapp_business_manager_messaging_limit,is_on_biz_app"
)
_TEMPLATE_FIELDS = (
    "id,name,language,status,category,components,parameter_format,quality_score,"
    "rejected_reason,correct_category,message_send_ttl_seconds"
)


class Cloud:
    """Sends messages and reads numbers and templates. Use as `async with`, or call `aclose`.

    Raises ValueError for a token or a base URL that cannot be one, without repeating the token.
    """

    def __init__(
        self, *, token: str, base_url: str = GRAPH, version: str = GRAPH_VERSION, wire: Wire | None = None
    ) -> None:
        _check_token(token)
        _check_url(base_url)
        self._session = FastSession(wire or Wire())
        self._pywa = WhatsApp(token=token, session=self._session, api_version=version)
        self._session.base_url = f"{base_url.rstrip('/')}/v{version}"  # pywa has just set it to Meta's

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let the messages in flight end first: a closed connection leaves their outcome unknown."""
        await self._session.aclose()

    def renew_token(self, token: str) -> None:
        """Requests from now on carry the new token. Raises ValueError as at the start."""
        _check_token(token)
        self._pywa.token = token

    async def send(self, message: Outgoing) -> Outcome:
        """One POST, never a second. What the message, Meta or the network can cause is an Outcome, not raised."""
        if problem := unfit(message):
            return Failed(UNFIT, problem)
        try:
            return await self._posted(message)
        except NotWritable as error:
            return Failed(UNFIT, str(error))
        except NotSent as error:
            return Failed(NOT_SENT, str(error))
        except OutcomeUnknown as error:
            return Unsure(str(error))
        except WhatsAppError as error:
            return _refused(error)
        except (ValueError, TypeError, LookupError, AttributeError):
            # The POST was answered with a success that is not Meta's shape: it may well be on its way.
            return Unsure("the answer could not be read")

    async def _posted(self, message: Outgoing) -> Accepted:
        if message.marketing_endpoint:
            answer = await self._pywa.api.send_marketing_message(
                sender=message.number_id,
                to=message.to,
                recipient=message.recipient,
                recipient_type="individual",
                template=_contents(message),
                biz_opaque_callback_data=message.tracker,
            )
        else:
            answer = await self._pywa.api.send_message(
                sender=message.number_id,
                to=message.to,
                recipient=message.recipient,
                recipient_type="individual",
                typ=message.kind.value,
                msg=_contents(message),
                biz_opaque_callback_data=message.tracker,
            )
        return _accepted(answer)

    async def number(self, number_id: str) -> NumberFacts:
        """Raises CloudProblem."""
        facts = await self._get(f"/{number_id}", {"fields": _NUMBER_FIELDS})
        throughput = facts.get("throughput")
        return NumberFacts(
            number_id=str(facts.get("id", number_id)),
            throughput=str(throughput.get("level", "")) if isinstance(throughput, dict) else "",
            quality=str(facts.get("quality_rating") or ""),
            limit_tier=str(facts.get("whatsapp_business_manager_messaging_limit") or ""),
            display_number=str(facts.get("display_phone_number") or ""),
            name=str(facts.get("verified_name") or ""),
            status=str(facts.get("status") or ""),
            shared_with_app=bool(facts.get("is_on_biz_app")),
        )

    async def templates(self, account_id: str) -> list[dict[str, Any]]:
        """Every template of a WhatsApp account in Meta's own shape, all pages read. Raises CloudProblem."""
        return [template async for page in self._pages(account_id) for template in page]

    async def _pages(self, account_id: str) -> AsyncIterator[list[dict[str, Any]]]:
        after: dict[str, str] = {}
        for _ in range(PAGES_MAX):
            page = await self._get(
                f"/{account_id}/message_templates", {"fields": _TEMPLATE_FIELDS, "limit": "100"} | after
            )
            yield list(page.get("data") or [])
            paging = page.get("paging") or {}
            cursor = (paging.get("cursors") or {}).get("after")
            if not (paging.get("next") and cursor):
                return
            after = {"after": cursor}
        raise CloudProblem(0, f"Meta's list of templates did not end after {PAGES_MAX} pages; try again later.")

    async def _get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        try:
            answer = await self._pywa.api.send_raw_request("GET", path, params=params)
        except WhatsAppError as error:
            refused = read_error(error.raw)
            raise CloudProblem(refused.code, f"Meta refused to tell ({refused.code}): {refused.details}") from error
        except (NotWritable, NotSent, OutcomeUnknown, ValueError) as error:
            raise CloudProblem(
                NOT_SENT, f"Meta could not be asked ({type(error).__name__}: {error}); try again later."
            ) from error
        if not isinstance(answer, dict):
            raise CloudProblem(NOT_SENT, "Meta's answer was not an object; try again later.")
        return answer


def _check_token(token: str) -> None:
    if not (token.isascii() and token.isprintable() and token and " " not in token):
        raise ValueError("the access token is empty or has a space, line break or non-ASCII letter in it")


def _check_url(base_url: str) -> None:
    try:
        url = httpx.URL(base_url)
        fits = url.scheme in {"http", "https"} and url.host != "" and not url.query
    except httpx.InvalidURL:
        fits = False
    if not fits:
        raise ValueError(f"the API's address is not like {GRAPH}")


def _contents(message: Outgoing) -> dict[str, Any]:
    if message.kind is Kind.TEXT:
        return {"body": message.text, "preview_url": False}
    template: dict[str, Any] = {"name": message.template, "language": {"code": message.language}}
    if message.components:
        template["components"] = [dict(component) for component in message.components]
    return template


def _accepted(answer: Mapping[str, Any]) -> Accepted:
    """Raises LookupError, TypeError or AttributeError when it names no message."""
    sent, contacts = answer["messages"][0], answer.get("contacts") or [{}]
    return Accepted(sent["id"], sent.get("message_status", ""), contacts[0].get("wa_id"), contacts[0].get("user_id"))


def _refused(error: WhatsAppError) -> Failed | Unsure:
    """Meta's refusal, or Unsure where an error page or a 5xx says nothing about the message itself."""
    status = error.status_code or 0
    if "fbtrace_id" not in error.raw and "type" not in error.raw and error.code == status:
        return Unsure(f"HTTP {status} without Meta's error object")  # pywa made the code from the status
    if status >= 500 and error.code not in REFUSED_WITH_5XX:
        return Unsure(f"HTTP {status}, code {error.code}")
    refused = read_error(error.raw)
    return Failed(refused.code, refused.details, refused.subcode, refused.trace_id)
