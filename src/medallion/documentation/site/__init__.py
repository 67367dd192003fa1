"""The catalogue as a static web site, from contracts and from what is known of the last runs; no I/O in here."""
