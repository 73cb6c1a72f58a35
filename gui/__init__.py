"""The editor: window, canvas, inspector and plots over ``engine`` and ``graph``."""
