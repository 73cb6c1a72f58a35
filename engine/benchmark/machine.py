"""What the machine is that figures come from."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_ALWAYS = ("numpy", "numba", "scipy")
_INFORMATION = Path("/proc/cpuinfo")


def describe(packages: tuple[str, ...] = ()) -> str:
    """Return processor, cores, versions and load in one line.

    Parameters
    ----------
    packages : tuple of str
        Whose versions are named beside those that Gradwire computes with.
    """
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    versions = [f"{name} {found}" for name in (*_ALWAYS, *packages) if (found := _version(name))]
    cores = os.cpu_count() or 1
    return (
        f"{_processor()}, {cores} core{'s' * (cores > 1)}{load}; {platform.system()}, "
        f"Python {platform.python_version()}, {', '.join(versions)}"
    )


def _processor() -> str:
    if _INFORMATION.exists():
        for line in _INFORMATION.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
