"""Settings: ``porchlight.toml``, overridden by ``PORCHLIGHT_*`` in the environment. Numbers, modes and addresses; no words, no rules."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr, StringConstraints, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.edge import wire
from bot.edge.lines import line_of
from bot.edge.mapping import Mapping
from bot.matchers import Place
from bot.memory import TAIL_MESSAGES
from bot.model import Kind, ReportReason, Role
from bot.policy import Limits, Mode, Modes
from bot.voice import Community, Helpline

FILE = Path("porchlight.toml")
SHORTEST_KEY = 32
_LIMITS = Limits()


class SettingsError(ValueError):
    """The settings cannot be used; the message names each wrong one."""


class HelplineSetting(BaseModel, extra="forbid"):
    """A helpline as an operator writes it."""

    name: str
    number: str
    href: str
    countries: tuple[str, ...] = ()
    """Two letters each; none means everywhere."""


HELPLINES = (
    HelplineSetting(name="988 Lifeline", number="988", href="tel:988", countries=("US", "CA")),
    HelplineSetting(name="Samaritans", number="116 123", href="tel:116123", countries=("GB", "IE")),
    HelplineSetting(name="Lifeline", number="13 11 14", href="tel:131114", countries=("AU",)),
    HelplineSetting(name="Need to talk?", number="1737", href="tel:1737", countries=("NZ",)),
    HelplineSetting(name="Find a helpline", number="findahelpline.com", href="https://findahelpline.com"),
)
"""Named if an operator names none. Numbers change: whoever runs a site should call them once before relying on them."""


class CountSetting(BaseModel, extra="forbid"):
    """So many chats, and as many people, within so many days."""

    chats: int = Field(ge=1)
    days: float = Field(default=90.0, gt=0)


class ModesSetting(BaseModel, extra="forbid"):
    """Which signals the assistant acts on. Nobody is spoken to before an operator has said so."""

    default: Mode = Mode.SHADOW
    kinds: dict[Kind, Mode] = {}
    rooms: dict[str, Mode] = {}
    """By the ids that the chats have where they are."""
    roles: dict[Role, Mode] = {}


class LimitsSetting(BaseModel, extra="forbid"):
    """How much is how often, and how long people are left in peace; what is not written stays as it comes."""

    repeats: int = Field(default=_LIMITS.repeats, ge=2)
    flirts: int = Field(default=_LIMITS.flirts, ge=1)
    often: int = Field(default=_LIMITS.often, ge=2)
    drifters: int = Field(default=_LIMITS.drifters, ge=2)
    drift_seconds: float = Field(default=_LIMITS.drift_seconds, gt=0)
    compliments: int = Field(default=_LIMITS.compliments, ge=2)
    steps: int = Field(default=_LIMITS.steps, ge=2)
    gather_messages: int = Field(default=_LIMITS.gather_messages, ge=1, le=TAIL_MESSAGES)
    refusal_messages: int = Field(default=_LIMITS.refusal_messages, ge=1, le=TAIL_MESSAGES)
    sudden_messages: int = Field(default=_LIMITS.sudden_messages, ge=2)
    sudden_seconds: float = Field(default=_LIMITS.sudden_seconds, gt=0)
    moment_seconds: float = Field(default=_LIMITS.moment_seconds, ge=0)
    quiet_seconds: float = Field(default=_LIMITS.quiet_seconds, ge=0)
    put_away_seconds: float = Field(default=_LIMITS.put_away_seconds, ge=0)
    wrongs: int = Field(default=_LIMITS.wrongs, ge=1)
    nudges_per_hour: int = Field(default=_LIMITS.nudges_per_hour, ge=1)
    nudges_per_day: int = Field(default=_LIMITS.nudges_per_day, ge=1)
    reminder_seconds: float = Field(default=_LIMITS.reminder_seconds, gt=0)


class HostSetting(BaseModel, extra="forbid"):
    """A chat of somebody else's server that the assistant connects to."""

    url: str = ""
    """Where it listens."""
    urls: tuple[str, ...] = ()
    """The same for a chat that runs in several processes: each one's own address, not the one in front of them all."""
    token: SecretStr = SecretStr("")
    """What the host knows the assistant by; better kept in the environment or in a file than here."""
    token_file: Path | None = None
    """A file with the token. Read at each connection, so that it can be changed at any time."""
    namespace: str = wire.NAMESPACE
    path: str = "socket.io"
    serializer: Literal["json", "msgpack"] = "json"
    """How the host writes its packets; another guess ends in a line that never stands."""
    level: wire.Level = wire.Level.ACT
    """The most that the assistant may do there; the host's own word counts if it is lower."""
    deadline: float = Field(default=0.15, gt=0, le=10)
    """Seconds after which a message is let through unread. Less than the host's own."""
    largest_bytes: int = Field(default=8_000_000, ge=100_000)
    """A packet above this cuts the line."""
    map: Mapping | None = None
    """For a chat that does not speak the contract: where in its own events stands what was said."""

    @model_validator(mode="after")
    def _has_an_address(self) -> HostSetting:
        if bool(self.url) == bool(self.urls):
            raise ValueError("give its url, or the urls of all its processes")
        return self

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where its processes listen."""
        return self.urls or (self.url,)

    def read_token(self) -> str:
        """The token as it is now. Raises ``OSError``."""
        return self.token.get_secret_value() if self.token_file is None else self.token_file.read_text("utf-8").strip()


class ServeSetting(BaseModel, extra="forbid"):
    """Where ``serve`` listens."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65_535)
    status_host: str = "127.0.0.1"
    status_port: int = Field(default=9464, ge=0, le=65_535)
    """For those who watch over it; not for the public."""


