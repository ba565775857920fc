"""The declaration of the campaign migration (runbook: Data Migration, campaigns)."""

from migrations.campaigns import examples, invariants, keys, models, rollout, transform
from shared.model.declaration import Api, Index, Search, TableDeclaration
from shared.model.in_place import InPlace, Reference
from shared.model.item import Item

CAMPAIGNS = TableDeclaration(
    name="pulse-campaigns",
    keys=keys.KEYS,
    indexes=(Index("AccountIndex", keys.BY_ACCOUNT),),
)

INTEGRATIONS = TableDeclaration(name="pulse-integrations", keys=keys.INTEGRATION_KEYS)


def _uses(campaign: Item, integration: Item) -> bool:
    """Tell whether a migrated campaign is fed by an integration of its account."""
    sources = campaign.get(invariants.SOURCES)
    maps = (each for each in sources if isinstance(each, dict)) if isinstance(sources, list) else ()
    return integration.get("integration_id") in [each.get("integration_id") for each in maps]


API = Api(
    resource="campaigns",
    id_field="campaign_id",
    key=keys.key_of,
    create=models.CampaignCreate,
    change=models.CampaignChange,
    record=models.Campaign,
    searches=(Search(("account",), "AccountIndex"),),
    author="created_by",
)

MIGRATION = InPlace(
    name="campaigns",
    title="Campaigns: data_source to data_sources",
    source=CAMPAIGNS,
    up=transform.up,
    down=transform.down,
    classify=transform.classify,
    upgraded=transform.upgraded,
    reference=Reference(
        table=INTEGRATIONS,
        partition=keys.account_of,
        index="AccountIndex",
        used=_uses,
        broken=invariants.not_its_own,
    ),
    invariants=invariants.INVARIANTS,
    # A further environment is one more rollout.rolled_out(Environment(...)): then it has the days
    # and the thresholds of the runbook. It is started with the shares of the runbook, 10, 50, 100.
    environments=(rollout.LOCALLY,),
    api=API,
    examples=examples.EXAMPLES,
    owned_by=frozenset({"account_id"}),
)
