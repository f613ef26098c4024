"""What a browser is given: the page, and the networks it runs."""