HostName = Annotated[str, StringConstraints(pattern="^[a-z0-9][a-z0-9_-]{0,29}$")]
"""How the operator calls a host. Stands before the names of its chats and people, at the desk too."""


class Settings(BaseSettings):
    """Everything that an operator can set, with what holds if they do not."""

    model_config = SettingsConfigDict(env_prefix="PORCHLIGHT_", env_nested_delimiter="__", extra="forbid")

    database: str = "porchlight.db"
    """A path, or a URL such as ``postgresql://...``."""
    key_file: Path = Path("porchlight.key")
    """Holds the key of the evidence and of the links; kept apart from the database."""
    rules: Path | None = None
    prompts: Path | None = None
    pages: Path | None = None
    """A folder of the operator's own pages; one that is called as one of ours stands in its place."""
    readers: tuple[Literal["rules", "learned", "semantic"], ...] = ("rules", "learned", "semantic")
    """Who reads messages: the rules before a message is delivered; ``learned`` after that, and where the rules are unsure;
    ``semantic``, where it is installed and has weights, what those two leave open."""
    semantic: Path | None = None
    """The folder of its weights, if that is not where ``make train-semantic`` puts them."""
    base_url: str = ""
    """Where people reach the assistant's pages, if that is not the host's own address."""
    regions: tuple[str, ...] = Place().regions
    own_links: tuple[str, ...] = ()
    helplines: tuple[HelplineSetting, ...] = HELPLINES
    contact: str = ""
    """How people reach those who run the site: an address, to be read."""
    canary: str = Field(default="", pattern=r"^(\S.{14,198}\S)?$")
    """Who says exactly this in a chat hears, alone, that the assistant is there: so its whole way can be tried with harmless words."""
    together: str = ""
    """Link to a way in which people who have grown close can stay in touch on the site, if it has one."""
    usual_time: str = "within a day"
    """How long a report usually waits until a person reads it."""
    readers_of_reports: str = "Trained volunteers and moderators of this community"
    """Who reads reports: the beginning of a sentence on the public page."""
    desk_key: SecretStr = SecretStr("")
    """What the host signs its moderators in with: 32 characters or more; better in the environment than here."""
    keep_reports_days: float = Field(default=180.0, gt=0)
    """Reports with their evidence, and cases."""
    keep_clippings_days: float = Field(default=30.0, gt=0)
    """Words of an adult toward a teen that nobody reported."""
    keep_traces_days: float = Field(default=14.0, gt=0)
    """The marks by which somebody who comes back is known again."""
    keep_referrals_days: float = Field(default=90.0, gt=0)
    keep_memories_days: float = Field(default=400.0, gt=0)
    """Counts and clocks of a person who was not seen since."""
    counts: dict[ReportReason, CountSetting] = {}
    """How many reports for the same reason call for a decision, where it is not as it comes."""
    modes: ModesSetting = ModesSetting()
    limits: LimitsSetting = LimitsSetting()
    serve: ServeSetting = ServeSetting()
    hosts: dict[HostName, HostSetting] = {}
    """Chats that ``serve`` connects to."""

    @field_validator("desk_key")
    @classmethod
    def _is_long(cls, key: SecretStr) -> SecretStr:
        if 0 < len(key.get_secret_value()) < SHORTEST_KEY:
            raise ValueError(f"a key of fewer than {SHORTEST_KEY} characters can be guessed")
        return key

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is in the environment goes before what is in the file, which is passed in."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    def community(self) -> Community:
        """The part of the settings that the middle needs."""
        rooms = {wire.in_full(room, (host,)): mode for host in self.hosts for room, mode in self.modes.rooms.items()}
        return Community(
            place=Place(self.regions, self.own_links),
            modes=Modes(self.modes.default, self.modes.kinds, {**self.modes.rooms, **rooms}, self.modes.roles),
            limits=Limits(**self.limits.model_dump()),
            helplines=tuple(
                Helpline(line.name, line.number, line.href, tuple(country.upper() for country in line.countries)) for line in self.helplines
            ),
            base_url=self.base_url.rstrip("/"),
            contact=self.contact,
            canary=self.canary or None,
            together=self.together,
            usual_time=self.usual_time,
        )


def load_settings(file: Path = FILE) -> Settings:
    """Read the settings; without a file everything is as it comes. Raises ``SettingsError``."""
    try:
        written = file.read_text("utf-8") if file.exists() else ""
        found = tomllib.loads(written)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from error
    try:
        return Settings(**found)
    except ValidationError as error:
        wrong = "; ".join(_wrong(one["loc"], one["msg"], written) for one in error.errors(include_input=False))
        raise SettingsError(f"{file}: {wrong}") from None


def _wrong(place: tuple[str | int, ...], message: str, written: str) -> str:
    """What is wrong, where, and in which line if the file says it; what the environment says has none."""
    line = line_of(written, place)
    where = ".".join(str(part) for part in place)
    return f"{where}: {message}" if line is None else f"line {line}, {where}: {message}"
