"""Prompts: the most exact file is found, values stay words, and a wrong file is named."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, meta
from jinja2.exceptions import UndefinedError
from make import prompts

from bot.app import files_below, find
from bot.model import ActionKind, Audience, ReportReason, Role
from bot.prompts import DEFAULT_LOCALE, LONGEST, PromptError, Prompts, fill

HEAD = '+++\ntitle = "T"\ntone = "tip"\nwhy = "W"\n[sample]\n{}\n+++\n'
PLAIN = HEAD.format("") + "Words."
NAMED = HEAD.format('other = "Sam"') + "Hello {{ other }}, and *you*."


def of(*paths: str) -> Prompts:
    """Prompts in these files."""
    return Prompts({f"{path}.md": PLAIN for path in paths})


MEMBER, LISTENER, GUEST, MODERATOR = Role.MEMBER, Role.LISTENER, Role.GUEST, Role.MODERATOR


@pytest.mark.parametrize(
    ("files", "role", "teen", "found"),
    [
        ("to-other to-other.member to-other.member.teen to-other.teen", MEMBER, True, "to-other.member.teen"),
        ("to-other to-other.member to-other.member.teen", MEMBER, False, "to-other.member"),
        ("to-other to-other.member to-other.teen", MEMBER, True, "to-other.member"),
        ("to-other to-other.listener to-other.teen", MEMBER, True, "to-other.teen"),
        ("to-other to-other.teen", LISTENER, False, "to-other"),
        ("to-other to-other.member", GUEST, False, "to-other.member"),
        ("to-other to-other.listener", MODERATOR, False, "to-other.listener"),
        ("to-other.listener", MEMBER, False, None),
        ("to-sender", MEMBER, False, None),
        ("to-other.teen", MEMBER, False, None),
    ],
)
def test_the_most_exact_file_wins(files: str, role: Role, found: str | None, *, teen: bool) -> None:
    """Role goes before age, age before neither; nobody gets the words for another role, age or audience."""
    picked = of(*(f"en/tip/{file}" for file in files.split())).pick("tip", Audience.TO_OTHER, role, teen=teen)
    assert (picked and picked.path) == (found and f"tip/{found}")


@pytest.mark.parametrize(
    ("topic", "found"),
    [
        ("pretext.battery", "pretext.battery"),
        ("pretext.other", "pretext"),
        ("pretext", "pretext"),
        ("a.b.c", "a"),
        ("secrecy", None),
        ("pre", None),
    ],
)
def test_a_topic_falls_back_to_a_broader_one(topic: str, found: str | None) -> None:
    """``pretext.other`` without words of its own gets those of ``pretext``; half a name gets nothing."""
    picked = of("en/pretext/to-other", "en/pretext.battery/to-other", "en/a/to-other").pick(topic, Audience.TO_OTHER, MEMBER, teen=False)
    assert (picked and picked.path) == (found and f"{found}/to-other")


@pytest.mark.parametrize(
    ("topic", "locale", "found"),
    [
        ("tip", "de", "de"),
        ("tip", "de-AT", "de"),
        ("tip", "pt-BR", "pt-BR"),
        ("tip", "fr", "en"),
        ("rules", "de", "en"),
        ("tip", "", "en"),
        ("tip", "../en", "en"),
    ],
)
def test_a_language_falls_back(topic: str, locale: str, found: str) -> None:
    """First the reader's own, then its main language, then English, topic by topic."""
    files = of("en/tip/room", "en/rules/room", "de/tip/room", "pt-BR/tip/room")
    picked = files.pick(topic, Audience.ROOM, MEMBER, teen=False, locale=locale)
    assert picked is not None
    assert picked.locale == found


@pytest.mark.parametrize(
    "name",
    [
        "[Verify](https://x.example)",
        "<b>Sam</b>",
        "**Sam**",
        "_Sam_ `code`",
        "<https://x.example>",
        "![x](y)",
        "# Sam",
        "&lt;b&gt;",
        "~~Sam~~",
        "<script>alert(1)</script>",
        "https://x.example",
        "- Sam\n- Sam",
        "Sam\n===",
        "1. Sam",
        "{{ other }}",
        "Sam\\",
    ],
)
def test_a_name_stays_a_name(name: str) -> None:
    """Whatever signs a name holds, they are shown as they are and are no markup, and the words around keep theirs."""
    (prompt,) = Prompts({"en/tip/room.md": NAMED})
    filled = fill(prompt, {"other": name})
    assert "<em>you</em>" in filled.html
    assert set(re.findall(r"</?[a-z]+", filled.html)) == {"<p", "</p", "<em", "</em"}
    assert unescape(filled.html).replace("\n", " ").count(name.replace("\n", " ")) == 1
    assert filled.text == f"Hello {name.replace(chr(10), ' ')}, and you."


@given(st.text(max_size=40))
def test_no_name_becomes_markup(name: str) -> None:
    """No value at all opens a tag, a link or an attribute."""
    (prompt,) = Prompts({"en/tip/room.md": NAMED})
    html = fill(prompt, {"other": name}).html
    assert not re.search(r"<(?!/?(?:p|em)>)", html)


def test_a_list_is_shown_as_one() -> None:
    """Marks of our own become HTML, and plain text keeps the lines and what is quoted."""
    (prompt,) = Prompts({"en/tip/room.md": HEAD.format("") + "One:\n\n- first\n- *second*\n\n> quoted"})
    filled = fill(prompt, {})
    assert filled.text == "One:\n- first\n- second\nquoted"
    assert "<li>first</li>" in filled.html
    assert "<blockquote>" in filled.html


