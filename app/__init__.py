"""The server: what each Laufsteg process does. Imports overlays/ and fitting/, never the other way round."""
