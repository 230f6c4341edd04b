"""Checkpoints over the real tables: signed incrementally, continued, handed over, and refused over a changed past."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from consent import checkpoints, ledger, refolding, subtrees
from consent.proof.checkpoint import Note, new_signing_key, read_note
from consent.proof.findings import Doubt
from consent.proof.merkle import Tree, includes, is_prefix
from consent.subtrees import BLOCK, StoredTree
from gateway.actions.rebuild_standings import compare_standings, rebuild
from gateway.actions.sign_checkpoint import CannotSign, LedgerInDoubt, change_key, sign_checkpoint
from gateway.actions.verify_ledger import verify_ledger
from gateway.storage.database import Database
from tests.actions.ledgers_given import NEW, OLD, signed
from tests.given import Given

HOUR = timedelta(hours=1)


def add_events(database: Database, count: int) -> list[bytes]:
    """Rows of the ledger that only the Merkle tree looks at; the raw hashes."""
    hashes = [hashlib.sha256(str(n).encode()).digest() for n in range(1, count + 1)]
    with database.write() as connection:
        connection.execute(
            text("INSERT INTO subject (id, ref, created_at) VALUES (1, 'r', :now)"), {"now": _now(database)}
        )
        connection.execute(
            text("INSERT INTO ledger_event (seq, subject_id, idem, hash, body) VALUES (:seq, 1, :idem, :hash, :body)"),
            [{"seq": n, "idem": str(n), "hash": h.hex(), "body": b"{}"} for n, h in enumerate(hashes, 1)],
        )
        connection.execute(text("UPDATE ledger_head SET size = :size"), {"size": count})
    return hashes


def _now(database: Database) -> object:
    return 0 if database.is_sqlite else "2026-01-01 00:00:00+00"


def keep_next(database: Database, limit: int) -> dict[int, bytes]:
    with database.read() as connection:
        found = subtrees.missing(connection, limit)
    if found:
        database.run(lambda c: subtrees.keep(c, found))
    return found


@pytest.mark.parametrize("kept", [0, 1, 10])
def test_the_stored_tree_is_the_tree_of_rfc_6962(database: Database, kept: int) -> None:
    size = 2 * BLOCK + 37
    plain = Tree(add_events(database, size))
    keep_next(database, kept)
    with database.read() as connection:
        for upto in (1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, size):
            stored = StoredTree(connection, upto)
            assert stored.root() == plain.root(upto)
            for index in {0, upto // 2, upto - 1}:
                path = stored.inclusion(index)
                assert path == plain.inclusion(index, upto)
                assert includes(stored.root(), plain.leaf(index), index, upto, path)
            proof = StoredTree(connection, size).consistency(upto)
            assert is_prefix(upto, plain.root(upto), size, plain.root(), proof)


def test_a_checkpoint_hashes_only_what_is_new(database: Database) -> None:
    add_events(database, 3 * BLOCK + 5)
    assert [list(keep_next(database, 2)) for _ in range(3)] == [[0, 1], [2], []]
    with database.read() as connection:
        assert len(subtrees.kept(connection)) == 3


def test_two_who_keep_the_same_subtrees_do_not_stand_in_each_others_way(database: Database) -> None:
    add_events(database, 2 * BLOCK)
    with database.read() as connection:
        found = subtrees.missing(connection)
    for _ in range(2):
        database.run(lambda c: subtrees.keep(c, found))
    with database.read() as connection:
        assert subtrees.kept(connection) == list(found.values())


def test_nobody_waits_while_events_are_hashed(gateway: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hashing of a subtree finds the database free to write."""
    add_events(gateway.database, BLOCK)
    hashed = subtrees.hashes

    def hashes(connection: Connection, after: int, upto: int) -> list[bytes]:
        with gateway.database.write() as other:
            other.execute(text("UPDATE ledger_head SET size = size"))
        return hashed(connection, after, upto)

    monkeypatch.setattr(subtrees, "hashes", hashes)
    with pytest.raises(LedgerInDoubt):  # these rows are no events, which is seen only after the subtrees
        signed(gateway)
    with gateway.database.read() as connection:
        assert len(subtrees.kept(connection)) == 1


def test_an_empty_ledger_is_not_signed(gateway: Given) -> None:
    assert sign_checkpoint(gateway.database, OLD, gateway.settings.checkpoints, gateway.now) is None


def test_a_checkpoint_stands_in_the_database_and_in_the_folder(gateway: Given) -> None:
    gateway.person()
    note = signed(gateway)
    ((path, published),) = checkpoints.published(gateway.settings.checkpoints)
    assert path.read_text("utf-8") == note
    assert isinstance(published, Note)
    assert published.signers([OLD.verifier]) == [OLD.verifier]
    with gateway.database.read() as connection:
        assert [one.note for one in checkpoints.everything(connection)] == [note]
        assert published.checkpoint.size == ledger.head(connection)[0]


