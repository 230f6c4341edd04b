"""`izin up`, `web`, `work` and `practice`: the processes."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import click

from gateway import log
from gateway.assembly import House
from gateway.cli.exits import Exit
from gateway.cli.speech import Trouble, house_command, settings_or_trouble, the_house
from gateway.clock import clock_for
from gateway.practice.settings import PracticeProblem, PracticeSettings
from gateway.settings import Settings

PRACTICE_PORT = 8090
LOOK_SECONDS = 0.2
STOP_SECONDS = 35


@click.command()
def web() -> None:
    """Serve the webhook, the links and the overview page.

    \b
    Example:  izin web
    """
    from gateway.web.app import serve as serve_web  # each process loads its own half of the house only

    settings = settings_or_trouble()
    log.set_up("web", settings.log_format, settings.log_level)
    if not settings.app_secrets:
        raise Trouble("IZIN_APP_SECRETS is missing: without it no webhook can be trusted.", code="settings")
    with the_house(settings):
        pass  # what stands in the way of the process that serves is said here, in words
    try:
        serve_web(settings)
    except OSError as problem:
        where = f"{settings.web_host}:{settings.web_port}"
        why = os.strerror(problem.errno or 0)
        sentence = f"Nothing can be served at {where}: {why}. See IZIN_WEB_HOST and IZIN_WEB_PORT."
        raise Trouble(sentence, Exit.AWAY, "port") from None


@click.command()
@house_command
def work(house: House) -> None:
    """Send what is due and keep the timetable. Any number of workers may run; each number has one owner.

    \b
    Example:  izin work
    """
    from gateway import worker

    log.set_up("worker", house.settings.log_format, house.settings.log_level)
    if not house.settings.token:
        raise Trouble("IZIN_TOKEN is missing; for a try without an account use `izin up`.", code="settings")
    if not house.settings.phone_number_ids:
        raise Trouble("IZIN_PHONE_NUMBER_IDS is missing: there is no number to send from.", code="settings")
    worker.work(house)


@click.command()
@click.option("--port", default=PRACTICE_PORT, show_default=True)
@click.option("--webhook", default="http://127.0.0.1:8080/webhook", show_default=True, help="Where its webhooks go.")
@click.option("--seed", default=1, show_default=True, help="The same seed deals the same habits.")
def practice(port: int, webhook: str, seed: int) -> None:
    """Run the practice Cloud API alone: Meta's words, limits and errors, and people with habits.

    \b
    Example:  izin practice --port 8090
    """
    from gateway.practice.server import serve as serve_practice

    ours = settings_or_trouble()
    log.set_up("practice", ours.log_format, ours.log_level)
    settings = PracticeSettings(port=port, webhook_urls=(webhook,), seed=seed)
    clock = clock_for(ours.clock_shift)
    try:
        serve_practice(settings, clock=clock, ready=lambda p: click.echo(f"practice Cloud API: http://127.0.0.1:{p}"))
    except (PracticeProblem, OSError) as problem:
        raise Trouble(f"The practice world cannot start: {problem}", Exit.AWAY, "practice") from None


def practice_environment(settings: Settings, practice_url: str) -> dict[str, str]:
    """What the other processes need to talk to the practice world instead of Meta: address and credentials only."""
    known = PracticeSettings()
    password = settings.page_password or secrets.token_urlsafe(9)
    return {
        "IZIN_GRAPH_URL": practice_url,
        "IZIN_PROXY": "",  # the practice world is on this machine
        "IZIN_TOKEN": known.token,
        "IZIN_PHONE_NUMBER_IDS": ",".join(number.id for number in known.numbers),
        "IZIN_WABA_ID": known.waba_id,
        "IZIN_APP_SECRETS": known.app_secret,
        "IZIN_VERIFY_TOKEN": settings.verify_token or "practice-verify",
        "IZIN_PAGE_PASSWORD": password,
    }


def start(command: list[str], environment: Mapping[str, str], log_file: Path | None = None) -> subprocess.Popen[bytes]:
    """Start `izin COMMAND` as a process of its own."""
    output = log_file.open("ab") if log_file is not None else None
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "gateway", *command],
            env=dict(environment),
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for us; we tell the others to stop, gently
        )
    finally:
        if output is not None:
            output.close()


def stop_all(processes: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for process in processes.values():
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in processes.values():
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _told_to_stop() -> list[int]:
    """Filled once Ctrl-C or a service manager's SIGTERM has come. Noted and not raised: an exception between the start
    of a process and its noting would leave one that nobody stops."""
    told: list[int] = []
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda number, _: told.append(number))
    return told


@click.command()
def up() -> None:
    """Start web and worker, and the practice Cloud API when no credentials are set. Ctrl-C stops all.

    \b
    Example:  izin up
    """
    settings = settings_or_trouble()
    environment, commands = dict(os.environ), {"web": ["web"], "worker": ["work"]}
    if not settings.has_credentials:
        url = f"http://127.0.0.1:{PRACTICE_PORT}"
        webhook = f"http://{settings.web_host}:{settings.web_port}/webhook"
        commands = {"practice": ["practice", "--webhook", webhook]} | commands
        environment |= practice_environment(settings, url)
        click.echo(f"No credentials: using the practice Cloud API at {url}")
    password = environment.get("IZIN_PAGE_PASSWORD") or settings.page_password
    click.echo(f"Overview: http://{settings.web_host}:{settings.web_port}/   password: {password or 'none set'}")
    told = _told_to_stop()
    processes: dict[str, subprocess.Popen[bytes]] = {}
    ended: list[str] = []
    try:
        for name, command in commands.items():
            if not told:
                processes[name] = start(command, environment)
        while not (told or ended):
            time.sleep(LOOK_SECONDS)
            ended = [name for name, process in processes.items() if process.poll() is not None]
        if told:
            click.echo("Stopping …")
            return
    finally:
        stop_all(processes)
    raise Trouble(f"{' and '.join(ended)} ended by itself; its last words are above.", Exit.AWAY, "ended")
