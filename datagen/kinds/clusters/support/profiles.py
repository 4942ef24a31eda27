"""Finds the cluster of `--cluster`: an address, a file, a profile name, or Dask's configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datagen.errors import PlanError, reason_of
from datagen.kinds.clusters.base import CLUSTERS, Cluster, cluster_of, member
from datagen.locations import scheme_of
from datagen.registry import did_you_mean

FOLDER = "cluster"
"""The folder of profiles, below the current folder."""
_HOST_AND_PORT = re.compile(r"(\[[0-9a-fA-F:]+\]|[\w.-]+):\d+\Z")
_HOST = re.compile(r"localhost|\[[0-9a-fA-F:]+\]|[\w-]+(\.[\w-]+)+")
_FILES = (".yaml", ".yml", ".json")


def cluster_named(requested: str | Path | Mapping[str, Any] | Cluster | None) -> Cluster | None:
    """The requested cluster; None by default. Raises PlanError for an unknown profile.

    Keys of a profile are completed by the section `datagen.<type>` of Dask's configuration, and replaced by its section
    `datagen.override`: `DASK_DATAGEN__LOCAL__MEMORY=2GB`, `DASK_DATAGEN__OVERRIDE__WORKERS=8`.
    """
    configured = _configured()
    requested = configured.get("cluster") if requested is None else requested
    if requested is None or isinstance(requested, Cluster):
        return requested
    data, where = _profile(requested, configured)
    defaults = configured.get(str(data.get("type")), {})
    return cluster_of({**_as_fields(defaults), **data, **_as_fields(configured.get("override", {}))}, where)


def _as_fields(defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults with underscores in their names, as fields are written."""
    return {str(name).replace("-", "_"): value for name, value in defaults.items()}


def _configured() -> dict[str, Any]:
    """The section `datagen` of Dask's configuration: files, environment and what was set in Python."""
    import dask.config  # takes a tenth of a second to import

    section = dask.config.get("datagen", None) or {}
    return dict(section) if isinstance(section, Mapping) else {}


def _profile(requested: str | Path | Mapping[str, Any], configured: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The content of a profile, and its name in messages."""
    if isinstance(requested, Mapping):
        return dict(requested), "the cluster"
    text = str(requested)
    if isinstance(requested, str) and (scheme_of(text) not in (None, "file") or _HOST_AND_PORT.match(text) or not text):
        return {"type": "address", "address": text}, f"the cluster at '{text}'"
    if isinstance(requested, Path) or text.endswith(_FILES) or "/" in text:
        return _read(Path(text)), f"the profile '{text}'"
    return _named(text, configured), f"the profile '{text}'"


def _named(name: str, configured: Mapping[str, Any]) -> dict[str, Any]:
    profiles = configured.get("profiles", {})
    if name in profiles:
        return dict(profiles[name])
    files = {path.stem: path for path in sorted(Path(FOLDER).glob("*")) if path.suffix in _FILES}
    if name in files:
        return _read(files[name])
    if member(name) is not None:
        return {"type": name}
    if _HOST.fullmatch(name):
        raise PlanError(
            f"there is no cluster profile '{name[:60]}'; the address of a scheduler is written tcp://{name[:60]}:8786"
        )
    known = sorted({*profiles, *files, *CLUSTERS})
    raise PlanError(f"there is no cluster profile '{name[:60]}'; {did_you_mean(name, known)}")


def _read(path: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML  # needed only for profiles
    from ruamel.yaml.error import YAMLError

    try:
        data = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanError(f"cannot read the profile '{path}': {reason_of(error)}") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise PlanError(f"the profile '{path}' is no YAML: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(data, dict):
        raise PlanError(f"the profile '{path}' must be an object with a 'type'")
    return data
