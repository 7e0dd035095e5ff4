"""Shoppable overlays on live video: what is shown on which frame, and how every viewer learns of it.

Pure values and rules (`cue`, `timeline`, `coalesce`, `limits`, `messages`, `frames`) and the two modules that speak
Socket.IO (`broadcast`, `namespace`). Nothing here knows HTTP routes, SQL, Redis or the fitting room.
"""
