"""Settings: environment, TOML file and command line in, one checked `Settings` out."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from newswire.checks import without_password
from newswire.errors import ConfigurationError
from newswire.settings import Settings, load_settings, to_environment


def _numbers():
    """Every number among the settings, as name and type with its limits."""
    for field in msgspec.inspect.type_info(Settings).fields:
        kind = field.type.type if isinstance(field.type, msgspec.inspect.Metadata) else field.type
        if isinstance(kind, msgspec.inspect.IntType | msgspec.inspect.FloatType):
            yield field.name, kind


def _bounds():
    """Every limit of every number: field, a value just outside, the limit."""
    for name, kind in _numbers():
        for limit, step in (("ge", -1), ("gt", 0), ("le", 1)):
            bound = getattr(kind, limit)
            if bound is not None:
                yield pytest.param(name, str(bound + step), bound, id=f"{name}-{limit}")


@pytest.mark.parametrize(("field", "text", "limit"), list(_bounds()))
def test_number_outside_its_limit_is_refused_by_name_value_and_limit(field, text, limit):
    """The line names NEWSWIRE_<KEY>, the value as given and the limit it breaks."""
    variable = f"NEWSWIRE_{field.upper()}"

    with pytest.raises(ConfigurationError) as caught:
        load_settings({variable: text})

    assert str(caught.value).startswith(f"{variable}={text}: expected ")
    assert str(limit) in str(caught.value)


def test_every_number_has_an_upper_limit():
    """No number may be so large that it breaks what it is handed to."""
    numbers = list(_numbers())

    unlimited = [name for name, kind in numbers if kind.le is None]

    assert len(numbers) > 20
    assert unlimited == []


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("DELAY_S", "soon", "expected float"),
        ("DELAY_S", "nan", "expected float >= 0.0"),
        ("DELAY_S", "inf", "expected float <= 3600.0"),
        ("SHARDS", "", "expected int"),
        ("SHARDS", "1.5", "expected int"),
        ("MAX_DEPTH", "true", "expected int"),
        ("DATA_DIR", "", "length >= 1"),
        ("DATA_DIR", "\udcff", "must be UTF-8 text"),
        ("USER_AGENT", "/0.1", "begins with a name"),
        ("USER_AGENT", "", "length >= 1"),
        ("USER_AGENT", "bot\r\nCookie: x", "printable ASCII"),
        ("USER_AGENT", "bot\n", "printable ASCII"),
        ("USER_AGENT", "бот", "printable ASCII"),
        ("REDIS_URL", "redis:", "redis://127.0.0.1:6379/0"),
        ("REDIS_URL", "embedded:elsewhere", "must be embedded:"),
        ("REDIS_URL", "http://127.0.0.1", "must be embedded:"),
        ("REDIS_URL", "redis://h:0/", "must be embedded:"),
        ("REDIS_URL", "redis://h:65536/", "Port out of range"),
        ("REDIS_URL", "redis://h:no/", "Port could not be cast"),
        ("REDIS_URL", "unix://", "unix:///run/redis.sock"),
        ("INDEX_URL", "elsewhere", "must be tantivy: or tantivy:///path"),
        ("INDEX_URL", "tantivy:relative", "must be tantivy: or tantivy:///path"),
        ("LOG_LEVEL", "loud", "must be one of debug, info, warning, error"),
        ("LOG_LEVEL", "info\n", "must be one of"),
        ("ALLOW_NETWORKS", "127.0.0.0/33", "example: 127.0.0.0/8"),
        ("ALLOW_NETWORKS", "10.0.0.1/8", "has host bits set"),
        ("FLOWER_READ_ONLY", "yes", "expected true or false"),
        ("LEASE_S", "20", "NEWSWIRE_TASK_HARD_LIMIT_S (25.0) < NEWSWIRE_LEASE_S (20.0) must hold"),
    ],
)
def test_unusable_value_is_refused_with_what_is_wanted(key, text, said):
    """One line names the variable, its value and what it should be."""
    variable = f"NEWSWIRE_{key}"

    with pytest.raises(ConfigurationError) as caught:
        load_settings({variable: text})

    assert str(caught.value).startswith(f"{variable}={text}")
    assert said in str(caught.value)


def test_unknown_variable_is_refused_and_the_nearest_named():
    """A misspelt variable is an error that helps, never a setting without effect."""
    with pytest.raises(ConfigurationError, match=r"NEWSWIRE_DELAYS_S: unknown setting \(did you mean NEWSWIRE_DELAY_S"):
        load_settings({"NEWSWIRE_DELAYS_S": "1"})


def test_variable_in_lower_case_is_unknown():
    """Environment names are upper-case: two spellings of one key could contradict each other."""
    with pytest.raises(ConfigurationError, match="NEWSWIRE_delay_s: unknown setting"):
        load_settings({"NEWSWIRE_delay_s": "1"})


def test_foreign_variables_are_left_alone():
    """Only names with our prefix are read."""
    settings = load_settings({"PATH": "/bin", "DELAY_S": "x", "NEWS": "y"})

    assert settings == Settings()


def test_environment_wins_over_file_and_command_line_over_both(tmp_path: Path):
    """Precedence: command line, environment, file, default."""
    file = tmp_path / "newswire.toml"
    file.write_text('delay_s = 3.0\nmax_depth = 7\nshards = 2\nallow_networks = ["10.0.0.0/8"]\n')
    environ = {"NEWSWIRE_CONFIG": str(file), "NEWSWIRE_MAX_DEPTH": "8", "NEWSWIRE_SHARDS": "3"}

    settings = load_settings(environ, shards=4, delay_s=None)

    assert (settings.delay_s, settings.max_depth, settings.shards) == (3.0, 8, 4)
    assert settings.allow_networks == ("10.0.0.0/8",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("delay = 1", "unknown setting delay (did you mean delay_s?)"),
        ("[limits]\nmax_depth = 1", "unknown setting limits"),
        ("delay_s = -2.0", "delay_s = -2.0: expected float >= 0.0"),
        ("allow_networks = '10.0.0.0/8'", "allow_networks = 10.0.0.0/8: expected array"),
        ("allow_networks = [1]", "expected str"),
        ("delay_s = ", "Invalid value"),
    ],
)
def test_bad_file_is_refused_by_path(tmp_path: Path, text: str, said: str):
    """The line names the file, the key and what is wrong."""
    file = tmp_path / "newswire.toml"
    file.write_text(text)

    with pytest.raises(ConfigurationError) as caught:
        load_settings({"NEWSWIRE_CONFIG": str(file)})

    assert str(file) in str(caught.value)
    assert said in str(caught.value)


def test_file_that_is_not_text_is_refused(tmp_path: Path):
    """Bytes that are no UTF-8 are a configuration error, not a traceback."""
    file = tmp_path / "newswire.toml"
    file.write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigurationError, match="NEWSWIRE_CONFIG="):
        load_settings({"NEWSWIRE_CONFIG": str(file)})


def test_missing_file_is_refused():
    """A file that was named and is not there is an error, not the defaults."""
    with pytest.raises(ConfigurationError, match=r"NEWSWIRE_CONFIG=/nowhere\.toml: .*No such file"):
        load_settings({"NEWSWIRE_CONFIG": "/nowhere.toml"})


def test_environment_of_a_child_gives_the_same_settings():
    """What a supervisor hands to its children reads back equal, lists included."""
    settings = load_settings({}, delay_s=0.25, allow_networks=["127.0.0.0/8", "::1/128"], shards=3, max_depth=0)

    again = load_settings(to_environment(settings))

    assert again == settings


def test_robots_agent_is_the_product_token():
    """The first word before the slash is what robots.txt groups are matched with."""
    settings = load_settings({"NEWSWIRE_USER_AGENT": "paper bot/2 (+https://paper.example/)"})

    assert settings.robots_agent == "paper"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("redis://user:secret@h/0", "redis://user:***@h/0"),
        ("redis://:sec@ret@h/0", "redis://:***@h/0"),
        ("redis://h/0?password=secret", "redis://h/0?***"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock"),
    ],
)
def test_password_is_never_shown(url: str, shown: str):
    """Addresses appear in messages without what they protect."""
    assert without_password(url) == shown


def test_password_is_masked_in_the_refusal_of_a_url():
    """A wrong port must not print the password beside it."""
    with pytest.raises(ConfigurationError) as caught:
        load_settings({"NEWSWIRE_REDIS_URL": "redis://u:secret@h:99999/0"})

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("INDEX_API_KEY", "id:geheim", id="key-not-encoded"),
        pytest.param("INDEX_API_KEY", "geheim\nlines", id="key-of-two-lines"),
        *(
            pytest.param("INDEX_URL", f"https://elastic:ge{sign}heim@es:9200", id=f"password-with-{ord(sign):x}")
            for sign in "/?#["
        ),
        pytest.param("REDIS_URL", "redis://worker:ge/heim@redis:6379/0", id="redis-password"),
    ],
)
def test_refusal_of_a_secret_shows_no_piece_of_it(tmp_path, key, value):
    """From a variable, from the file that it names or from TOML: the line names the setting and what is wanted."""
    (tmp_path / "secret").write_text(value + "\n")
    (tmp_path / "newswire.toml").write_text(f"{key.lower()} = {msgspec.json.encode(value).decode()}\n")
    origins = (
        {f"NEWSWIRE_{key}": value},
        {f"NEWSWIRE_{key}_FILE": str(tmp_path / "secret")},
        {"NEWSWIRE_CONFIG": str(tmp_path / "newswire.toml")},
    )

    for environ in origins:
        with pytest.raises(ConfigurationError) as caught:
            load_settings(environ)
        said = str(caught.value).replace(str(tmp_path), "")
        assert key in said.upper()
        assert "must be" in said
        assert not [piece for piece in (":ge", "heim", "lines") if piece in said]


def test_value_is_read_from_the_file_that_a_variable_names(tmp_path):
    """NEWSWIRE_<FIELD>_FILE is how a container hands over a secret: the file's line is the value."""
    secret = tmp_path / "redis_url"
    secret.write_text("redis://worker:secret@redis:6379/0\n")

    settings = load_settings({"NEWSWIRE_REDIS_URL_FILE": str(secret)})

    assert settings.redis_url == "redis://worker:secret@redis:6379/0"


