"""The verbs `crawl` and `up` used wrongly: each is told before anything is started."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from crawler.commands import crawl, up
from crawler.run import Summary
from crawler.summary import conclude, print_summary
from newswire.errors import ConfigurationError, FailureError
from newswire.presentation import results_console


@pytest.fixture
def refused(tmp_path, monkeypatch):
    """Run a verb in an empty folder; returns the error that it ends with."""
    monkeypatch.chdir(tmp_path)

    def run(verb, *arguments: str) -> str:
        error = CliRunner().invoke(verb, arguments).exception
        assert isinstance(error, ConfigurationError)
        assert not (tmp_path / "newswire-data").exists()
        return str(error)

    return run


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "--urls list.txt: there is no URL in it", id="empty"),
        pytest.param("# none\n  # yet\n", "--urls list.txt: there is no URL in it", id="comments"),
        pytest.param("https://a.example/x\n\nstory\n", "--urls list.txt:3: not a web address: 'story'", id="bad-line"),
    ],
)
def test_bad_list_of_urls_is_refused_by_file_and_line(refused, tmp_path, text, says):
    """A list of thousands is mended by its line number; a mark before UTF-8 is no part of a URL."""
    (tmp_path / "list.txt").write_text(text, encoding="utf-8-sig")

    assert refused(crawl, "--urls", "list.txt").startswith(says)


def test_service_without_a_schedule_is_refused(refused, tmp_path):
    """`up` would run for ever and fetch nothing."""
    (tmp_path / "sources.toml").write_text('[[source]]\nname = "a"\nhome = "https://a.example/"\n')

    assert refused(up, "--sources", "sources.toml").startswith("sources.toml: no source has `every`")


def test_name_of_a_source_is_no_markup(capsys):
    """Brackets in a name are printed as they are."""
    summary = Summary(outcomes={("[/b]", "fetch", "skipped", "private_address"): 1}, admitted={"[/b]": 1})

    print_summary(summary, results_console())
    with pytest.raises(FailureError, match="private_address; NEWSWIRE_ALLOW_NETWORKS names networks"):
        conclude(summary)

    assert "[/b]" in capsys.readouterr().out
