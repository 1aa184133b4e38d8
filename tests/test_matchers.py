"""Phone numbers, e-mail addresses, links, handles and names: where exactly they stand, and what only looks like them."""

from __future__ import annotations

import pytest

from bot.matchers import MATCHERS, Place
from bot.text import fold

QUIETLY = Place(own_links=("porchlight.example",))


def found(matcher: str, text: str, place: Place = QUIETLY) -> list[str]:
    """What a matcher finds in a text, as it was written."""
    return [text[match.start : match.end] for match in MATCHERS[matcher](fold(text), place)]


PHONES = {
    "in groups": ("ring 07700 900318 after six", "07700 900318"),
    "with a country code": ("it is +44 7700 900 216.", "+44 7700 900 216"),
    "with a bracket": ("try (312) 555-0162 ok", "(312) 555-0162"),
    "in pairs like a date": ("06-12-97-11-47 is mine", "06-12-97-11-47"),
    "that counts in part": ("+33 6 12 34 56 78 ok", "+33 6 12 34 56 78"),
    "with dashes between all digits": ("0-7-7-0-0-9-0-0-3-1-8", "0-7-7-0-0-9-0-0-3-1-8"),
    "with the letter O": ("O77OO 9OO318 works", "O77OO 9OO318"),
    "in full-width digits": (
        "\uff10\uff17\uff17\uff10\uff10 \uff19\uff10\uff10\uff13\uff11\uff18 ok",
        "\uff10\uff17\uff17\uff10\uff10 \uff19\uff10\uff10\uff13\uff11\uff18",
    ),
    "in words": (
        "oh seven seven double oh, nine oh oh, three one eight, evenings",
        "oh seven seven double oh, nine oh oh, three one eight",
    ),
    "with hundreds": ("zero seven seven zero zero nine hundred two one six ok", "zero seven seven zero zero nine hundred two one six"),
    "in words and digits": ("07700 nine double 0 three one 8!", "07700 nine double 0 three one 8"),
}


@pytest.mark.parametrize(("text", "number"), PHONES.values(), ids=PHONES)
def test_a_phone_number_is_found_to_the_letter(text: str, number: str) -> None:
    """Neither a digit is left standing nor a word beside it taken."""
    assert found("phone", text) == [number]


def test_emoji_digits_are_digits() -> None:
    """A number in emoji is found from its first to its last digit."""
    text = "so " + "".join(f"{digit}\ufe0f\u20e3" for digit in "07700900318") + " ok"
    assert [one.startswith("0\ufe0f") and "8" in one for one in found("phone", text)] == [True]


@pytest.mark.parametrize("number", ["O77OO 9OO318", "oh seven seven double oh, nine oh oh, three one eight"])
def test_a_number_in_disguise_says_so(number: str) -> None:
    """Letters for digits and digits in words count as a disguise."""
    assert [match.disguised for match in MATCHERS["phone"](fold(number), QUIETLY)] == [True]


def test_plain_digits_are_no_disguise() -> None:
    """A number as everybody writes it is not a trick."""
    assert [match.disguised for match in MATCHERS["phone"](fold("07700 900318"), QUIETLY)] == [False]


@pytest.mark.parametrize(
    "text",
    [
        "call 116 123 or 988",
        "Childline is 0800 1111",
        "the line is 0808 808 4994",
        "theirs is 1300 845 745",
        "it was 12/11/2024 at 10.30",
        "from 01.02.2020 - 03.04.2021",
        "my case is 2019/00871 and the ref CR/07/44190/25",
        "between 2005-2015 and 2018 2021",
        "10 20 30 40 50 60 70",
        "2 of the 500 mg and 3 of the 200 mg",
        "it cost 1,200,000,000 in the end",
        "order 123456789012 never came",
        "the draw was 123 456 789",
        "see https://shop.example/ref?id=1471479801",
        "1234567890 was the joke",
        "0 1 2 3 4 5 6 7 8 9, breathe",
        "it was 12/11/2024 10:30-12:00 then",
        "my router is 192.168.100.254 at home",
    ],
)
def test_other_numbers_are_quiet(text: str) -> None:
    """Helplines, dates, years, doses, prices, references and links are no phone numbers."""
    assert found("phone", text) == []


