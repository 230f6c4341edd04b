"""What is handed to Meta besides messages: templates and files, and what is said when Meta does not take them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from gateway.core.failure import NOT_SENT
from gateway.whatsapp.cloud import Cloud, CloudProblem
from gateway.whatsapp.session import Wire
from tests.whatsapp.sink import Drop, Reply, Request, Script, Sink, refusal, with_sink

QUICK = Wire(connect_seconds=0.3, answer_seconds=0.6)
BODY = {"name": "a", "language": "tr", "category": "UTILITY", "components": [{"type": "BODY", "text": "Merhaba."}]}
Talk = Callable[[Cloud], Awaitable[Any]]


def said_to(script: Script, talk: Talk) -> tuple[Any, list[Request]]:
    """What the Cloud answers, and what went over the wire."""
    answers: list[Any] = []

    async def run(sink: Sink) -> None:
        async with Cloud(token="secret", base_url=sink.url(), wire=QUICK) as cloud:
            answers.append(await talk(cloud))

    requests = with_sink(script, run).requests
    return answers[0], requests


def problem_of(script: Script, talk: Talk) -> CloudProblem:
    async def caught(cloud: Cloud) -> CloudProblem:
        with pytest.raises(CloudProblem) as found:
            await talk(cloud)
        return found.value

    answer, _ = said_to(script, caught)
    assert isinstance(answer, CloudProblem)
    return answer


def reply_with(**body: Any) -> Reply:
    return Reply(body=orjson.dumps(body))


WRITES: dict[str, Talk] = {
    "create": lambda cloud: cloud.create_template("555", BODY),
    "edit": lambda cloud: cloud.edit_template("7", {"components": BODY["components"]}),
    "unpause": lambda cloud: cloud.unpause_template("7"),
    "upload": lambda cloud: cloud.upload("1065", b"\xff\xd8\xff", "image/jpeg", "kapak.jpg"),
    "sample": lambda cloud: cloud.upload_sample("99", b"\xff\xd8\xff", "image/jpeg"),
}


def test_a_new_template_is_handed_in_as_it_was_written() -> None:
    answer, [request] = said_to(lambda _: reply_with(id="7", status="PENDING"), WRITES["create"])
    assert (answer, request.method, request.target) == ("7", "POST", "/v26.0/555/message_templates")
    assert request.json == BODY


def test_an_edit_carries_only_what_changes() -> None:
    _, [request] = said_to(lambda _: reply_with(success=True), WRITES["edit"])
    assert (request.method, request.target) == ("POST", "/v26.0/7")
    assert request.json == {"components": BODY["components"]}


def test_a_file_goes_to_its_number_as_a_form_with_its_type() -> None:
    answer, [request] = said_to(lambda _: reply_with(id="314"), WRITES["upload"])
    assert (answer, request.method, request.target) == ("314", "POST", "/v26.0/1065/media")
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert request.headers["authorization"] == "Bearer secret"
    for part in (b'name="messaging_product"', b"whatsapp", b'filename="kapak.jpg"', b"image/jpeg", b"\xff\xd8\xff"):
        assert part in request.body


def test_a_sample_goes_in_two_steps_and_comes_back_as_a_handle() -> None:
    def two_steps(request: Request) -> Reply:
        return reply_with(id="upload:abc") if "/uploads?" in request.target else reply_with(h="4::x")

    answer, [opened, filled] = said_to(two_steps, WRITES["sample"])
    assert answer == "4::x"
    assert opened.target == "/v26.0/99/uploads?file_name=sample&file_length=3&file_type=image/jpeg"
    assert (filled.target, filled.body, filled.headers["file_offset"]) == ("/v26.0/upload:abc", b"\xff\xd8\xff", "0")


def test_only_the_named_template_is_listed_although_meta_searches() -> None:
    page = reply_with(data=[{"name": "spring"}, {"name": "spring_offer"}])
    answer, [request] = said_to(lambda _: page, lambda cloud: cloud.templates("555", "spring"))
    assert answer == [{"name": "spring"}]
    assert "name=spring" in request.target


def test_metas_own_explanation_is_kept_for_the_author() -> None:
    error = {
        "message": "Invalid parameter",
        "code": 100,
        "error_subcode": 2388299,
        "error_user_title": "Variables can't be at the start or end",
        "error_user_msg": "Call +90 555 000 00 01 for more.",
        "fbtrace_id": "A",
        "type": "OAuthException",
    }
    problem = problem_of(lambda _: Reply(400, orjson.dumps({"error": error})), WRITES["create"])
    assert (problem.code, problem.subcode) == (100, 2388299)
    assert problem.said == "Variables can't be at the start or end Call … for more."


def test_a_template_that_may_not_go_on_yet_says_why() -> None:
    answer = reply_with(success=False, reason="It was paused less than 5 minutes ago.")
    assert "less than 5 minutes" in str(problem_of(lambda _: answer, WRITES["unpause"]))


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    ("reply", "code"),
    [(refusal(401, 190, "token expired"), 190), (Drop(), NOT_SENT), (Reply(200, b"<html>"), NOT_SENT)],
    ids=["refused", "dropped", "unreadable"],
)
def test_a_write_that_fails_is_told_and_never_repeated(write: str, reply: Reply | Drop, code: int) -> None:
    seen: list[Request] = []

    def count(request: Request) -> Reply | Drop:
        seen.append(request)
        return reply

    assert problem_of(count, WRITES[write]).code == code
    assert len(seen) == 1


@pytest.mark.parametrize("write", ["upload", "sample"])
def test_an_answer_without_an_id_is_a_failure(write: str) -> None:
    assert problem_of(lambda _: reply_with(success=True), WRITES[write]).code == NOT_SENT
