"""The one MetaData that every domain's tables belong to."""

import importlib
import importlib.util
import pkgutil

from sqlalchemy import MetaData

import app

# Constraints need names, so that a migration can change them on every database.
NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)


def complete() -> MetaData:
    """The metadata with every domain's tables in it: imports each `app/<domain>/tables.py`."""
    for domain in pkgutil.iter_modules(app.__path__):
        if domain.ispkg and importlib.util.find_spec(f"app.{domain.name}.tables"):
            importlib.import_module(f"app.{domain.name}.tables")
    return metadata