HIDDEN = {
    "with words between": (
        "zero, umm, seven seven, then double zero, then nine hundred, then three one eight",
        "zero, umm, seven seven, then double zero, then nine hundred, then three one eight",
    ),
    "with asides": (
        "six seven eight (hush now) four four oh (still here) one nine three nine ok",
        "six seven eight (hush now) four four oh (still here) one nine three nine",
    ),
    "as a list of things": (
        "bring 0 plums, 7 pears, 7 figs, 0 nuts, 0 eggs, 9 limes, 0 kiwis, 0 peas, 3 yams, 1 leek, 8 nuts",
        "0 plums, 7 pears, 7 figs, 0 nuts, 0 eggs, 9 limes, 0 kiwis, 0 peas, 3 yams, 1 leek, 8",
    ),
    "backwards": ("backwards: 8 1 3 0 0 9 0 0 7 7 0", "8 1 3 0 0 9 0 0 7 7 0"),
    "in letters for digits": ("(o)(7)(7)(0)(0)...( )..(9)(0)(0)(3)(1)(8) hm", "o)(7)(7)(0)(0)...( )..(9)(0)(0)(3)(1)(8"),
    "in leet words": (
        "z3ro seven * seven * zer0 zero / 9 hundred / 3 one eight",
        "z3ro seven * seven * zer0 zero / 9 hundred / 3 one eight",
    ),
    "in another tongue": (
        "cero siete siete, cero cero, nueve cero cero, tres uno ocho",
        "cero siete siete, cero cero, nueve cero cero, tres uno ocho",
    ),
    "one by one with a country's code": ("4 4 7 7 0 0 9 0 0 3 1 8 ok", "4 4 7 7 0 0 9 0 0 3 1 8"),
}


@pytest.mark.parametrize(("text", "number"), HIDDEN.values(), ids=HIDDEN)
def test_a_number_that_hides_is_found(text: str, number: str) -> None:
    """Fillers, asides, lists and other tongues do not hide a number; whatever finds it, it is all of it."""
    assert number in found("number_hidden", text) + found("phone", text)


@pytest.mark.parametrize(
    "text",
    [
        "one two three four five six seven eight nine ten, breathe",
        "ten to nine, seven fifty five, eight oh one: every clock is different",
        "from 0600 to 1400, then 1500 to 2100, then home",
        "escitalopram 10 mg since 03/02, then 15 since 21/04, then 25",
        "in for four, hold for seven, out for eight, and again, four, seven, eight",
        "slept 6 hours, then 5, then 7, then 4, then 6, then 3, then 8, then 5, then 6",
        "one of us is seven and the other two are nine and eleven and the third is four",
    ],
)
def test_stories_with_numbers_are_quiet(text: str) -> None:
    """Counting, clocks, doses and nights of sleep are no hidden numbers."""
    assert found("number_hidden", text) == []


def test_pieces_of_a_number_stand_in_messages_of_little_else() -> None:
    """The first piece begins as numbers begin; a scale, a time and a story are no pieces."""
    assert found("number_start", "ok, 0 7 7") == ["0 7 7"]
    assert found("number_more", "last bit: three one eight") == ["three one eight"]
    assert found("number_words", "five five oh one") == ["five five oh one"]
    assert found("number_words", "one two three four") == []
    assert found("number_start", "0/10") == []
    assert found("number_more", "I have 2 cats and a dog and 3 fish") == []


def test_only_the_regions_of_the_community_are_read() -> None:
    """A number without a country code is a number of the places where people live."""
    number = "312-555-0162"
    assert found("phone", number, Place(regions=("US",))) == [number]
    assert found("phone", number, Place(regions=("GB",))) == []


def test_a_local_number_stands_alone() -> None:
    """Seven digits are found in their groups, and neither inside longer numbers nor as years."""
    assert found("local_number", "ring 555-0119 or 5550170") == ["555-0119", "5550170"]
    assert found("local_number", "it was 2019-2020 and 12-555-01") == []


@pytest.mark.parametrize(
    "number", ["612 65 07 52", "512 571 177", "40 78 66 66", "(11) 94395-7551", "8 (912) 933-63-38", "01816-751361", "01234 567890"]
)
def test_a_number_may_be_local_anywhere(number: str) -> None:
    """In whatever groups a country writes it: whether it is one, the words around it say."""
    assert found("local_number", f"so {number} ok") == [number]