@pytest.mark.parametrize(
    ("path", "content", "wrong"),
    [
        ("en/tip/room.md", "Words.", r"between two \+\+\+"),
        ("room.md", PLAIN, "<locale>/<topic>"),
        ("en/tip/room.md", PLAIN.replace("tip", "shout"), "shout"),
        ("en/tip/room.md", PLAIN.replace("why", "because"), "because"),
        ("en/tip/room.md", PLAIN.replace('"T"', "T"), "nvalid"),
        ("en/tip/room.md", PLAIN.replace("[sample]", 'actions = ["explode"]\n[sample]'), "explode"),
        ("en/tip/room.md", PLAIN + "{{ other }}", "other"),
        ("en/tip/room.md", PLAIN + "{% if %}", "Expected"),
        ("en/tip/room.md", PLAIN + "{{ ''.__class__.__mro__ }}", "unsafe"),
        ("en/tip/room.md", PLAIN + "long " * 70, f"room for {LONGEST}"),
    ],
)
def test_a_wrong_file_is_named(path: str, content: str, wrong: str) -> None:
    """Each kind of error names the file and what is wrong in it."""
    with pytest.raises(PromptError, match=wrong) as error:
        Prompts({path: content})
    assert str(error.value).startswith(f"{path}: ")


def test_a_missing_value_is_an_error() -> None:
    """Nothing is left out in silence where a value is missing."""
    (prompt,) = Prompts({"en/tip/room.md": NAMED})
    with pytest.raises(UndefinedError):
        fill(prompt, {})


def test_line_ends_of_any_system_will_do() -> None:
    """A file saved on Windows reads the same."""
    (prompt,) = Prompts({"en/tip/room.md": PLAIN.replace("\n", "\r\n")})
    assert fill(prompt, {}).text == "Words."


# --- several wordings, and labels ------------------------------------------------------------------------------------

THREE = PLAIN + "\n+++ Another title\nOther words.\n+++\nThird words.\n"


def test_wordings_take_turns() -> None:
    """A line of three plus signs begins another wording, which brings its own title or keeps the first."""
    (prompt,) = Prompts({"en/tip/room.md": THREE})
    said = [fill(prompt, {}, turn) for turn in range(4)]
    assert [(one.title, one.text) for one in said] == [
        ("T", "Words."),
        ("Another title", "Other words."),
        ("T", "Third words."),
        ("T", "Words."),
    ]


@pytest.mark.parametrize("wrong", ["+++ Longer\n" + "long " * 70, "+++\n{{ other }}"])
def test_every_wording_is_read_at_once(wrong: str) -> None:
    """A mistake in a later wording is found when the file is read, and not when its turn comes."""
    with pytest.raises(PromptError):
        Prompts({"en/tip/room.md": f"{PLAIN}\n{wrong}"})


def test_a_page_may_be_long() -> None:
    """What is opened to be read has more room than a nudge."""
    page = PLAIN.replace("[sample]", "page = true\n[sample]") + "long " * 70
    assert len(list(Prompts({"en/tip/room.md": page}))) == 1


def test_an_edition_is_the_words() -> None:
    """Any change to a file makes another edition of it, and nothing else does."""
    (one,), (same,), (changed,) = (Prompts({"en/tip/room.md": words}) for words in (PLAIN, PLAIN, PLAIN + "!"))
    assert one.edition == same.edition != changed.edition


def test_labels_fall_back() -> None:
    """A label is sought in the reader's language, then in English, an operator's own before ours; without any it is its own name."""
    ours = {"en/labels.toml": '[buttons]\nreport = "Report"\nleave = "Leave"', "de/labels.toml": '[buttons]\nreport = "Melden"'}
    words = Prompts({**ours, "de/tip/room.md": PLAIN}, {"en/labels.toml": '[buttons]\nleave = "Go"'})
    asked = ((ActionKind.REPORT, "de-AT"), (ActionKind.LEAVE, "de"), (ActionKind.REPORT, "en"), (ActionKind.BLOCK, "en"))
    assert [words.label(what, locale) for what, locale in asked] == ["Melden", "Go", "Report", "block"]


@pytest.mark.parametrize("content", ["[buttons]\nexplode = 'x'", "[knobs]", "[buttons"])
def test_wrong_labels_are_named(content: str) -> None:
    """A label for something that is not there names its file."""
    with pytest.raises(PromptError, match=r"^en/labels\.toml: "):
        Prompts({"en/labels.toml": content})


def test_everything_has_a_label() -> None:
    """Every button, every reason and every audience has its short words in English."""
    for what in (*ActionKind, *ReportReason, *Audience):
        assert prompts().label(what) != str(what)


# --- the prompts that come along -------------------------------------------------------------------------------------

FILES = files_below(find("prompts"), ".md")
GIVEN = {"other", "helplines", "contact", "usual_time"}


@pytest.mark.parametrize("path", FILES)
def test_samples_are_the_variables_used(path: str) -> None:
    """Every file samples exactly the variables that it uses, and uses only what it is given."""
    _, _, body = FILES[path].split("+++\n", 2)
    (prompt,) = Prompts({path: FILES[path]})
    used = meta.find_undeclared_variables(Environment(autoescape=True).parse(body))
    assert used == set(prompt.front.sample)
    assert used <= GIVEN


def test_every_locale_falls_back_to_files_that_are_there() -> None:
    """No locale has a file that English lacks, so nobody gets words that others never could."""
    english = {prompt.path for prompt in prompts() if prompt.locale == DEFAULT_LOCALE}
    assert {prompt.path for prompt in prompts()} == english


def test_topics_are_named_by_what_comes_after() -> None:
    """What a room can be reminded of is what there are files for."""
    assert of("en/remind.kind/room", "en/remind.contact/room", "en/reminder/room").topics("remind") == ("contact", "kind")
