"""Who may do what in reporting. The auditor may read everything besides."""

from shared.auth import Permission, Role

WATCH = Permission(
    "reporting.board",
    # Who answers, sends out, decides on or accounts for what customers ask, and the screens on the wall. Engineers
    # find their own work in dispatch; the board shows every customer.
    {
        Role.RECEPTION,
        Role.DISPATCHER,
        Role.SERVICE_MANAGER,
        Role.HQ_VERIFIER,
        Role.QUALITY,
        Role.CONTRACT_MANAGER,
        Role.REPORT_RECIPIENT,
        Role.INTEGRATION,
    },
)
STATISTICS_READ = Permission(
    "reporting.statistics",
    # Those to whom 5.4 reports, and those who answer for the figures.
    {
        Role.SERVICE_MANAGER,
        Role.HQ_VERIFIER,
        Role.QUALITY,
        Role.FINANCE,
        Role.GENERAL_MANAGER,
        Role.CONTRACT_MANAGER,
        Role.REPORT_RECIPIENT,
        Role.INTEGRATION,
    },
)
STATISTICS_DRILL = Permission("reporting.statistics.entries", STATISTICS_READ.roles)
# An engineer's visits, duty, claims and parts are shown to them by dispatch; these boards show everybody's.
BOARD_VISITS = Permission(
    "reporting.boards.visits",
    {Role.RECEPTION, Role.DISPATCHER, Role.SERVICE_MANAGER, Role.HQ_VERIFIER, Role.GENERAL_MANAGER, Role.INTEGRATION},
)
BOARD_DUTY = Permission("reporting.boards.duty", {Role.DISPATCHER, Role.SERVICE_MANAGER, Role.HQ_VERIFIER})
BOARD_EXPENSES = Permission(
    "reporting.boards.expenses", {Role.SERVICE_MANAGER, Role.FINANCE, Role.GENERAL_MANAGER, Role.HQ_VERIFIER}
)
BOARD_PARTS = Permission(
    "reporting.boards.parts",
    {
        Role.DISPATCHER,
        Role.SERVICE_MANAGER,
        Role.WAREHOUSE,
        Role.PRODUCTION_PLANNER,
        Role.PURCHASING,
        Role.QUALITY,
        Role.HQ_VERIFIER,
        Role.INTEGRATION,
    },
)
BOARD_PENALTIES = Permission(
    "reporting.boards.penalties", {Role.SERVICE_MANAGER, Role.HR, Role.GENERAL_MANAGER, Role.HQ_VERIFIER}
)
SCREENS = Permission(
    "reporting.screens",
    WATCH.roles
    | STATISTICS_READ.roles
    | BOARD_VISITS.roles
    | BOARD_DUTY.roles
    | BOARD_EXPENSES.roles
    | BOARD_PARTS.roles
    | BOARD_PENALTIES.roles,
)
MONTHS_READ = Permission("reporting.months.read", STATISTICS_READ.roles)
MONTHS_PREPARE = Permission("reporting.months.prepare", {Role.SERVICE_MANAGER, Role.HQ_VERIFIER, Role.FINANCE})
MONTHS_REVIEW = Permission(
    "reporting.months.review", {Role.SERVICE_MANAGER, Role.HQ_VERIFIER, Role.FINANCE, Role.GENERAL_MANAGER}
)
MONTHS_ISSUE = Permission("reporting.months.issue", {Role.SERVICE_MANAGER, Role.GENERAL_MANAGER})
MONTHS_RESTATE = Permission("reporting.months.restate", {Role.SERVICE_MANAGER, Role.GENERAL_MANAGER})
MONTHS_ACKNOWLEDGE = Permission(
    "reporting.months.acknowledge",
    {Role.REPORT_RECIPIENT, Role.QUALITY, Role.GENERAL_MANAGER, Role.SERVICE_MANAGER},
)
RECIPIENTS_READ = Permission(
    "reporting.recipients.read", {Role.SERVICE_MANAGER, Role.GENERAL_MANAGER, Role.HQ_VERIFIER}
)
RECIPIENTS_WRITE = Permission("reporting.recipients.write", {Role.SERVICE_MANAGER, Role.GENERAL_MANAGER})
WEBHOOKS_READ = Permission("reporting.webhooks.read", {Role.INTEGRATION, Role.SERVICE_MANAGER, Role.GENERAL_MANAGER})
WEBHOOKS_WRITE = Permission("reporting.webhooks.write", {Role.INTEGRATION, Role.SERVICE_MANAGER})
NOTICES_READ = Permission("reporting.notices.read", {Role.SERVICE_MANAGER, Role.GENERAL_MANAGER})
NOTICES_WRITE = Permission("reporting.notices.write", {Role.SERVICE_MANAGER})
COMMITMENT = Permission(
    "reporting.commitment",
    # What is shown in a tender: those who bid, those who answer for it. No person is named in it.
    {Role.SERVICE_MANAGER, Role.HQ_VERIFIER, Role.QUALITY, Role.GENERAL_MANAGER, Role.CONTRACT_MANAGER},
)
DASHBOARD = Permission(
    "reporting.dashboard",
    # All of reporting at once, row by row: those who answer for it, and the programs that draw it elsewhere.
    {Role.SERVICE_MANAGER, Role.GENERAL_MANAGER, Role.HQ_VERIFIER, Role.INTEGRATION},
)
