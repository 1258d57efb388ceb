"""The site over HTTP: settings, urls, views, templates."""
