"""HTTP: request and response models, routes. No rule lives here."""

from collections.abc import Sequence

from services.tickets.api import complaints, imports, intake, quotes, reference, surveys, work
from services.tickets.commands.surveys import SurveyLinks
from services.tickets.persons import Persons
from shared.api import Routes
from shared.service import Runtime


def routes(runtime: Runtime) -> Sequence[Routes]:
    """All routes of the service."""
    persons, links = Persons(runtime.secret), SurveyLinks(runtime.secret)
    return [
        intake.routes(runtime, persons),
        work.routes(runtime),
        quotes.routes(runtime),
        *surveys.routes(runtime, links),
        complaints.routes(runtime),
        *reference.routes(runtime),
        imports.routes(runtime, persons),
    ]
