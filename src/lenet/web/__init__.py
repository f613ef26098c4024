"""The web page and the networks it runs."""
