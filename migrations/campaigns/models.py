"""The shapes of a campaign, old and new, and of the API's requests.

Unknown attributes are kept, so every model of a record allows them; the API refuses names that
belong to the engine or to the old shape. Whoever writes through the API writes the new shape.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from migrations.campaigns.invariants import CONFIG, SOURCES, broken
from migrations.campaigns.kinds import NATIVE, kind_in
from migrations.campaigns.legacy import FIELD, RESERVED
from shared.model.bodies import Body, IndexedText, PathId, Text


def _provider(text: str) -> str:
    if not text or text != kind_in(text):
        raise PydanticCustomError("provider", "must be a provider's name in lower case")
    if text in NATIVE:
        raise PydanticCustomError("provider", "is a native kind, which is a native_config")
    return text


def _settings(settings: dict[str, Any]) -> dict[str, Any]:
    for name in sorted(RESERVED & settings.keys()):
        raise PydanticCustomError("reserved", "is no setting", {"field": name})
    return settings


def _plain(given: BaseModel) -> dict[str, Any]:
    """Return a checked part of a body as a table holds it."""
    return given.model_dump()


Name = Annotated[Text, StringConstraints(min_length=1, max_length=200)]
Settings = Annotated[dict[str, Any], AfterValidator(_settings)]


class DataSource(BaseModel):
    """One source of a campaign: an integration of its account, and what is told about it."""

    model_config = ConfigDict(extra="forbid")

    integration_id: IndexedText
    provider: Annotated[str, StringConstraints(max_length=100), AfterValidator(_provider)]
    metadata: dict[str, Any] = Field(default_factory=dict)
    settings: Settings = Field(default_factory=dict)


class NativeConfig(BaseModel):
    """The configuration of a campaign that the product feeds by itself."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["announcements", "instant_capture", "live_visitors"]
    settings: Settings = Field(default_factory=dict)


class LegacyCampaign(BaseModel):
    """A campaign in the old shape."""

    model_config = ConfigDict(extra="allow")

    campaign_id: str
    account_id: str
    campaign_type: str | None = None
    data_source: str | dict[str, Any] | None = None


class Campaign(BaseModel):
    """A campaign as the API answers in every phase.

    One that waits for a person's decision has no sources, and its `data_source` as it stands.
    """

    model_config = ConfigDict(extra="allow", title="Campaign")

    campaign_id: str
    account_id: Any = None
    name: Any = None
    campaign_type: Any = None
    status: Any = None
    data_sources: Any = None
    native_config: Any = None
    created_by: Any = None


class MigratedCampaign(Campaign):
    """A campaign in the new shape."""

    account_id: str
    data_sources: list[DataSource] | None = None
    native_config: NativeConfig | None = None

    @model_validator(mode="after")
    def _hold_the_invariants(self) -> "MigratedCampaign":
        reason = broken(self.model_dump())
        if reason is not None or FIELD in (self.model_extra or {}):
            raise ValueError(reason or f"there is a {FIELD}")
        return self


_Source = Annotated[DataSource, AfterValidator(_plain)]
_Native = Annotated[NativeConfig, AfterValidator(_plain)]


class _CampaignBody(Body):
    """What a request may say about a campaign; further attributes are kept as they are."""

    never_written = frozenset({FIELD})

    status: IndexedText | None = None
    data_sources: Annotated[list[_Source], Field(min_length=1, max_length=50)] | None = None
    native_config: _Native | None = None

    @model_validator(mode="after")
    def _refuse_two_feeds(self) -> "_CampaignBody":
        given = {SOURCES: self.data_sources, CONFIG: self.native_config}
        type_ = getattr(self, "campaign_type", None)
        reason = broken({**given, "campaign_type": type_}) if any(given.values()) else None
        if reason is not None:
            field = SOURCES if self.data_sources else CONFIG
            raise PydanticCustomError("feed", "{reason}", {"reason": reason, "field": field})
        return self


class CampaignCreate(_CampaignBody):
    """The body of a create; null means the same as leaving an attribute out."""

    name: Name
    account_id: PathId
    campaign_id: PathId | None = None
    campaign_type: IndexedText | None = None

    @model_validator(mode="after")
    def _be_fed(self) -> "CampaignCreate":
        if not self.data_sources and not self.native_config:
            raise PydanticCustomError(
                "feed", "one of data_sources and native_config is needed", {"field": SOURCES}
            )
        return self


class CampaignChange(_CampaignBody):
    """The body of a change: what is left out stays, null removes an attribute.

    A campaign keeps its name, its account and its type, and is always fed by something: what
    is given of `data_sources` and `native_config` takes the place of the other, and of a legacy
    source that was in doubt.
    """

    never_null = ("name", SOURCES, CONFIG)
    never_changed = frozenset({"campaign_id", "account_id", "campaign_type"})

    name: Name | None = None

    @model_validator(mode="after")
    def _replace_the_other_feed(self) -> "CampaignChange":
        extra = self.model_extra
        if extra is None or not (self.data_sources or self.native_config):
            return self
        setattr(self, CONFIG if self.data_sources else SOURCES, None)
        extra[FIELD] = None
        return self