def test_bad_value_in_a_file_is_refused_by_the_variable_that_names_the_file(tmp_path):
    """The line names what was set, not the variable that was not."""
    file = tmp_path / "delay"
    file.write_text("-1\n")

    with pytest.raises(ConfigurationError) as caught:
        load_settings({"NEWSWIRE_DELAY_S_FILE": str(file)})

    assert str(caught.value).startswith(f"NEWSWIRE_DELAY_S_FILE={file}: -1: expected float >= 0.0")


def test_mark_that_editors_put_before_utf_8_is_no_part_of_a_file(tmp_path):
    """A byte order mark is read over, as every editor does."""
    file = tmp_path / "newswire.toml"
    file.write_text("max_depth = 2\n", encoding="utf-8-sig")

    assert load_settings({"NEWSWIRE_CONFIG": str(file)}).max_depth == 2


def test_file_of_a_value_that_is_missing_is_named(tmp_path):
    """A secret that was not mounted stops the process with its variable and path."""
    path = tmp_path / "absent"

    with pytest.raises(ConfigurationError, match=f"NEWSWIRE_REDIS_URL_FILE={path}"):
        load_settings({"NEWSWIRE_REDIS_URL_FILE": str(path)})


def test_value_and_file_of_a_value_exclude_each_other(tmp_path):
    """Two origins of one value would leave it to chance which is used."""
    environ = {"NEWSWIRE_REDIS_URL": "redis://a", "NEWSWIRE_REDIS_URL_FILE": str(tmp_path)}

    with pytest.raises(ConfigurationError, match="both set"):
        load_settings(environ)