@pytest.mark.parametrize("text", ["it was 12.11.2024 10:30", "5 4 6 7 5 6 8 9 this week", "1,200,000,000 of them", "from 2019 2020 2021"])
def test_what_is_local_nowhere(text: str) -> None:
    """Days, marks, sums and years."""
    assert found("local_number", text) == []


ADDRESSES = {
    "plain": ("jo.fern@example.org, any hour", "jo.fern@example.org"),
    "before a full stop": ("write to jo@example.co.uk.", "jo@example.co.uk"),
    "without its ending": ("mine is pedro.fisio@hotmail, ok?", "pedro.fisio@hotmail"),
    "in words": ("its j dot smith at gee mail ok", "j dot smith at gee mail"),
    "misspelled": ("k.burrows at hottmial dot com yes", "k.burrows at hottmial dot com"),
    "in brackets": ("marta [at] example [dot] com ok", "marta [at] example [dot] com"),
    "letter by letter": ("e l s p e t h . q u a y at g m a i l", "e l s p e t h . q u a y at g m a i l"),
    "for money": ("upi is quietsamosa@okbank ok", "quietsamosa@okbank"),
}


@pytest.mark.parametrize(("text", "address"), ADDRESSES.values(), ids=ADDRESSES)
def test_an_email_address_is_found_to_the_letter(text: str, address: str) -> None:
    """However it is written out, the whole of it is found, once."""
    assert found("email", text) == [address]


@pytest.mark.parametrize(
    "text",
    ["I laugh at live comedy", "I work at yahoo now", "my email at gmail got hacked", "I looked at outlook", "meet @ 5", "I'm at hotmail"],
)
def test_talk_of_mail_is_no_address(text: str) -> None:
    """Words that stand near a provider do not make an address."""
    assert found("email", text) == []


HIDDEN_ADDRESSES = {
    "with an underscore said": ("its fern underscore moth at outlook ok", "fern underscore moth at outlook"),
    "backwards": ("moc.liamg@htom.nref the other way", "moc.liamg@htom.nref"),
    "with fillers": ("tom and then dash then moss at gmal dot com", "tom and then dash then moss at gmal dot com"),
}


@pytest.mark.parametrize(("text", "address"), HIDDEN_ADDRESSES.values(), ids=HIDDEN_ADDRESSES)
def test_an_address_that_is_told_is_found(text: str, address: str) -> None:
    """Piece by piece, misspelled or backwards."""
    assert found("email_hidden", text) == [address]


@pytest.mark.parametrize("text", ["I am looking at outlook jobs", "we were at live shows", "I cried at the yahoo office"])
def test_talk_of_mail_hides_no_address(text: str) -> None:
    """Places and firms are no addresses."""
    assert found("email_hidden", text) == []


def test_offices_are_written_to_openly() -> None:
    """A helpline's or an office's address is nobody's own."""
    assert found("email", "write to jo@samaritans.org or support@shop.example") == []


def test_mail_of_the_community_is_its_own() -> None:
    """The community may give its own address, and those of its parts."""
    assert found("email", "help@porchlight.example or a@mail.porchlight.example") == []


def test_links_are_found_without_the_end_of_the_sentence() -> None:
    """A full stop after a link is not of the link."""
    assert found("link", "see example.org/page. And https://a.example/b!") == ["example.org/page", "https://a.example/b"]


@pytest.mark.parametrize(
    "text", ["ok...so", "e.g. this", "thanks.that helped", "porchlight.example/rules", "https://www.porchlight.example"]
)
def test_full_stops_and_own_links_are_quiet(text: str) -> None:
    """What only has a dot, and what leads to the community itself, is no foreign link."""
    assert found("link", text) == []


@pytest.mark.parametrize(
    "link", ["discord.gg/fern", "https://chat.whatsapp.com/abc", "m.facebook.com/fern", "t.me/fern", "linkedin.com/in/fern"]
)
def test_a_contact_link_leads_to_somebody(link: str) -> None:
    """Profiles and invitations are contact links, also on a part of their domain."""
    assert found("contact_link", f"come: {link} now") == [link]


@pytest.mark.parametrize("link", ["www.bbc.co.uk/news", "x.community.org", "linkedin.com/jobs", "notfacebook.com/fern"])
def test_other_links_lead_to_nobody(link: str) -> None:
    """A like-sounding domain or another path is no contact link."""
    assert found("contact_link", link) == []


