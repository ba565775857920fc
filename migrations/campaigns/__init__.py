"""Campaigns, in place: the one data source as text becomes a list of looked-up integrations."""
