"""Prompts: the most exact file is found, values stay words, and a wrong file is named."""

from __future__ import annotations

import re
from html import unescape
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, meta
from jinja2.exceptions import UndefinedError
from make import MAYA, direct, prompts, say

from bot.app import PACKAGE, files_below, find
from bot.edge.settings import Settings
from bot.model import ActionKind, Audience, Reason, ReportReason, Role, Tone, Verdict
from bot.prompts import DEFAULT_LOCALE, LONGEST, Prompt, PromptError, Prompts, fill

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


# --- how they are written --------------------------------------------------------------------------------------------

ALL = {prompt.path: prompt for prompt in prompts()}
ANSWERS = {
    Reason.CANT_TYPE: "typ|slow|short|one word|hurry",
    Reason.BATTERY: "batter|charg|power|before it's empty",
    Reason.APP_TROUBLE: "reload|glitch|trouble|acting up|app ",
    Reason.SPEAK_FREELY: "said|say |speak|told|filtered",
    Reason.BETTER_HELP: "more|help",
    Reason.LOSE_TOUCH: "lose|los|goodbye|touch|for ever",
    Reason.PROVE_REAL: "prove|proof|real|show|doubt|for certain",
    Reason.PRACTICE: "practis|try|tried|steps|shell",
    Reason.COST_TIME: "time|minutes|save|stop in the middle",
    Reason.RULES_SILLY: "rule",
    Reason.PRIVACY: "number|kept|anonymous",
    Reason.OPPORTUNITY: "offer|jobs|money|accept|thank",
    Reason.OTHER: "reason|whatever|here",
}
"""What an answer to each excuse has to speak of."""


def said(prompt: Prompt) -> list[str]:
    """Every wording of a prompt, with its title, as people read it."""
    filled = (fill(prompt, prompt.front.sample, turn) for turn in range(len(prompt.wordings)))
    return [f"{one.title}\n{one.text}" for one in filled]


@pytest.mark.parametrize("reason", Reason)
def test_every_excuse_is_answered(reason: Reason) -> None:
    """R17 to R20: each wording, for either side and either role, speaks of the very reason that was given."""
    for audience, role in product((Audience.TO_OTHER, Audience.TO_SENDER), (MEMBER, LISTENER)):
        prompt = prompts().pick(f"pretext.{reason}", audience, role, teen=False)
        assert prompt is not None
        for words in said(prompt):
            assert re.search(ANSWERS[reason], words, re.IGNORECASE), words


def test_a_warning_has_more_than_one_wording() -> None:
    """What tells people of what somebody wrote to them can be said in more than one way, since it may come again."""
    again = (
        "pretext",
        "offsite",
        "contact.request",
        "contact.share/",
        "picture",
        "personal",
        "secrecy",
        "sexual.invite/",
        "flirt",
        "conduct",
    )
    once = [path for path, prompt in ALL.items() if path.startswith(again) and "/to-other" in path and len(prompt.wordings) == 1]
    assert once == []


@pytest.mark.parametrize("path", ALL)
def test_wordings_are_not_the_same(path: str) -> None:
    """No two wordings of a file share a title or a first sentence."""
    words = said(ALL[path])
    assert len({one.split("\n")[0] for one in words}) == len(words)
    assert len({re.split(r"[.:?]", one.split("\n", 1)[1])[0] for one in words}) == len(words)


