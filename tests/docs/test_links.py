"""Links and pictures of the docs lead somewhere, and every page can be reached."""

from pathlib import PurePosixPath
from posixpath import normpath

import pytest

from tests.docs.pages import DOCS, ROOT, anchor, headings, links, pages

PAGES = pages()
RELATIVE = [
    (name, link)
    for name, text in PAGES.items()
    for link in links(text)
    if not link.startswith(("http://", "https://"))
]


@pytest.mark.parametrize(("name", "link"), RELATIVE)
def test_a_link_leads_to_a_file_and_its_heading(name, link):
    path, _, fragment = link.partition("#")
    target = normpath(PurePosixPath(name).parent / path) if path else name
    assert (ROOT / target).is_file()
    if fragment:
        text = (ROOT / target).read_text(encoding="utf-8")
        assert fragment in [anchor(each) for each in headings(text)]


def test_every_page_is_linked_from_the_readme():
    linked = {link.partition("#")[0] for link in links(PAGES["README.md"])}
    assert {f"docs/{path.name}" for path in DOCS.iterdir()} <= linked


def test_lines_of_prose_are_not_endless():
    long = [
        (name, number)
        for name, text in PAGES.items()
        for number, line in enumerate(text.splitlines(), 1)
        if len(line) > 130 and "|" not in line
    ]
    assert long == []
