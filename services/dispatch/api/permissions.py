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
