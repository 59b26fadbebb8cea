"""No page asks a third party for anything, and none has a script that would on a click."""

from sphinx.application import Sphinx
from sphinx.config import Config

# Jupyter Book always loads sphinx-thebe, whose scripts fetch a kernel's program from elsewhere.
THEBE = ("sphinx_thebe", {"init_thebe_core", "update_thebe_context"})


def disconnect_thebe(app: Sphinx, config: Config) -> None:
    """Leave sphinx-thebe's scripts out of the pages."""
    package, names = THEBE
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            handler = listener.handler
            if handler.__module__ == package and handler.__name__ in names:
                app.disconnect(listener.id)


def setup(app: Sphinx) -> None:
    """Connect to the end of configuration, when every extension is loaded."""
    app.connect("config-inited", disconnect_thebe)
