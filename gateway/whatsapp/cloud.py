"""Meta's Cloud API as a Messenger, spoken through pywa over the fast session.

pywa builds the requests and reads the errors. Its `api.send_message` is asked rather than `send_template`, which
guesses the kind of recipient from the address (and writes "US.ABC123" to a *group*), knows no language outside its
enum, and loses `paused` and `user_id` from the answer. It is asked once for each kind of message, and what it writes is
filled in for everybody: a quarter of the time of asking it for each. One Cloud is one access token. Nothing here logs,
and pywa's debug records, which hold addresses and texts, are turned off.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self, cast

import httpx
import orjson
from pywa_async.client import WhatsApp
from pywa_async.errors import WhatsAppError

from gateway.core.failure import NOT_SENT, UNFIT
from gateway.core.message import Kind, Outgoing
from gateway.whatsapp.answers import Answered
from gateway.whatsapp.failures import blotted, read_error, regain_in
from gateway.whatsapp.messenger import Accepted, Failed, Outcome, Unsure, unfit
from gateway.whatsapp.problems import CloudProblem as CloudProblem
from gateway.whatsapp.session import UNWRITABLE, FastSession, NotSent, NotWritable, OutcomeUnknown, Wire, written

GRAPH = "https://graph.facebook.com"
GRAPH_VERSION = "26.0"
PAGES_MAX = 200  # of templates; Meta stores 6,000 at most, a hundred a page

REFUSED_WITH_5XX = frozenset({2, 4, 80007, 130429, 131016, 131057, 133004})
"""Codes that say "not now" in so many words. Under any other code a 5xx leaves the outcome unknown."""

logging.getLogger("pywa").setLevel(logging.WARNING)
logging.getLogger("pywa_async").setLevel(logging.WARNING)
logging.getLogger("httpx").setLevel(logging.WARNING)


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
    """Sends messages, reads numbers, reads and writes templates, uploads media. Use as `async with`, or call `aclose`.

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
        self._drafts: dict[tuple[object, ...], Draft] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let the messages in flight end first: a closed connection leaves their outcome unknown."""
        await self._session.aclose()

    @property
    def waiting(self) -> int:
        return self._session.waiting

    async def make_ready(self, requests: int) -> None:
        await self._session.make_ready(requests)

    def send(self, message: Outgoing) -> asyncio.Future[Outcome]:
        """One POST, never a second. What the message, Meta or the network can cause is an Outcome, not raised.

        It is written at once where a connection is free. A future and no task: a message needs no more.
        """
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        if problem := unfit(message):
            outcome.set_result(Failed(UNFIT, problem))
            return outcome
        try:
            answer = asyncio.ensure_future(self._session.tell(*self.request_of(message)))
        except (NotWritable, ValueError) as error:
            outcome.set_result(Failed(UNFIT, str(error) if isinstance(error, NotWritable) else UNWRITABLE))
        else:
            answer.add_done_callback(partial(_conclude, outcome))
        return outcome

    def request_of(self, message: Outgoing) -> tuple[str, bytes]:
        """Path and body of the POST that sends this message. Raises NotWritable."""
        is_text, to_phone = message.kind is Kind.TEXT, message.to is not None
        kind = (message.number_id, is_text, to_phone, message.template, message.language, message.marketing_endpoint)
        draft = self._drafts.get(kind)
        if draft is None:
            draft = self._drafts[kind] = _drafted(message)
        if is_text:
            said = written({"body": message.text, "preview_url": False})
        else:
            said = b',"components":%b' % message.components.encode() if message.components else b""
        address = message.to or message.recipient or ""
        return draft.path, draft.form % (address.encode(), said, message.tracker.encode())

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

    async def templates(self, account_id: str, name: str = "") -> list[dict[str, Any]]:
        """Every template of a WhatsApp account in Meta's own shape, all pages read; with `name`, its language versions.

        Raises CloudProblem.
        """
        found = [template async for page in self._pages(account_id, name) for template in page]
        return [template for template in found if not name or template.get("name") == name]  # Meta's filter is a search

    async def _pages(self, account_id: str, name: str) -> AsyncIterator[list[dict[str, Any]]]:
        named = {"name": name} if name else {}
        after: dict[str, str] = {}
        for _ in range(PAGES_MAX):
            page = await self._get(
                f"/{account_id}/message_templates", {"fields": _TEMPLATE_FIELDS, "limit": "100"} | named | after
            )
            yield list(page.get("data") or [])
            paging = page.get("paging") or {}
            cursor = (paging.get("cursors") or {}).get("after")
            if not (paging.get("next") and cursor):
                return
            after = {"after": cursor}
        raise CloudProblem(0, f"Meta's list of templates did not end after {PAGES_MAX} pages; try again later.")

    async def template(self, template_id: str) -> dict[str, Any]:
        """One template as it stands at Meta. Raises CloudProblem."""
        return await self._get(f"/{template_id}", {"fields": _TEMPLATE_FIELDS})

    async def create_template(self, account_id: str, body: Mapping[str, Any]) -> str:
        """Hand a new template in for review; Meta's id of it. Raises CloudProblem."""
        answer = await self._written(self._pywa.api.create_template(waba_id=account_id, template=dict(body)))
        return str(answer.get("id") or "")

    async def edit_template(self, template_id: str, body: Mapping[str, Any]) -> None:
        """Replace a template's components. Raises CloudProblem."""
        await self._written(self._pywa.api.send_raw_request("POST", f"/{template_id}", json=dict(body)))

    async def unpause_template(self, template_id: str) -> None:
        """Let a template go on that pacing has paused. Raises CloudProblem."""
        answer = await self._written(self._pywa.api.unpause_template(template_id=template_id))
        if not answer.get("success"):
            raise CloudProblem(0, f"Meta does not let it go on: {blotted(str(answer.get('reason') or 'no reason'))}")

    async def upload(self, number_id: str, content: bytes, mime: str, file_name: str) -> str:
        """Upload a file for messages of one number; its media id, which holds 30 days. Raises CloudProblem."""
        answer = await self._written(
            self._pywa.api.upload_media(phone_id=number_id, media=content, mime_type=mime, filename=file_name)
        )
        return _said(answer, "id")

    async def upload_sample(self, app_id: str, content: bytes, mime: str) -> str:
        """Upload the sample of a template's media header (resumable upload); its handle. Raises CloudProblem."""
        opened = await self._written(
            self._pywa.api.create_upload_session(
                app_id=app_id, file_name="sample", file_length=len(content), file_type=mime
            )
        )
        answer = await self._written(
            self._pywa.api.upload_file(upload_session_id=_said(opened, "id"), file=content, content_length=len(content))
        )
        return _said(answer, "h")

    async def _get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        return await _answered(self._pywa.api.send_raw_request("GET", path, params=params), "try again later")

    async def _written(self, request: Awaitable[Any]) -> dict[str, Any]:
        return await _answered(request, "look whether it was done before you try again")


