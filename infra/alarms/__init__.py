"""The alarms of a migration as data: `rule` is their form, the others say which there are."""
