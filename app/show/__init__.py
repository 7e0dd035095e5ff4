"""The show: its states, its run of show, its numbered announcements, and what viewers hear of them."""