def _conclude(outcome: asyncio.Future[Outcome], answer: asyncio.Future[Answered]) -> None:
    if outcome.done():
        return  # whoever sent it was cancelled
    try:
        outcome.set_result(_outcome(answer))
    except BaseException as problem:  # as a task would: whoever waits must hear that it is over
        outcome.set_exception(problem)


def _outcome(answer: asyncio.Future[Answered]) -> Outcome:
    try:
        answered = answer.result()
        if answered.status_code >= 400:
            raise WhatsAppError.from_dict(_error_in(answered), response=cast(httpx.Response, answered))
        return _accepted(answered.json())
    except NotWritable as error:
        return Failed(UNFIT, str(error))
    except NotSent as error:
        return Failed(NOT_SENT, str(error))
    except OutcomeUnknown as error:
        return Unsure(str(error))
    except WhatsAppError as error:
        return _refused(error, answered.usage)
    except (ValueError, TypeError, LookupError, AttributeError):
        # The POST was answered with a success that is not Meta's shape: it may well be on its way.
        return Unsure("the answer could not be read")


async def _answered(request: Awaitable[Any], advice: str) -> dict[str, Any]:
    try:
        answer = await request
    except WhatsAppError as error:
        raise _problem_of(error) from error
    except (httpx.HTTPError, ValueError) as error:
        raise CloudProblem(
            NOT_SENT, f"Meta could not be asked ({type(error).__name__}: {blotted(str(error))}); {advice}."
        ) from error
    if not isinstance(answer, dict):
        raise CloudProblem(NOT_SENT, f"Meta's answer was not an object; {advice}.")
    return answer


