"""What a client may do to a served process: endless heads, slow bodies, a thousand connections, and going away."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.acceptance.office import Answer, Office, answer_on, served_office

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.databases import Databases

MIB = 1024 * 1024
# Far below what the old code took for a head of 100 MB, far above what a process takes by itself meanwhile.
CALM = 80 * MIB
QUICK = {"ADJUDICATE_HEAD_SECONDS": "2", "ADJUDICATE_BODY_SECONDS": "2"}


@pytest.fixture(scope="module")
def office(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One process for all: starting it takes longer than what is asked of it, and it must bear all of this in a row."""
    url = databases.create("sqlite")
    with served_office(url, tmp_path_factory.mktemp("office"), **QUICK) as found:
        yield found
    databases.drop(url)


def alive(office: Office) -> bool:
    return office.served.get("/livez").status_code == 200


def send_until_refused(office: Office, pieces: Iterable[bytes]) -> tuple[int, Answer]:
    """Send pieces until the other side will not take them; how many bytes it took, and its answer."""
    sent = 0
    with office.connect(seconds=5) as connection:
        with contextlib.suppress(OSError):
            for piece in pieces:
                connection.sendall(piece)
                sent += len(piece)
        return sent, answer_on(connection)


def many(piece: bytes, *, total: int) -> Iterator[bytes]:
    block = piece * (65536 // len(piece) or 1)
    for _ in range(total // len(block)):
        yield block


HEADS = {
    "many lines": (b"GET /livez HTTP/1.1\r\nHost: x\r\n", b"X-A: " + b"a" * 200 + b"\r\n", 431),
    "one line": (b"GET /livez HTTP/1.1\r\nHost: x\r\nX-A: ", b"a" * 1000, 431),
    "one name": (b"GET /livez HTTP/1.1\r\nHost: x\r\n", b"a" * 1000, 431),
    "address": (b"GET /livez?", b"a" * 1000, 414),
}


@pytest.mark.finding("D4")
@pytest.mark.parametrize("kind", HEADS)
def test_a_head_of_a_hundred_megabytes_is_refused_and_takes_no_memory(office: Office, kind: str) -> None:
    begin, piece, status = HEADS[kind]
    before = office.resident()
    sent, answer = send_until_refused(office, [begin, *many(piece, total=100 * MIB)])
    assert office.resident() - before < CALM
    assert (answer.status, answer.headers.get("connection")) == (status, "close")
    assert answer.code == ("uri-too-long" if status == 414 else "head-too-large")
    assert sent < 50 * MIB
    assert alive(office)
    office.await_lines("connections cut off", reason=answer.code)


@pytest.mark.finding("D4")
def test_too_many_fields_are_refused_though_they_are_short(office: Office) -> None:
    answer = office.ask(
        b"GET /livez HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: a\r\n" % i for i in range(200)) + b"\r\n"
    )
    assert (answer.status, answer.code) == (431, "head-too-large")
    assert office.ask(b"GET /livez HTTP/1.1\r\nHost: x\r\n" + b"X-1: a\r\n" * 50 + b"\r\n").status == 200


@pytest.mark.finding("D4")
def test_fields_behind_a_body_take_no_memory(office: Office) -> None:
    head = office.head("POST", office.upload_path, Content_Type="application/pdf", Transfer_Encoding="chunked")
    for piece in (b"X-A: " + b"a" * 200 + b"\r\n", b"a" * 1000):
        before = office.resident()
        send_until_refused(office, [head, b"3\r\nabc\r\n0\r\n", *many(piece, total=100 * MIB)])
        assert office.resident() - before < CALM
    assert alive(office)


@pytest.mark.finding("D4")
def test_a_slow_head_and_a_slow_body_are_ended_with_an_answer(office: Office) -> None:
    heads = {
        "head": b"GET /livez HTTP/1.1\r\nX-A: ",
        "body": office.head("POST", "/v1/cases", Content_Type="application/json", Content_Length="100000"),
        "document": office.head("POST", office.upload_path, Content_Type="application/pdf", Content_Length="100000"),
        "chunks": office.head("POST", office.upload_path, Content_Type="a/b", Transfer_Encoding="chunked")
        + b"ffff\r\n",
    }

    def trickle(head: bytes) -> Answer:
        with office.connect(seconds=1) as connection:
            connection.sendall(head)
            for _ in range(40):
                with contextlib.suppress(OSError):
                    connection.sendall(b"a")
                if (answer := answer_on(connection)).raw:
                    return answer
            return answer

    with ThreadPoolExecutor(4) as pool:
        answers = dict(zip(heads, pool.map(trickle, heads.values()), strict=True))
    assert {kind: answer.status for kind, answer in answers.items()} == dict.fromkeys(heads, 408)
    assert {answer.code for answer in answers.values()} == {"request-timeout"}
    office.await_lines("connections cut off", reason="request-timeout")
    office.await_nothing_left()


@pytest.mark.finding("D4")
def test_who_connects_and_says_nothing_is_let_go(office: Office) -> None:
    with office.connect() as silent, office.connect() as blank:
        for _ in range(100):
            with contextlib.suppress(OSError):
                blank.sendall(b"\r\n")
            time.sleep(0.05)
        silent.settimeout(10)
        blank.settimeout(10)
        assert (answer_on(silent).closed, answer_on(blank).raw) == (True, b"")


def open_files(office: Office) -> int:
    return len(list(Path(f"/proc/{office.served.process.pid}/fd").iterdir()))


@pytest.mark.finding("D4")
def test_a_thousand_idle_connections_keep_nobody_out(sqlite_url: str, tmp_path: Path) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert most >= 4096, "the machine grants too few open files for a thousand connections"
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with served_office(sqlite_url, tmp_path, ADJUDICATE_MAX_CONNECTIONS="300", ADJUDICATE_HEAD_SECONDS="5") as office:
        before, files = office.resident(), open_files(office)
        connections: list[socket.socket] = []
        try:
            for number in range(1000):
                connections.append(office.connect())
                if number % 3 == 0:
                    connections[-1].sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n" + (b"\r\n" if number % 2 else b""))
                if number % 100 == 0:
                    assert alive(office)
            assert alive(office)
            assert open_files(office) - files < 400
            assert office.resident() - before < CALM
            office.await_lines("connections cut off", reason="gave-way")
            # Those that had sent half a head are told once: they did not hang up.
            assert [line for line in office.lines("connections cut off") if line["reason"] == "hung-up"] == []
            # One line at once, and one for all that follow within some seconds.
            assert len(office.lines("connections cut off")) < 20
        finally:
            for connection in connections:
                connection.close()
        assert alive(office)


@pytest.mark.finding("D4")
def test_where_all_connections_are_busy_one_more_is_told_to_come_again(sqlite_url: str, tmp_path: Path) -> None:
    with (
        served_office(sqlite_url, tmp_path, ADJUDICATE_MAX_CONNECTIONS="10") as office,
        contextlib.ExitStack() as stack,
    ):
        head = office.head("POST", office.upload_path, Content_Type="application/pdf", Content_Length="1000")
        busy = [stack.enter_context(office.connect()) for _ in range(10)]
        for connection in busy:
            connection.sendall(head)
        time.sleep(1)
        with office.connect(seconds=5) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = answer_on(connection)
        assert (answer.status, answer.headers.get("retry-after")) == (503, "1")
        assert (answer.code, answer.headers["content-type"]) == ("overloaded", "application/problem+json")
        for number, connection in enumerate(busy):
            connection.sendall(b"%04d" % number * 250)
            assert answer_on(connection).status == 201
        assert alive(office)


@pytest.mark.finding("D4")
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_body_beyond_its_limit_is_refused_before_it_has_come(office: Office, framing: str) -> None:
    fields = {"Content_Length": str(2**40)} if framing == "length" else {"Transfer_Encoding": "chunked"}
    head = office.head("POST", "/v1/cases", Content_Type="application/json", **fields)
    chunk = b"a" * MIB if framing == "length" else b"%x\r\n" % MIB + b"a" * MIB + b"\r\n"
    before = office.resident()
    sent, answer = send_until_refused(office, [head, *([chunk] * 500)])
    assert (answer.status, answer.code) == (413, "body-too-large")
    assert sent < 100 * MIB
    assert office.resident() - before < CALM
    assert alive(office)


@pytest.mark.finding("D5")
def test_three_hundred_clients_that_hang_up_are_no_errors(office: Office) -> None:
    content = b"%PDF" + bytes(4 * MIB)
    head = office.head("POST", office.upload_path, Content_Type="application/pdf", Content_Length=str(len(content)))
    location = office.ask(head + content).headers["location"]
    before = office.resident()
    case = office.head("POST", "/v1/cases", Content_Type="application/json", Content_Length="5000")

    def leave(number: int) -> None:
        with office.connect() as connection:
            kind = number % 4
            connection.sendall([case + b'{"a', head + content[:5000], office.head("GET", location), b"GET /li"][kind])
            if kind == 2:
                connection.recv(1000)
            elif kind == 1:
                time.sleep(0.05)
            # With this the system sends a reset, as it does where a program was killed.
            if number % 8 < 4:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with ThreadPoolExecutor(16) as pool:
        asking = threading.Event()
        probes = pool.submit(lambda: [alive(office) for _ in range(20) if not asking.wait(0.05)])
        list(pool.map(leave, range(300)))
        assert probes.result() == [True] * 20
    office.await_lines("connections cut off", reason="hung-up")
    assert [line for line in office.served.lines() if line["level"] in {"error", "critical"}] == []
    assert len([line for line in office.lines("connections cut off") if line["reason"] == "hung-up"]) < 20
    assert office.resident() - before < CALM
    office.await_nothing_left()


def test_a_request_that_is_no_http_is_a_problem_and_one_line(office: Office) -> None:
    answer = office.ask(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
    assert (answer.status, answer.code, answer.closed) == (400, "request-malformed", False)
    (line,) = office.await_lines("connections cut off", reason="request-malformed")
    assert (line["level"], line["count"]) == ("warning", 1)


def test_a_client_that_offers_another_protocol_is_answered_in_http(office: Office) -> None:
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
    answer = office.ask(b"GET /livez HTTP/1.1\r\nHost: x\r\n" + upgrade)
    assert answer.status == 200


def test_requests_sent_at_once_on_one_connection_are_answered_in_order(office: Office) -> None:
    with office.connect(seconds=2) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n" * 5 + b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
        raw = answer_on(connection, until_closed=True).raw
    assert raw.count(b"HTTP/1.1 200") == 5
    assert raw.rindex(b"HTTP/1.1 404") > raw.rindex(b"HTTP/1.1 200")


def told(figures: str, name: str) -> float:
    return next(
        (float(line.split()[-1]) for line in figures.splitlines() if line.startswith(f"adjudicate_{name} ")), -1
    )


@pytest.mark.finding("D8")
def test_what_is_cut_off_is_counted_by_its_reason(office: Office) -> None:
    name = 'connections_cut_off_total{reason="request-malformed"}'
    before = max(told(office.served.get("/metrics").text, name), 0)
    office.ask(b"nonsense\r\n\r\n")
    assert told(office.served.get("/metrics").text, name) == before + 1


@pytest.mark.finding("D8")
def test_of_several_processes_counts_and_connections_are_added_up_and_what_the_database_says_is_not(
    postgresql_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "counts"
    more = {"ADJUDICATE_METRICS_FOLDER": str(folder)}
    with served_office(postgresql_url, tmp_path, "--processes", "2", **more) as office:
        for _ in range(100):
            processes = {path.stem.rpartition("_")[2] for path in folder.glob("gauge_livesum_*.db")}
            figures = office.served.get("/metrics").text
            if len(processes) >= 2 and told(figures, 'database_connections{pool="commands",state="kept"}') > 0:
                break
            time.sleep(0.1)
        kept = told(figures, 'database_connections{pool="commands",state="kept"}')
        assert (kept > 0, told(figures, "database_up")) == (True, 1)
        texts = [office.served.get("/metrics").text for _ in range(10)]
        assert len({told(text, "outbox_open") for text in texts}) == 1
        assert told(texts[0], "outbox_open") > 0
        counted = [told(text, 'requests_total{operation="read_metrics",status="200"}') for text in texts]
        assert counted == sorted(counted)
        gone = int(next(iter(processes)))
        os.kill(gone, signal.SIGKILL)
        for _ in range(100):
            with contextlib.suppress(OSError, httpx.HTTPError):
                figures = office.served.get("/metrics").text
                if not list(folder.glob(f"gauge_livesum_{gone}.db")):
                    break
            time.sleep(0.1)
        assert not list(folder.glob(f"gauge_livesum_{gone}.db"))
        assert told(figures, 'requests_total{operation="read_metrics",status="200"}') >= counted[-1]


def test_the_process_stops_though_a_client_is_still_sending(office: Office) -> None:
    with office.connect() as connection:
        connection.sendall(office.head("POST", office.upload_path, Content_Type="a/b", Content_Length="100"))
        time.sleep(0.5)
        assert office.served.stop() == 0
