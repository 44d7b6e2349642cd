"""What goes wrong outside of us: one clear line, the right exit code, no traceback, no process left behind."""

from __future__ import annotations

import os
import socket

import pytest
from driver import Newswire, ends_alone, wait_while_running
from world import Page, World

EXIT_FAILURE = 1
EXIT_USAGE = 2

# Arguments of `newswire crawl`, settings, exit code, and what the line must name.
WRONG_USE = {
    "no url": (["nonsense"], {}, "nonsense"),
    "scheme of files": (["ftp://news.example/a"], {}, "ftp://news.example/a"),
    "no host": (["http://"], {}, "http://"),
    "port out of range": (["http://127.0.0.1:99999/"], {}, "http://127.0.0.1:99999/"),
    "nothing to crawl": ([], {}, "nothing to crawl"),
    "no list of urls": (["--urls", "{tmp}/none.txt"], {}, "none.txt"),
    "bad line in a list": (["--urls", "{tmp}/bad.txt"], {}, "news.example/without-scheme"),
    "no sources file": (["--sources", "{tmp}/none.toml"], {}, "none.toml"),
    "broken sources file": (["--sources", "{tmp}/broken.toml"], {}, "broken.toml"),
    "unknown key of a source": (["--sources", "{tmp}/unknown.toml"], {}, "hoem"),
    "unknown source": (["weekly", "--sources", "{tmp}/sources.toml"], {}, "weekly"),
    "source without a file": (["weekly"], {}, "weekly"),
    "redis port out of range": (["http://127.0.0.1/"], {"redis_url": "redis://127.0.0.1:99999/0"}, "99999"),
    "redis url of another scheme": (["http://127.0.0.1/"], {"redis_url": "http://127.0.0.1/"}, "redis_url|REDIS_URL"),
    "setting that is no number": (["http://127.0.0.1/"], {"delay_s": "slow"}, "slow"),
    "unknown setting": (["http://127.0.0.1/"], {"dealy_s": "1"}, "DEALY_S"),
    "network that is none": (["http://127.0.0.1/"], {"allow_networks": "127.0.0.0/99"}, "127.0.0.0/99"),
}
FILES = {
    "bad.txt": "http://127.0.0.1/a\nnews.example/without-scheme\n",
    "broken.toml": "[[source]\nname = 1\n",
    "unknown.toml": '[[source]]\nname = "daily"\nhoem = "http://127.0.0.1/"\n',
    "sources.toml": '[[source]]\nname = "daily"\nhome = "http://127.0.0.1/"\n',
}


def assert_told(newswire: Newswire, done, code: int, *names: str) -> None:
    """Exit code, one line that names the thing, nothing on stdout after it, nothing left running."""
    assert done.code == code, done
    assert any(name in done.error_line for name in names), done.error_line
    ends_alone(newswire, timeout_s=0.5)


@pytest.mark.parametrize("case", WRONG_USE)
def test_wrong_use_is_told_in_one_line(case, tmp_path):
    """Exit code 2 before anything is started; the line names what is wrong."""
    arguments, settings, names = WRONG_USE[case]
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    newswire = Newswire(tmp_path / "data", **settings)

    done = newswire.run("crawl", *(word.format(tmp=tmp_path) for word in arguments))

    assert_told(newswire, done, EXIT_USAGE, *names.split("|"))


def test_site_that_is_down_is_told_and_waits(newswire):
    """Connection refused: exit code 1, the host and why; the URL waits for the next run."""
    with socket.create_server(("127.1.9.1", 0)) as taken:
        url = f"http://127.1.9.1:{taken.getsockname()[1]}/"  # its port is free again when the block ends

    done = newswire.run("crawl", url)

    assert_told(newswire, done, EXIT_FAILURE, "127.1.9.1")
    books = newswire.json("audit")
    assert (books["adds_up"], books["sources"][0]["in_flight"]) == (True, 1)


def test_host_whose_robots_cannot_be_had_is_not_fetched(newswire, tmp_path):
    """robots.txt answers 500: no page of the host is requested (RFC 9309 section 2.3.1.4), exit code 1."""
    pages = [Page(host="127.1.9.2", target="/robots.txt", status=500), Page(host="127.1.9.2", target="/a.html")]
    with World(pages, tmp_path) as world:
        done = newswire.run("crawl", pages[1].url(world.port))

        assert_told(newswire, done, EXIT_FAILURE, "127.1.9.2")
        assert {request.path for request in world.requests()} == {"/robots.txt"}


def test_redis_that_does_not_answer_is_told(tmp_path):
    """Nobody listens at NEWSWIRE_REDIS_URL: exit code 1, the line names it, the password is not shown."""
    newswire = Newswire(tmp_path / "data", redis_url="redis://:secret@127.0.0.1:1/0")

    done = newswire.run("crawl", "http://127.1.9.3/")

    assert_told(newswire, done, EXIT_FAILURE, "127.0.0.1:1")
    assert "secret" not in done.err


def test_data_folder_in_use_is_told_and_the_other_run_goes_on(newswire, zyte, half_list, undisturbed):
    """The second command on a folder ends with exit code 1; the first one ends well."""
    first = newswire.start("crawl", "--urls", half_list)
    wait_while_running(first, newswire.counts, what="the first one is under way")

    second = newswire.run("crawl", "--urls", half_list)

    assert second.code == EXIT_FAILURE
    assert "in use" in second.error_line
    assert newswire.wait(first).code == 0
    assert newswire.articles() == undisturbed.articles_of(half_list)


def test_data_folder_below_a_file_is_told(tmp_path):
    """A folder that cannot be made: exit code 2."""
    (tmp_path / "file").touch()
    newswire = Newswire(tmp_path / "file" / "data")

    done = newswire.run("crawl", "http://127.1.9.3/")

    assert_told(newswire, done, EXIT_USAGE, str(newswire.data))


def test_data_folder_that_cannot_be_written_is_told(tmp_path):
    """A folder without write permission: exit code 2."""
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere; test_disks has a read-only disk")
    (tmp_path / "data").mkdir(mode=0o555)
    newswire = Newswire(tmp_path / "data")

    done = newswire.run("crawl", "http://127.1.9.3/")

    assert_told(newswire, done, EXIT_USAGE, str(newswire.data))


@pytest.mark.parametrize("arguments", [("status",), ("audit",), ("search", "x"), ("show", "x"), ("dead", "list")])
def test_questions_to_an_empty_data_folder_are_told(arguments, newswire):
    """There was no crawl yet: exit code 1, and the folder is not made."""
    done = newswire.run(*arguments)

    assert_told(newswire, done, EXIT_FAILURE, str(newswire.data))
    assert not newswire.data.exists()