@pytest.mark.parametrize("path", ALL)
def test_the_tone_is_kept(path: str) -> None:
    """R28, R49, R106: nobody is accused, quoted, guessed at or talked down to."""
    prompt = ALL[path]
    words = " ".join((prompt.front.why, prompt.front.kept, *said(prompt)))
    for never in (
        r"predator|scammer|creep|pervert|groom(ed|ing)|liar|lying|manipulat|suspicious|guilty|abuser|offender",
        r"\b(he|she|him|her|his|hers|himself|herself|guys?|lad(y|ies)|girls?|boys?|m[ae]n|wom[ae]n)\b",
        r"because you('re| are) (young|a teen)|at your age|young people|grown-ups?|kids?\b|naughty|unacceptable|inappropriate|violat",
        r"must not|forbidden to|strictly|immediately|failure to|you should have|how could you",
    ):
        assert not re.search(never, words, re.IGNORECASE), (path, never)
    for turn in range(len(prompt.wordings)):
        html = fill(prompt, prompt.front.sample, turn).html
        assert not re.search(r"\b(I|I'm|me|my)\b", re.sub(r"<blockquote>.*?</blockquote>|“.*?”", "", html, flags=re.DOTALL)), path


def test_what_comes_from_reading_says_that_it_may_be_wrong() -> None:
    """Whoever can call a note wrong is told that something seemed so, and not that it was."""
    read = [prompt for prompt in ALL.values() if "wrong" in prompt.front.actions and not prompt.path.startswith(("draft.", "profile"))]
    firm = {prompt.path for prompt in read if not re.search(r"\b(seemed|sounded|touch(es|ed)|can mean)\b", prompt.front.why)}
    # What a teen is told of a message is told without an if.
    assert firm == {"teen/to-other", "sexual.invite/to-other.member.teen", "sexual.invite/to-other.listener.teen"}


@pytest.mark.parametrize("path", ALL)
def test_every_note_says_who_sees_it(path: str) -> None:
    """R47, R81: beside its reason stands who sees it, and what is kept, in its own words or in those for its audience."""
    prompt = ALL[path]
    kept = prompt.front.kept or prompts().label(Audience(path.split("/")[1].split(".", maxsplit=1)[0]))
    assert re.search(r"\b(see|sees|seen|know|told|shown)\b", kept), kept
    assert re.search(r"\b(kept|written|noted|counted|keep|Only|Everybody)\b", kept), kept


def test_a_teen_reads_nothing_intimate() -> None:
    """R106: what a teen gets, or somebody who may be one, is in plain words and names nothing of the kind. Rules for a whole room aside."""
    topics = {path.split("/")[0] for path in ALL}
    for topic, audience, role in product(topics, (Audience.TO_SENDER, Audience.TO_OTHER), (MEMBER, LISTENER)):
        prompt = prompts().pick(topic, audience, role, teen=True)
        for words in (prompt.front.why, prompt.front.kept, *said(prompt)) if prompt else ():
            assert not re.search(r"\bsex|intimate|kiss|dating|flirt", words, re.IGNORECASE), prompt and prompt.path


@pytest.mark.parametrize("locale", ["en-US", "en-GB", "en-AU", "en-NZ", "de-DE", "en"])
def test_a_nudge_with_helplines_stays_short(locale: str) -> None:
    """The lines that are named by default leave a note its size, wherever somebody lives."""
    lines = Settings().community().helplines_for(locale)
    for prompt in prompts():
        if "helplines" in prompt.front.sample and not prompt.front.page:
            for turn in range(len(prompt.wordings)):
                assert len(fill(prompt, {**prompt.front.sample, "helplines": lines}, turn).text) <= LONGEST + 20, prompt.path


def test_no_default_helpline_is_taken_for_a_private_number() -> None:
    """Somebody who passes on a helpline is not masked."""
    for line in Settings().community().helplines:
        answer, _ = say(direct(), MAYA, f"you could try {line.name}, it's {line.number}")
        assert answer.verdict is Verdict.DELIVER, line.name


def test_the_widget_says_nothing_of_its_own() -> None:
    """Whatever the browser shows around a nudge comes with it: each word it asks for is written, and each that is written is asked for."""
    script = (PACKAGE / "static" / "nudge.js").read_text("utf-8")
    asked = set(re.findall(r"\bwords\.([a-z_]+)", script)) | {tone.value for tone in Tone}
    assert asked == set(prompts().widget())