def _problem_of(error: WhatsAppError) -> CloudProblem:
    refused, raw = read_error(error.raw), error.raw
    said = " ".join(str(raw[key]) for key in ("error_user_title", "error_user_msg") if raw.get(key))
    return CloudProblem(
        refused.code,
        f"Meta refused ({refused.code}): {refused.details}",
        subcode=refused.subcode,
        said=blotted(said or refused.details),
    )


def _said(answer: Mapping[str, Any], key: str) -> str:
    if not answer.get(key):
        raise CloudProblem(NOT_SENT, f"Meta's answer has no “{key}”; look whether it was done before you try again.")
    return str(answer[key])


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


@dataclass(frozen=True, slots=True)
class Draft:
    """Where pywa sends one kind of message, and all that it writes with it.

    In `form` three things are still to be filled in: the address, what this message says, and its tracker. None of them
    needs a sign of JSON escaped: what an address may be is checked before, and the rest is JSON.
    """

    path: str
    form: bytes


class _Echo(httpx.AsyncClient):
    """A session that sends nothing: the answer is what pywa asked it to send."""

    def __init__(self) -> None:
        super().__init__(transport=httpx.MockTransport(lambda _: httpx.Response(503)))  # a real one loads certificates

    async def request(  # type: ignore[override]  # pywa calls it like this, and reads no more than Answered has
        self, method: str, url: str, *, json: Mapping[str, Any]
    ) -> Answered:
        return Answered(200, orjson.dumps([url, json]), True)


def _drafted(message: Outgoing) -> Draft:
    """Raises NotWritable."""
    api = WhatsApp(token="none", session=_Echo()).api  # noqa: S106  it goes nowhere
    common: dict[str, Any] = {
        "sender": message.number_id,
        "to": message.to,
        "recipient": message.recipient,
        "recipient_type": "individual",
        "biz_opaque_callback_data": message.tracker,
    }
    if endpoint := message.marketing_endpoint:
        sharing = endpoint.shares_activity
        asked = api.send_marketing_message(**common, template={}, message_activity_sharing=sharing)
    else:
        asked = api.send_message(**common, typ=message.kind.value, msg={})
    path, body = _at_once(asked)
    return Draft(path, _form(body | ({"product_policy": endpoint.product_policy} if endpoint else {}), message))


def _at_once(asked: Coroutine[Any, Any, Any]) -> Any:
    """What pywa's call comes to: with a session that answers at once it waits for nothing."""
    try:
        asked.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("pywa waits for something else than its session")


def _form(body: Mapping[str, Any], message: Outgoing) -> bytes:
    address = "to" if message.to is not None else "recipient"
    ours = (address, message.kind.value, "biz_opaque_callback_data")
    parts = [written({name: value for name, value in body.items() if name not in ours})[1:-1].replace(b"%", b"%%")]
    parts.append(b'"%b":"%%b"' % address.encode())
    if message.kind is Kind.TEXT:
        parts.append(b'"text":%b')
    else:
        named = written({"name": message.template, "language": {"code": message.language}})
        parts.append(b'"template":%b%%b}' % named[:-1].replace(b"%", b"%%"))
    return b"{%b}" % b",".join([*parts, b'"biz_opaque_callback_data":"%b"'])


def _error_in(answer: Answered) -> dict[str, Any]:
    """Meta's error object, or one made of the status where the answer is none."""
    try:
        return dict(answer.json()["error"])
    except (ValueError, LookupError, TypeError):
        return {"code": answer.status_code, "message": answer.text or f"HTTP {answer.status_code}"}


def _accepted(answer: Mapping[str, Any]) -> Accepted:
    """Raises LookupError, TypeError or AttributeError when it names no message."""
    sent, contacts = answer["messages"][0], answer.get("contacts") or [{}]
    return Accepted(sent["id"], sent.get("message_status", ""), contacts[0].get("wa_id"), contacts[0].get("user_id"))


def _refused(error: WhatsAppError, usage: bytes) -> Failed | Unsure:
    """Meta's refusal, or Unsure where an error page or a 5xx says nothing about the message itself."""
    status = error.status_code or 0
    if "fbtrace_id" not in error.raw and "type" not in error.raw and error.code == status:
        return Unsure(f"HTTP {status} without Meta's error object")  # pywa made the code from the status
    if status >= 500 and error.code not in REFUSED_WITH_5XX:
        return Unsure(f"HTTP {status}, code {error.code}")
    refused = read_error(error.raw)
    return Failed(refused.code, refused.details, refused.subcode, refused.trace_id, regain_in(usage))
