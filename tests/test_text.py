"""Folding: what the views say, where their characters came from, and that no text whatever is too much for it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.text import View, clean, fold, lay, level, sentence_at, widen

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80)
TRICKY = st.text(st.sampled_from("aAeo01345@$!.-_ *|\n\0éеоаß\ud800\u200b\u0301\ufe0f👍🏽\ufdfa٣ㅤ"), max_size=60)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Text ME", "text me"),
        ("ＣＡＬＬ me", "call me"),
        ("te\u200blegram", "telegram"),
        ("te\u00adle\u2060gram", "telegram"),
        ("don\u2019t", "don't"),
        ("cafe\u0301", "café"),
        ("٠١٢٣", "0123"),
        ("𝓽𝓮𝔁𝓽", "text"),
        ("a\tb\u00a0c\r\nd", "a b c \nd"),
        ("a\0b\ud800c", "abc"),
        ("до свидания", "до свидания"),
        ("👍🏽 ok\ufe0f", "👍🏽 ok"),
        ("", ""),
    ],
)
def test_plain_is_one_spelling_of_what_was_written(written: str, plain: str) -> None:
    """Case, form and what cannot be seen are gone; words of every script stay."""
    assert fold(written).plain.text == plain


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("my t3l3gram", "my telegram"),
        ("t e l e g r a m", "telegram"),
        ("get on t 3 l e gr a m", "get on telegram"),
        ("w-h-a-t-s-a-p-p", "whatsapp"),
        ("teleeeegram", "telegram"),
        ("calllll me", "call me"),
        ("tеlеgrаm", "telegram"),
        ("téxt me", "text me"),
        ("$nap", "snap"),
        ("ca1l", "call"),
    ],
)
def test_the_skeleton_takes_disguises_off(written: str, meant: str) -> None:
    """Look-alikes, leet, spaced and stretched letters become the word that was meant."""
    skeleton = fold(written).skeleton
    assert skeleton is not None
    assert skeleton.text == meant


@pytest.mark.parametrize(
    "written",
    ["how are you today", "I have 2 cats and 30 mins", "see you at 5pm!", "I took 20mg", "привет, друг", "x = 3", "it was soo good"],
)
def test_plain_words_have_no_skeleton(written: str) -> None:
    """Ordinary words, numbers with units and whole words of another script are no disguise."""
    assert fold(written).skeleton is None


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("oh seven seven double nine", "0 7 7 99"),
        ("zero-eight triple five", "0-8 555"),
        ("o77oo9", "077009"),
        ("nine, ONE, four", "9, 1, 4"),
        ("seventy seven, nine hundred, four hundred and nine", "77, 900, 409"),
        ("n o u g h t one six", "0 1 6"),
        ("zer0 nin3 four five six", "0 9 4 5 6"),
        ("0a7b7c0d0e9f0", "0770090"),
        ("two1two 5five5 zero", "212 555 0"),
        ("nau aath zero zero, teen paanch", "9 8 0 0, 3 5"),
        ("eate, tree, ate, won, for, too, nyne, six, seven, four", "8, 3, 8, 1, 4, 2, 9, 6, 7, 4"),
        ("to me one of three for seven, too late for four", "to me 1 of 3 for 7, too late for 4"),
        ("oh no, only three or four of two", "oh no, only 3 or 4 of 2"),
    ],
)
def test_number_words_become_digits(written: str, spoken: str) -> None:
    """Number words, doubles and the letter O among digits are read as digits."""
    view = fold(written).spoken
    assert view is not None
    assert view.text == spoken


def test_a_digit_points_at_the_whole_word_it_came_from() -> None:
    """What is masked for a spoken number is its words, not their first letters."""
    written = "call oh SEVEN double nine now"
    view = fold(written).spoken
    assert view is not None
    start = view.text.index("0")
    first, last = view.origin(start, view.text.index("99") + 2)
    assert written[first:last] == "oh SEVEN double nine"


@given(ANY_TEXT | TRICKY)
@example("\u0301")
@example("\ufdfa" * 3)
@example("a\u0301\u0301\u0301")
@example("oh oh oh double")
def test_every_view_points_into_the_original(text: str) -> None:
    """Folding never fails, and every character of every view has its place in the message, in order."""
    folded = fold(text)
    for view in (folded.plain, folded.skeleton, folded.spoken):
        if view is None:
            continue
        spans = [view.origin(index, index + 1) for index in range(len(view.text))]
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert spans == sorted(spans)
    assert not any("\ud800" <= letter <= "\udfff" for letter in folded.plain.text)


@given(ANY_TEXT | TRICKY)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    """The plain form of a plain text without combining marks is itself."""
    once = fold("".join(letter for letter in text if letter.isascii())).plain.text
    assert fold(once).plain.text == once


@given(ANY_TEXT)
def test_a_clean_text_can_be_stored(text: str) -> None:
    """After cleaning a text encodes, and every offset still stands."""
    cleaned = clean(text)
    assert len(cleaned.encode("utf-8")) >= len(cleaned) == len(text)


@given(TRICKY, st.data())
def test_widening_never_narrows(text: str, data: st.DataObject) -> None:
    """A widened span holds the span it was made from, and widening it again gives the same."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = widen(text, start, end)
    assert 0 <= first <= start <= end <= last <= len(text)
    assert widen(text, first, last) == (first, last)


def test_a_mask_leaves_no_half_of_an_emoji() -> None:
    """A span that begins inside a joined emoji and ends before an accent takes the whole of both."""
    text = "x👨‍👩‍👧 e\u0301"
    assert widen(text, 2, 8) == (1, len(text))


def test_an_at_sign_is_a_word_of_its_own() -> None:
    """So a list of names of a handle may have it among them and is still looked for."""
    assert level("whats ur @? mine: @sam").text == " whats ur @ mine @ sam "
    assert level("sam@example.org").text == " sam @ example org "


def test_sentences_are_numbered_by_where_they_begin() -> None:
    """Stops, line ends and ``but`` begin a sentence; a decimal point does not."""
    text = "It cost 3.50 today. I said no! But he asked, but why\nReally"
    starts = fold(text).sentences()
    numbers = [sentence_at(starts, text.index(word)) for word in ("It", "today", "I said", "But", "asked", "why", "Really")]
    assert numbers == sorted(numbers)
    assert numbers[0] == numbers[1] == 0
    assert len(set(numbers[1:])) == 5


def test_a_view_without_maps_is_where_it_is() -> None:
    """A view that moved nothing gives back the span it was asked for."""
    assert View("abc").origin(1, 3) == (1, 3)


@given(st.text(st.characters(exclude_categories=()), max_size=80) | st.text(st.sampled_from("ab_1 .,'\n😘é٣"), max_size=80))
def test_the_way_back_from_a_levelled_text(text: str) -> None:
    """Every character of a levelled text stood where it is said to have stood, and words begin where they did."""
    levelled = level(text).text
    laid = lay(text, levelled)
    for place, character in enumerate(levelled[:-1]):
        after = levelled[place + 1] if character == " " else character
        if after != " ":
            assert text[laid.origin(place)] == after
    begins = laid.words_between(0, len(text))
    assert [text[begin] for begin in begins] == [word[0] for word in levelled.split()]
