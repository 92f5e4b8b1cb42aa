"""Who may do what in dispatch. The auditor may read everything besides."""

from shared.auth import Permission, Role

R = Role

PARTS_READ = Permission(
    "parts.read",
    {
        R.DISPATCHER,
        R.SERVICE_MANAGER,
        R.HQ_VERIFIER,
        R.QUALITY,
        R.WAREHOUSE,
        R.PRODUCTION_PLANNER,
        R.PURCHASING,
        R.FINANCE,
        R.ENGINEER,
    },
    own=True,
)
CATALOGUE_READ = Permission("parts.catalogue", PARTS_READ.roles, shared="the catalogue is the same for all")
CATALOGUE_WRITE = Permission(
    "parts.record", {R.WAREHOUSE, R.PRODUCTION_PLANNER, R.PURCHASING, R.FINANCE, R.INTEGRATION}
)
PARTS_REQUEST = Permission("parts.request", {R.DISPATCHER, R.SERVICE_MANAGER, R.ENGINEER}, own=True)
PARTS_APPROVE = Permission("parts.approve", {R.SERVICE_MANAGER, R.HQ_VERIFIER})
PARTS_RESERVE = Permission("parts.reserve", {R.WAREHOUSE})
PARTS_PLAN = Permission("parts.plan", {R.PRODUCTION_PLANNER})
PARTS_PRODUCE = Permission("parts.produce", {R.PRODUCTION_PLANNER, R.WAREHOUSE})
PARTS_PURCHASE = Permission("parts.purchase", {R.PURCHASING})
PARTS_TAKE_IN = Permission("parts.take_in", {R.WAREHOUSE, R.PURCHASING})
PARTS_INSPECT = Permission("parts.inspect", {R.QUALITY})
PARTS_SHIP = Permission("parts.ship", {R.WAREHOUSE})
PARTS_DELIVER = Permission("parts.deliver", {R.WAREHOUSE, R.DISPATCHER, R.ENGINEER}, own=True)
PARTS_USE = Permission("parts.use", {R.DISPATCHER, R.SERVICE_MANAGER, R.ENGINEER}, own=True)
PARTS_TAKE_BACK = Permission("parts.take_back", {R.WAREHOUSE})
PARTS_CLOSE = Permission("parts.close", {R.WAREHOUSE, R.DISPATCHER, R.SERVICE_MANAGER})
PLAN_READ = Permission(
    "production_plan.read", {R.PRODUCTION_PLANNER, R.WAREHOUSE, R.PURCHASING, R.DISPATCHER, R.SERVICE_MANAGER}
)
STOCK_WRITE = Permission("stock.write", {R.WAREHOUSE})
STOCK_MOVE = Permission("stock.move", {R.WAREHOUSE, R.ENGINEER}, own=True)
SUPPLIER_CLAIMS_READ = Permission(
    "supplier_claims.read", {R.PURCHASING, R.QUALITY, R.SERVICE_MANAGER, R.HQ_VERIFIER, R.FINANCE}
)
SUPPLIER_CLAIMS_OPEN = Permission("supplier_claims.open", {R.PURCHASING, R.QUALITY, R.SERVICE_MANAGER, R.HQ_VERIFIER})
SUPPLIER_CLAIMS_SETTLE = Permission("supplier_claims.settle", {R.PURCHASING})
SUPPLIER_CLAIMS_ABANDON = Permission("supplier_claims.abandon", {R.PURCHASING, R.SERVICE_MANAGER, R.GENERAL_MANAGER})
PARTS_POLICY = Permission("parts.policy", {R.SERVICE_MANAGER})