def test_a_ledger_that_has_not_grown_is_not_signed_again(gateway: Given) -> None:
    gateway.person()
    first = signed(gateway)
    gateway.clock.advance(HOUR)
    assert signed(gateway) == first
    gateway.person()
    assert read_note(signed(gateway)).checkpoint.size == 2


def test_a_key_hands_over_and_both_are_followed(gateway: Given) -> None:
    gateway.person()
    signed(gateway)
    handed = change_key(gateway.database, OLD, NEW, gateway.settings.checkpoints, gateway.now)
    assert read_note(handed.note).signers([OLD.verifier, NEW.verifier]) == [OLD.verifier, NEW.verifier]
    gateway.person()
    signed(gateway, NEW)
    with gateway.database.read() as connection:
        by_old = verify_ledger(connection, [OLD.verifier], gateway.settings.checkpoints)
    assert by_old.findings.holds, by_old.findings.lines()
    assert checkpoints.verifier_keys(gateway.settings.checkpoints) == [OLD.verifier, NEW.verifier]


def test_a_key_of_another_name_cannot_follow(gateway: Given) -> None:
    gateway.person()
    signed(gateway)
    stranger = new_signing_key("other.example/ledger", bytes(32))
    with pytest.raises(CannotSign, match=r"other\.example"):
        change_key(gateway.database, OLD, stranger, gateway.settings.checkpoints, gateway.now)
    with pytest.raises(CannotSign, match="keep the name"):
        sign_checkpoint(gateway.database, stranger, gateway.settings.checkpoints, gateway.now)


# tampering with the database's own rows, as somebody would who owns it


@contextmanager
def as_owner(database: Database) -> Iterator[Connection]:
    """A connection that has taken the guards away, as the database's owner can."""
    with database.write() as connection:
        if database.is_sqlite:
            names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            for name in names:
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("ALTER TABLE ledger_event DISABLE TRIGGER USER"))
            connection.execute(text("ALTER TABLE consent_text DISABLE TRIGGER USER"))
        yield connection


def five_people_signed(gateway: Given) -> None:
    for _ in range(5):
        gateway.person()
    signed(gateway)


def doubts(gateway: Given, folder: Path | None = None) -> set[Doubt]:
    with gateway.database.read() as connection:
        found = verify_ledger(connection, [OLD.verifier], folder or gateway.settings.checkpoints).findings
    return found.kinds()


def forged_body(connection: Connection, seq: int) -> bytes:
    body = connection.execute(text("SELECT body FROM ledger_event WHERE seq = :seq"), {"seq": seq}).scalar_one()
    return bytes(body).replace(b'"source":"web_form"', b'"source":"paper___"')


def test_an_edited_event_is_found(gateway: Given) -> None:
    five_people_signed(gateway)
    with as_owner(gateway.database) as connection:
        values = {"body": forged_body(connection, 2)}
        connection.execute(text("UPDATE ledger_event SET body = :body WHERE seq = 2"), values)
    assert Doubt.WRONG_HASH in doubts(gateway)


def test_a_deleted_event_is_found(gateway: Given) -> None:
    five_people_signed(gateway)
    with as_owner(gateway.database) as connection:
        connection.execute(text("DELETE FROM ledger_event WHERE seq = 2"))
    assert {Doubt.SEQUENCE, Doubt.BROKEN_LINK} <= doubts(gateway)


def test_two_events_in_each_others_place_are_found(gateway: Given) -> None:
    five_people_signed(gateway)
    with as_owner(gateway.database) as connection:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            connection.execute(text("UPDATE ledger_event SET seq = :new WHERE seq = :old"), {"old": old, "new": new})
    assert Doubt.SEQUENCE in doubts(gateway)


def cut_the_tail(gateway: Given, size: int) -> None:
    with as_owner(gateway.database) as connection:
        connection.execute(text("DELETE FROM ledger_event WHERE seq > :size"), {"size": size})
        last = connection.execute(text("SELECT hash FROM ledger_event WHERE seq = :s"), {"s": size}).scalar_one()
        connection.execute(text("UPDATE ledger_head SET size = :s, hash = :h"), {"s": size, "h": last})
        connection.execute(text("DELETE FROM standing"))
        refolding.rebuild(connection)


def test_a_tail_that_was_cut_off_is_found_by_the_checkpoint_alone(gateway: Given) -> None:
    five_people_signed(gateway)
    cut_the_tail(gateway, 3)
    assert doubts(gateway) == {Doubt.TRUNCATED, Doubt.UNCOVERED}
    with gateway.database.write() as connection:
        connection.execute(text("DELETE FROM checkpoint"))
    assert Doubt.TRUNCATED in doubts(gateway), "the folder still knows"


