"""Who may do what in penalties. The auditor may read everything besides."""

from shared.auth import Permission, Role

R = Role

# --- the policy -------------------------------------------------------------------------------------------------------

POLICY_READ = Permission(
    "policy.read",
    {
        *(R.DISPATCHER, R.SERVICE_MANAGER, R.HQ_VERIFIER, R.HR, R.FINANCE, R.GENERAL_MANAGER, R.APPEAL_PANEL),
        R.ENGINEER,
    },
    shared="whom rules bind, or will bind, may read them, drafts included: staff have a say in them",
)
POLICY_DRAFT = Permission("policy.draft", {R.HR, R.SERVICE_MANAGER})
POLICY_ADOPT = Permission("policy.adopt", {R.HR, R.SERVICE_MANAGER, R.GENERAL_MANAGER})
POLICY_CALENDAR = Permission("policy.calendar", {R.HR, R.SERVICE_MANAGER})
POLICY_ACKNOWLEDGE = Permission("policy.acknowledge", {R.ENGINEER}, own=True)
ACKNOWLEDGEMENTS_READ = Permission("policy.acknowledgements", {R.HR, R.SERVICE_MANAGER})
WHAT_IF = Permission("policy.what_if", {R.HR, R.SERVICE_MANAGER})

# --- facts ------------------------------------------------------------------------------------------------------------

FACTS_READ = Permission(
    "facts.read", {R.HR, R.SERVICE_MANAGER, R.APPEAL_PANEL, R.GENERAL_MANAGER, R.ENGINEER}, own=True
)

# --- the chain --------------------------------------------------------------------------------------------------------

CHAIN_READ = Permission(
    "penalties.chain.read",
    {R.ENGINEER, R.DISPATCHER, R.SERVICE_MANAGER, R.HR, R.APPEAL_PANEL, R.FINANCE, R.GENERAL_MANAGER, R.ADMIN},
    shared="it tells nothing of anybody, and whoever keeps a head can prove what was changed later",
)
EVIDENCE_READ = Permission("penalties.evidence", {R.HR, R.SERVICE_MANAGER, R.APPEAL_PANEL, R.ENGINEER}, own=True)

# --- ledger, payroll, measures ----------------------------------------------------------------------------------------

LEDGER_READ = Permission(
    "ledger.read",
    {R.SERVICE_MANAGER, R.GENERAL_MANAGER, R.HR, R.FINANCE, R.APPEAL_PANEL, R.ENGINEER},
    own=True,
)
LEDGER_EXPORT = Permission("ledger.export", {R.HR, R.FINANCE, R.GENERAL_MANAGER})
PAYROLL_READ = Permission("payroll.read", {R.HR, R.FINANCE, R.GENERAL_MANAGER})
PAYROLL_EXPORT = Permission("payroll.export", {R.HR, R.FINANCE})
WAGES = Permission("wages", {R.HR, R.FINANCE})
WAGES_ERASE = Permission("wages.erase", {R.HR})
MEASURES_READ = Permission("measures.read", {R.HR, R.GENERAL_MANAGER, R.SERVICE_MANAGER, R.ENGINEER}, own=True)
MEASURES_SIGN_HR = Permission("measures.sign_hr", {R.HR})
MEASURES_SIGN_MANAGEMENT = Permission("measures.sign_management", {R.GENERAL_MANAGER})
MEASURES_DROP = Permission("measures.drop", {R.HR, R.GENERAL_MANAGER})
STATISTICS_READ = Permission("statistics.read", {R.HR, R.SERVICE_MANAGER, R.GENERAL_MANAGER, R.APPEAL_PANEL})

# --- penalties --------------------------------------------------------------------------------------------------------

PENALTIES_READ = Permission(
    "penalties.read", {R.HR, R.SERVICE_MANAGER, R.APPEAL_PANEL, R.GENERAL_MANAGER, R.FINANCE, R.ENGINEER}, own=True
)
INBOX_READ = Permission("penalties.inbox", {R.HR, R.SERVICE_MANAGER, R.APPEAL_PANEL, R.GENERAL_MANAGER})
PENALTIES_NOTICE = Permission("penalties.notice", {R.HR, R.SERVICE_MANAGER})
PENALTIES_SPEAK = Permission("penalties.speak", {R.ENGINEER}, own=True)
PENALTIES_DECIDE = Permission("penalties.decide", {R.SERVICE_MANAGER})
APPEALS_DECIDE = Permission("penalties.appeals", {R.APPEAL_PANEL})
PENALTIES_REVIEW = Permission("penalties.review", {R.HR, R.SERVICE_MANAGER, R.GENERAL_MANAGER})
PENALTIES_REVERSE = Permission("penalties.reverse", {R.HR, R.GENERAL_MANAGER})
