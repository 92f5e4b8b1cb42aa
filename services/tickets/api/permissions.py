"""Who may do what in tickets. The auditor may read everything besides."""

from shared.auth import Permission, Role

R = Role

READ = Permission(
    "tickets.read",
    {
        R.RECEPTION,
        R.DISPATCHER,
        R.SERVICE_MANAGER,
        R.HQ_VERIFIER,
        R.QUALITY,
        R.PURCHASING,
        R.CONTRACT_MANAGER,
        R.HR,
        R.APPEAL_PANEL,
        R.INTEGRATION,
    },
)
REGISTER = Permission("contacts.register", {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER, R.INTEGRATION})
OPEN = Permission("tickets.open", {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER, R.INTEGRATION})
TRIAGE = Permission("tickets.triage", {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER})
ANSWER = Permission("tickets.answer", {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER, R.HQ_VERIFIER, R.INTEGRATION})
HOLD = Permission("tickets.hold", {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER})
ESCALATE = Permission("tickets.escalate", {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER})
ANSWER_ESCALATION = Permission("tickets.answer_escalation", {R.HQ_VERIFIER, R.SERVICE_MANAGER})
DISPATCH = Permission("tickets.dispatch", {R.DISPATCHER, R.SERVICE_MANAGER})
RESOLVE = Permission("tickets.resolve", {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER})
CLOSE = Permission("tickets.close", {R.RECEPTION, R.SERVICE_MANAGER})
ARCHIVE = Permission("tickets.archive", {R.RECEPTION, R.SERVICE_MANAGER, R.HQ_VERIFIER})
FILE = Permission("case_files.write", {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER, R.HQ_VERIFIER, R.INTEGRATION})
FILES_READ = Permission(
    "case_files.read", {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER, R.HQ_VERIFIER, R.QUALITY, R.HR, R.APPEAL_PANEL}
)
QUOTE = Permission("quotes.write", {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER, R.FINANCE})
SURVEY = Permission("surveys.write", {R.RECEPTION, R.SERVICE_MANAGER, R.INTEGRATION})
COMPLAINTS_READ = Permission(
    "complaints.read",
    {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER, R.HQ_VERIFIER, R.HR, R.APPEAL_PANEL, R.ENGINEER},
    own=True,
)
COMPLAINTS_LODGE = Permission("complaints.lodge", {R.RECEPTION, R.SERVICE_MANAGER, R.HQ_VERIFIER, R.INTEGRATION})
COMPLAINTS_INVESTIGATE = Permission("complaints.investigate", {R.SERVICE_MANAGER, R.HQ_VERIFIER, R.HR})
COMPLAINTS_STATE = Permission("complaints.state", {R.ENGINEER}, own=True)
COMPLAINTS_FIND = Permission("complaints.find", {R.SERVICE_MANAGER, R.HQ_VERIFIER})
REFERENCE_READ = Permission("reference.read", READ.roles | {R.WAREHOUSE, R.PRODUCTION_PLANNER, R.FINANCE})
REFERENCE_WRITE = Permission(
    "reference.write", {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER, R.QUALITY, R.CONTRACT_MANAGER, R.INTEGRATION}
)
PERSONS_READ = Permission("persons.read", {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER})
PERSONS_WRITE = Permission("persons.write", {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER, R.INTEGRATION})
PERSONS_ERASE = Permission("persons.erase", {R.SERVICE_MANAGER})
IMPORT = Permission("tickets.import", {R.RECEPTION, R.SERVICE_MANAGER, R.INTEGRATION})
