from enum import StrEnum


class Channel(StrEnum):
    PHONE = "phone"
    LETTER = "letter"
    WALK_IN = "walk_in"
    EMAIL = "email"
    IM = "im"
    PORTAL = "portal"
    SURVEY = "survey"
