"""A sheet: a small page of one thing, without any script, so that nothing of what people have typed can run. No I/O."""

from html import escape

NO_SCRIPT = "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'"


def sheet(name: str, language: str, title: str, content: str) -> str:
    """The page as HTML; `content` is HTML, `title` is text, `name` that of its style sheet and of the body's class."""
    return f"""<!doctype html>
<html lang="{language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{escape(title)}</title>
    <link rel="stylesheet" href="/web/tokens.css">
    <link rel="stylesheet" href="/web/base.css">
    <link rel="stylesheet" href="/web/styles/{name}.css">
  </head>
  <body class="{name}">
{content}
  </body>
</html>
"""