@pytest.mark.parametrize("link", ["t me slash mothmilk", "fernwellness dot co", "wa.me stroke fern-repairs", "tinyurl slash orchard"])
def test_a_link_in_words_is_found(link: str) -> None:
    """Dots and slashes that are said are still a link."""
    assert found("link_spoken", f"come: {link}") == [link]


@pytest.mark.parametrize("link", ["discord.gg", "t.me", "strava.com/about", "wordpress.com"])
def test_a_site_alone_leads_to_nobody(link: str) -> None:
    """Naming a site is not giving one's page on it."""
    assert found("contact_link", f"what is {link} anyway") == []


@pytest.mark.parametrize("place", ["14 Thistle Moss Road", "4 quarry close", "12b Mill Bank Walk", "1187 Larkspur Ct"])
def test_a_house_in_a_street_is_found(place: str) -> None:
    """Number and name, whatever the street calls itself."""
    assert found("street", f"I'm at {place}, blue door") == [place]


@pytest.mark.parametrize(
    "text", ["2 minutes down the road", "it is a 5 minute walk, not far", "30 kids in the park, screaming", "4 pm court"]
)
def test_ways_and_walks_are_no_houses(text: str) -> None:
    """Distances, people and times before a way are quiet."""
    assert found("street", text) == []


def test_letters_one_by_one_are_found_and_emphasis_on_apps_is_not() -> None:
    """A name in letters or in an alphabet of names; the spelling of an app tells nothing."""
    assert found("spelled_letters", "it is m-o-t-h-m-i-l-k") == ["m-o-t-h-m-i-l-k"]
    assert found("spelled_letters", "mike oscar tango hotel, over") == ["mike oscar tango hotel"]
    assert found("spelled_letters", "i n s t a g r a m is bad") == []
    assert found("spelled_letters", "say it backwards. z y x w v u t. by m i breathe again") == []
    assert found("spelled_said", "my name here but take out the vowels") == ["take out the vowels"]
    assert found("spelled_said", "it felt like going backwards") == []


def test_handles_are_found_and_greetings_are_not() -> None:
    """A name with an at sign is found; somebody who is only being spoken to is not."""
    assert found("handle", "over there I am @moth.milk, or mothmilk#1234") == ["@moth.milk", "mothmilk#1234"]
    assert found("handle", "@sam you are right") == []
    assert found("handle", "thanks @sam_22 for that") == []
    assert found("handle", "jo@example.org is mail") == []


@pytest.mark.parametrize("name", ["quiet.fox_22", "moth.and.milk", "BrickedUpLlama44", "GrumpyWombat", "fernfan88", "_hid"])
def test_what_looks_like_a_user_name_is_found(name: str) -> None:
    """Dots, underscores, digits and inner capitals make a word look like an account."""
    assert found("username", f"it is {name} there") == [name]


@pytest.mark.parametrize(
    "text",
    [
        "self-harm and a-level and covid-19",
        "at 5pm with mp3 and iPhone 12",
        "I was sad.but then",
        "in search of it.all went fast",
        "WhatsApp and YouTube and TikTok",
        "quiet_fox, is it better today?",
        "see example.com and a.pdf",
    ],
)
def test_other_words_are_no_user_names(text: str) -> None:
    """Brands, doses, missing spaces and people being spoken to are quiet."""
    assert found("username", text) == []


def test_a_full_name_needs_two_parts_and_somebody_who_says_it() -> None:
    """First and last name with capitals, where it is said whose they are."""
    assert found("full_name", "Hello, I'm Kaitlyn Brzezek from the bakery") == ["Kaitlyn Brzezek"]
    assert found("full_name", "My name's Emeric Toth-Halloran") == ["Emeric Toth-Halloran"]


@pytest.mark.parametrize(
    "text",
    [
        "I'm Sam",
        "I'm Very Sad",
        "I'm Irish Catholic",
        "I read Harry Potter again",
        "i'm kaitlyn brzezek",
        "His name is Sam Fern",
        "I'm Sam Fern's son",
    ],
)
def test_other_capitals_are_no_full_name(text: str) -> None:
    """One name, a people, a book and somebody else's name are quiet."""
    assert found("full_name", text) == []
