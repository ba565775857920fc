"""What a write makes of an item, as DynamoDB would."""

from decimal import Decimal

from shared.memory.refusals import copied, refuse_key, storable
from shared.model.declaration import TableDeclaration
from shared.model.errors import Refused
from shared.model.item import Item
from shared.model.key import Key
from shared.model.writes import Action, Check, Delete, Put, Update


def key_of(action: Action, declaration: TableDeclaration) -> Key:
    """Return the key that an action writes, in normal form; raise Refused for a bad one."""
    schema = declaration.keys
    given = action.item if isinstance(action, Put) else schema.attributes(action.key)
    own = copied({name: given[name] for name in schema.names if name in given})
    for name in schema.names:
        refuse_key(schema, name, own.get(name))
    return schema.key_of(own)


def after(action: Action, old: Item | None, declaration: TableDeclaration) -> Item | None:
    """Return the item after an action (None: absent); raise Refused for what cannot be stored."""
    match action:
        case Put(item=item):
            return storable(declaration, item)
        case Delete():
            return None
        case Check():
            return old
        case Update():
            return storable(declaration, _updated(action, old, declaration))


def _updated(update: Update, old: Item | None, declaration: TableDeclaration) -> Item:
    """Return the old item (or a new one with this key) with an update's changes."""
    names = [*update.assign, *update.default, *update.remove]
    names += [update.increment] if update.increment else []
    if len(set(names)) < len(names):
        raise Refused("an update names one attribute twice")
    if set(names) & set(declaration.keys.names):
        raise Refused("an update cannot change a key attribute")
    stored = old if old is not None else declaration.keys.attributes(update.key)
    new = {name: value for name, value in stored.items() if name not in update.remove}
    new |= {name: value for name, value in update.default.items() if name not in stored}
    new |= update.assign
    if update.increment:
        before = stored.get(update.increment, Decimal(0))
        if not isinstance(before, Decimal):
            raise Refused(f"{update.increment} is not a number", field=update.increment)
        new[update.increment] = before + 1
    return new