def test_a_restored_backup_is_not_signed_over(gateway: Given) -> None:
    five_people_signed(gateway)
    cut_the_tail(gateway, 3)
    with gateway.database.write() as connection:
        connection.execute(text("DELETE FROM checkpoint"))  # as old as the rest of the backup
    gateway.person()
    with pytest.raises(LedgerInDoubt, match="backup was restored"):
        signed(gateway)


def recompute_everything(gateway: Given) -> None:
    """An administrator changes an event and hashes the whole chain anew."""
    from dataclasses import replace

    import orjson

    from consent.events import canonical, from_mapping, hash_of

    with as_owner(gateway.database) as connection:
        rows = connection.execute(text("SELECT seq, body FROM ledger_event ORDER BY seq")).all()
        prev = "0" * 64
        for seq, body in rows:
            event = replace(from_mapping(orjson.loads(bytes(body)), ""), prev_hash=prev)
            event = replace(event, source="paper___") if seq == 2 else event
            forged = canonical(event)
            prev = hash_of(forged)
            values = {"s": seq, "b": forged, "h": prev}
            connection.execute(text("UPDATE ledger_event SET body = :b, hash = :h WHERE seq = :s"), values)
        connection.execute(text("UPDATE ledger_head SET hash = :h"), {"h": prev})
        refolding.rebuild(connection)


def test_a_recomputed_chain_is_found_by_what_was_signed(gateway: Given) -> None:
    five_people_signed(gateway)
    recompute_everything(gateway)
    assert Doubt.WRONG_ROOT in doubts(gateway)
    gateway.person()
    with pytest.raises(LedgerInDoubt, match="not those that were signed"):
        signed(gateway)


def test_a_recomputed_chain_without_its_checkpoints_is_found_by_the_folder(gateway: Given) -> None:
    five_people_signed(gateway)
    recompute_everything(gateway)
    with gateway.database.write() as connection:
        connection.execute(text("DELETE FROM checkpoint"))
    assert Doubt.WRONG_ROOT in doubts(gateway)


def test_an_event_changed_before_it_was_signed_is_not_signed(gateway: Given) -> None:
    five_people_signed(gateway)
    for _ in range(3):
        gateway.person()
    with as_owner(gateway.database) as connection:
        values = {"body": forged_body(connection, 7)}
        connection.execute(text("UPDATE ledger_event SET body = :body WHERE seq = 7"), values)
    with pytest.raises(LedgerInDoubt, match="hash to"):
        signed(gateway)


def test_a_fork_for_another_reader_is_found(gateway: Given, tmp_path: Path) -> None:
    five_people_signed(gateway)
    recompute_everything(gateway)
    with gateway.database.write() as connection:
        connection.execute(text("DELETE FROM checkpoint"))
    second = sign_checkpoint(gateway.database, OLD, tmp_path / "for the other reader", gateway.now)
    assert second is not None
    assert {Doubt.FORK, Doubt.WRONG_ROOT} <= doubts(gateway)


def test_a_changed_consent_text_is_found(gateway: Given) -> None:
    five_people_signed(gateway)
    with as_owner(gateway.database) as connection:
        body = connection.execute(text("SELECT body FROM consent_text WHERE locale = 'tr'")).scalar_one()
        forged = bytes(body).replace("kampanyalarını".encode(), "bütün iletilerini".encode())
        connection.execute(text("UPDATE consent_text SET body = :b WHERE locale = 'tr'"), {"b": forged})
    assert Doubt.WRONG_TEXT in doubts(gateway)


def test_a_clock_that_runs_back_does_not_run_back_in_the_ledger(gateway: Given) -> None:
    gateway.person()
    gateway.clock.advance(-HOUR)
    later = gateway.person()
    (event,) = gateway.events(later)
    assert event.recorded_at == gateway.now + HOUR
    assert signed(gateway)


def test_a_standing_written_by_hand_is_found_shouted_and_put_right(
    gateway: Given, caplog: pytest.LogCaptureFixture
) -> None:
    ayse = gateway.person()
    gateway.says(ayse, "DUR")
    with gateway.database.write() as connection:
        connection.execute(text("UPDATE standing SET state = 'granted', refused = :no"), {"no": False})
    assert Doubt.INCOMPLETE in doubts(gateway)
    assert compare_standings(gateway.database) == [ayse.subject.id]
    assert "not what the ledger's events say" in caplog.text
    assert rebuild(gateway.database) == [ayse.subject.id]
    assert rebuild(gateway.database) == []


def test_a_replayed_webhook_adds_nothing(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.says(ayse, "DUR", message_id="wamid.once")
    note = signed(gateway)
    gateway.says(ayse, "DUR", message_id="wamid.once")
    gateway.drain()
    assert signed(gateway) == note