ENGINEERS_READ = Permission(
    "engineers.read",
    {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER, R.HQ_VERIFIER, R.QUALITY, R.HR, R.FINANCE, R.ENGINEER},
    own=True,
)
ENGINEERS_WRITE = Permission("engineers.write", {R.DISPATCHER, R.SERVICE_MANAGER, R.HR, R.INTEGRATION})
ENGINEERS_ERASE = Permission("engineers.erase", {R.HR})
CONTACTS_READ = Permission("engineers.contacts.read", {R.DISPATCHER, R.SERVICE_MANAGER, R.HR, R.ENGINEER}, own=True)
TERMS = Permission("engineers.terms", {R.HR, R.FINANCE})
ROSTERS_READ = Permission(
    "rosters.read",
    {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER, R.HQ_VERIFIER, R.HR, R.FINANCE, R.APPEAL_PANEL, R.ENGINEER},
    own=True,
)
ROSTERS_WRITE = Permission("rosters.write", {R.DISPATCHER, R.SERVICE_MANAGER, R.HR, R.INTEGRATION})
LEAVE = Permission("rosters.leave", {R.SERVICE_MANAGER, R.HR, R.INTEGRATION})
PROBES_WRITE = Permission("probes.write", {R.DISPATCHER, R.SERVICE_MANAGER, R.INTEGRATION})
DUTY_READ = Permission(
    "duty.read", {R.DISPATCHER, R.SERVICE_MANAGER, R.HQ_VERIFIER, R.HR, R.APPEAL_PANEL, R.ENGINEER}, own=True
)
DUTY_POLICY_READ = Permission(
    "duty.policy.read",
    {R.DISPATCHER, R.SERVICE_MANAGER, R.HQ_VERIFIER, R.HR, R.APPEAL_PANEL, R.ENGINEER},
    shared="purpose, retention and rules of phone duty are shown to staff (D13)",
)
DUTY_POLICY_ADOPT = Permission("duty.policy.adopt", {R.SERVICE_MANAGER, R.HR})
DUTY_POLICY_ACKNOWLEDGE = Permission("duty.policy.acknowledge", {R.ENGINEER}, own=True)

# --- trips and expense claims -----------------------------------------------------------------------------------------

TRIPS_READ = Permission(
    "trips.read", {R.DISPATCHER, R.SERVICE_MANAGER, R.GENERAL_MANAGER, R.FINANCE, R.HR, R.ENGINEER}, own=True
)
TRIPS_PLAN = Permission("trips.plan", {R.DISPATCHER, R.SERVICE_MANAGER})
TRIPS_END = Permission("trips.end", {R.DISPATCHER, R.SERVICE_MANAGER, R.ENGINEER}, own=True)
CLAIMS_READ = Permission(
    "claims.read",
    {R.DISPATCHER, R.SERVICE_MANAGER, R.GENERAL_MANAGER, R.FINANCE, R.HQ_VERIFIER, R.HR, R.APPEAL_PANEL, R.ENGINEER},
    own=True,
)
CLAIMS_WRITE = Permission("claims.write", {R.ENGINEER, R.DISPATCHER}, own=True)
CLAIMS_REVIEW = Permission("claims.review", {R.SERVICE_MANAGER, R.GENERAL_MANAGER, R.FINANCE})
CLAIMS_APPROVE = Permission("claims.approve", {R.SERVICE_MANAGER})
CLAIMS_APPROVE_GENERAL = Permission("claims.approve_general", {R.GENERAL_MANAGER})
CLAIMS_APPROVE_FINANCE = Permission("claims.approve_finance", {R.FINANCE})
CLAIMS_PAY = Permission("claims.pay", {R.FINANCE})
CLAIMS_INVESTIGATE = Permission("claims.investigate", {R.SERVICE_MANAGER, R.FINANCE, R.HQ_VERIFIER, R.HR})
CLAIMS_CONCLUDE = Permission("claims.conclude", {R.SERVICE_MANAGER, R.GENERAL_MANAGER, R.FINANCE, R.HR})
CLAIMS_PROVE = Permission("claims.prove", CLAIMS_INVESTIGATE.roles | CLAIMS_CONCLUDE.roles)
CLAIMS_EXPORT = Permission("claims.export", {R.FINANCE, R.GENERAL_MANAGER})
EXPENSE_POLICY_READ = Permission(
    "expense_policy.read",
    {R.DISPATCHER, R.SERVICE_MANAGER, R.GENERAL_MANAGER, R.FINANCE, R.HR, R.ENGINEER},
    shared="everybody may know the rules that bind them",
)
EXPENSE_POLICY_WRITE = Permission("expense_policy.write", {R.FINANCE, R.GENERAL_MANAGER})

# --- service reports --------------------------------------------------------------------------------------------------

