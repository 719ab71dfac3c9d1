"""Lists that are longer than a page."""


def page_of(asked: int, total: int, per_page: int) -> tuple[int, int]:
    """Return which page is shown of the one that was asked for, and how many there are: at least one."""
    pages = max(1, -(-total // per_page))
    return min(max(1, asked), pages), pages
