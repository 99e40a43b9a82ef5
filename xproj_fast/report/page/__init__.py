"""One HTML file that shows what was projected: no server, no network, nothing to install."""
