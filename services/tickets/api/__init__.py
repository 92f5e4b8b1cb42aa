"""HTTP: request and response models, routes. No rule lives here."""

from collections.abc import Sequence

from services.tickets.api import (
    case_files,
    complaints,
    imports,
    intake,
    persons,
    quotes,
    reference,
    survey_page,
    surveys,
    work,
)
from services.tickets.commands.surveys import SurveyLinks
from services.tickets.persons import Persons
from shared.api import Routes
from shared.documents import Documents
from shared.service import Runtime
from shared.shelves import shelf


def routes(runtime: Runtime) -> Sequence[Routes]:
    """All routes of the service."""
    known, links = Persons(runtime.secret), SurveyLinks(runtime.secret)
    documents = Documents(shelf(runtime.settings))
    return [
        intake.routes(runtime, known),
        work.routes(runtime),
        quotes.routes(runtime),
        surveys.routes(runtime, links),
        case_files.routes(runtime, documents),
        complaints.routes(runtime, documents),
        *reference.routes(runtime),
        persons.routes(runtime, known),
        imports.routes(runtime, known),
        survey_page.routes(runtime, links),
    ]
