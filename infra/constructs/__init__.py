"""One construct or grant per capability; the stacks compose them."""
