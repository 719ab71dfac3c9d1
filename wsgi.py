"""The application, for any WSGI server."""

from portal import create_web_app

app = create_web_app()
