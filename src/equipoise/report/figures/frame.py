"""The `<svg>` element around drawn parts: same parts, same bytes."""

from html import escape

FONTS = "Helvetica, Arial, 'Liberation Sans', sans-serif"


def frame_svg(inner: str, *, view_box: str, figure_id: str, title: str, description: str) -> str:
    """The `<svg>` element around drawn parts, named by its title and description."""
    named = f"{figure_id}-title {figure_id}-desc"
    width, height = view_box.split()[2:4]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'version="1.1" role="img" aria-labelledby="{named}" viewBox="{view_box}" '
        f'width="{width}pt" height="{height}pt" '
        'stroke-linejoin="round" stroke-linecap="butt">\n'
        f'<title id="{figure_id}-title">{escape(title)}</title>\n'
        f'<desc id="{figure_id}-desc">{escape(description)}</desc>\n'
        f"{inner.strip()}\n</svg>\n"
    )
