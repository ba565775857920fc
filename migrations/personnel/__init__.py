"""Personnel v1 to v2: employees get roles, teams by their new name, a status and more indexes."""