REPORTS_READ = Permission(
    "reports.read",
    {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER, R.HQ_VERIFIER, R.QUALITY, R.ENGINEER},
    own=True,
)
REPORTS_WRITE = Permission("reports.write", {R.DISPATCHER, R.SERVICE_MANAGER, R.ENGINEER}, own=True)
REPORT_SIGNERS_ERASE = Permission("reports.erase_signer", {R.SERVICE_MANAGER})
REPORT_FORMS_READ = Permission(
    "report_forms.read", REPORTS_READ.roles, shared="what a form asks for is the same for everybody"
)
REPORT_FORMS_ADOPT = Permission("report_forms.adopt", {R.SERVICE_MANAGER, R.QUALITY})
PROGRAMMES_READ = Permission(
    "programmes.read",
    {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER, R.HQ_VERIFIER, R.QUALITY, R.CONTRACT_MANAGER, R.INTEGRATION},
)
PROGRAMMES_WRITE = Permission("programmes.write", {R.DISPATCHER, R.SERVICE_MANAGER})
BOARD_READ = Permission(
    "board.read", {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER, R.HQ_VERIFIER, R.QUALITY, R.INTEGRATION}
)
DAY_READ = Permission("engineers.day", BOARD_READ.roles | {R.HR, R.ENGINEER}, own=True)
MAP_READ = Permission("map.read", {R.DISPATCHER, R.SERVICE_MANAGER})
PROPOSALS_READ = Permission("proposals.read", {R.DISPATCHER, R.SERVICE_MANAGER})
PROPOSALS_SET = Permission("proposals.set", {R.SERVICE_MANAGER})

# --- work orders and visits -------------------------------------------------------------------------------------------

WORK_ORDERS_READ = Permission(
    "work_orders.read",
    {
        *(R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER, R.HQ_VERIFIER, R.QUALITY, R.WAREHOUSE, R.PRODUCTION_PLANNER),
        *(R.PURCHASING, R.FINANCE, R.GENERAL_MANAGER, R.CONTRACT_MANAGER, R.HR, R.APPEAL_PANEL, R.INTEGRATION),
        R.ENGINEER,
    },
    own=True,
)
WORK_ORDERS_WRITE = Permission("work_orders.write", {R.DISPATCHER, R.SERVICE_MANAGER})
WORK_ORDERS_VERIFY = Permission("work_orders.verify", {R.HQ_VERIFIER, R.SERVICE_MANAGER})
WORK_ORDERS_COST = Permission("work_orders.cost", {R.DISPATCHER, R.SERVICE_MANAGER, R.FINANCE, R.WAREHOUSE})
WORK_ORDERS_POST = Permission("work_orders.post", {R.FINANCE, R.SERVICE_MANAGER})
VISITS_READ = Permission("visits.read", WORK_ORDERS_READ.roles, own=True)
VISITS_PLAN = Permission("visits.plan", {R.DISPATCHER, R.SERVICE_MANAGER})
VISITS_TELL = Permission("visits.tell", {R.ENGINEER, R.DISPATCHER, R.SERVICE_MANAGER}, own=True)
VISITS_CHECK_OUT = Permission(
    "visits.check_out", {R.ENGINEER, R.DISPATCHER, R.SERVICE_MANAGER, R.RECEPTION, R.INTEGRATION}, own=True
)
VISITS_CHECK_IN = Permission("visits.check_in", {R.ENGINEER}, own=True)
VISITS_RECORD_ARRIVAL = Permission("visits.record_arrival", {R.DISPATCHER, R.SERVICE_MANAGER, R.RECEPTION})
VISITS_CLAIM = Permission(
    "visits.claim", {R.ENGINEER, R.DISPATCHER, R.SERVICE_MANAGER, R.RECEPTION, R.HQ_VERIFIER}, own=True
)
VISITS_ADJUDICATE = Permission("visits.adjudicate", {R.SERVICE_MANAGER, R.HQ_VERIFIER})
VISIT_POLICIES_READ = Permission(
    "visit_policies.read", WORK_ORDERS_READ.roles, shared="the terms bind every engineer, so all may read them"
)
VISIT_POLICIES_WRITE = Permission("visit_policies.write", {R.SERVICE_MANAGER, R.HQ_VERIFIER})
PLACES_READ = Permission("places.read", {R.DISPATCHER, R.SERVICE_MANAGER})
PLACES_WRITE = Permission("places.write", {R.RECEPTION, R.DISPATCHER, R.SERVICE_MANAGER, R.INTEGRATION})
PLACES_ERASE = Permission("places.erase", {R.SERVICE_MANAGER})
