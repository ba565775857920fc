"""The declared migrations, one folder each; adding a folder is all it takes."""
