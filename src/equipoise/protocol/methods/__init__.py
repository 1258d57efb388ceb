"""What a plan may ask for by name: `spec` says what a method is, `families` lists all of them."""
