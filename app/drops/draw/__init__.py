"""The opening draw: everybody who asks within the opening seconds has the same chance, and can check it afterwards."""
