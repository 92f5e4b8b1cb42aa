#!/bin/bash
# A work order from the customer's call to the payment, with curl, on a running `make up` (URL, DATA_DIR as there):
#
#     bash samples/work-order.sh
#
# Everybody has a token of their own with the one role that their part needs. Each line prints what it was answered.
set -euo pipefail
cd "$(dirname "$0")/.."
URL=${URL:-http://127.0.0.1:8000}
CODE=E$(date +%s | tail -c 6)   # an engineer of its own each time, who is free
PAPER=${DATA_DIR:-data}/report.pdf
token() { .venv/bin/shouhou token --role "$1" --subject "$2" ${3:+--engineer "$3"}; }
LI=$(token reception li.na)          ZHAO=$(token dispatcher zhao.lei)  ENGINEER=$(token engineer "engineer.$CODE" "$CODE")
HE=$(token hq_verifier he.ping)      WANG=$(token service_manager wang.hong)
QIAN=$(token finance qian.yu)        WU=$(token finance wu.jun)
post() { curl -sS --fail-with-body "$URL/$2" -H "Authorization: Bearer $1" -H "Idempotency-Key: $(date +%s%N)" \
         -H 'Content-Type: application/json' -d "${3:-{\}}"; echo; }
send() { who=$1; path=$2; shift 2; curl -sS --fail-with-body "$URL/$path" -H "Authorization: Bearer $who" "$@"; }
get()  { .venv/bin/python -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }

# a customer, its site on the map, an engineer
CUSTOMER=$(post $LI tickets/customers '{"name": "光明物业", "region": "华东"}' | get id)
SITE=$(post $LI tickets/sites '{"customer": "'$CUSTOMER'", "name": "西门店", "city": "苏州"}' | get id)
post $ZHAO dispatch/places '{"site": "'$SITE'", "latitude": 31.2989, "longitude": 120.5853}'
post $ZHAO dispatch/engineers '{"engineer": "'$CODE'", "skills": ["灭鼠"], "base_city": "上海"}'

# reception takes a call, the dispatcher sends somebody: tickets publishes, dispatch makes the work order
WHERE='"customer": "'$CUSTOMER'", "site": "'$SITE'"'
TICKET=$(post $LI tickets '{"channel": "phone", "product_name": "大号粘鼠板", "summary": "粘不住", '"$WHERE"'}' | get ticket)
post $LI tickets/$TICKET/triage '{"product_unknown": "包装已丢弃", '"$WHERE"'}'
CALL='{"kind": "call", "call_id": "1696321200.17", "direction": "outbound", "seconds": 95}'
post $LI tickets/$TICKET/answer '{"proof": '"$CALL"'}'
ORDER=$(post $ZHAO tickets/$TICKET/dispatch '{"purpose": "repair"}' | get work_order)
send $ZHAO dispatch/work-orders/$ORDER --retry 10 --retry-delay 1 --retry-all-errors    # it hears of it by events

# the visit: assigned in writing, made, reported
VISIT=$(post $ZHAO dispatch/work-orders/$ORDER/plan-visit '{"minutes": 60}' | get visit)
TODAY=$(TZ=Asia/Shanghai date +%F)
AT=$(.venv/bin/python -c 'from datetime import *; print((datetime.now(UTC) + timedelta(hours=1)).isoformat())')
post $ZHAO dispatch/visits/$VISIT/assign '{"engineer": "'$CODE'", "instruction": "更换 20 张", "agreed_arrival": "'$AT'"}'
post $ENGINEER dispatch/visits/$VISIT/accept
post $ENGINEER dispatch/visits/$VISIT/depart
post $ENGINEER dispatch/visits/$VISIT/check-in '{"position": {"latitude": 31.2990, "longitude": 120.5860, "accuracy_m": 20}}'
post $ENGINEER dispatch/visits/$VISIT/start-work
post $ENGINEER dispatch/visits/$VISIT/finish '{"result": "已更换"}'
post $ENGINEER dispatch/visits/$VISIT/check-out '{"way": "app"}'

# the service report: filled in, photographed, signed by the customer, printed (any picture does for trying)
REPORT=$(post $ENGINEER dispatch/reports '{"work_order": "'$ORDER'"}' | get report)
post $ENGINEER dispatch/reports/$REPORT/fill '{"answers": [
  {"item": "situation", "value": "失去粘性"}, {"item": "cause", "value": "use"}, {"item": "work", "value": "更换 20 张"},
  {"item": "tested", "value": "done"}, {"item": "tidy", "value": "done"}, {"item": "result", "value": "solved"},
  {"item": "survey", "value": "done"}], "parts": [{"name": "大号粘鼠板", "quantity": "20", "unit": "张"}]}'
send $ENGINEER dispatch/reports/$REPORT/attachments -F file=@docs/images/survey.png -F title=更换后 -F item=photo_after
post $ENGINEER dispatch/reports/$REPORT/submit
send $ENGINEER dispatch/reports/$REPORT/sign -F file=@docs/images/survey.png -F version=1 -F name=王小明
send $ENGINEER dispatch/reports/$REPORT/report.pdf -o "$PAPER"

# the trip and its claim: checked by itself, then manager, finance and cashier
TRIP=$(post $ZHAO dispatch/trips '{"engineer": "'$CODE'", "starts": "'$TODAY'", "ends": "'$TODAY'", "visits": ["'$VISIT'"]}' | get trip)
CLAIM=$(post $ENGINEER dispatch/claims '{"trip": "'$TRIP'"}' | get claim)
NUMBER=2633$(date +%s%N | cut -c1-16)
RECEIPT=$(send $ENGINEER dispatch/claims/receipts -F file=@docs/images/survey.png | get sha256)
post $ENGINEER dispatch/claims/$CLAIM/lines '{"kind": "long_distance", "spent_on": "'$TODAY'", "city": "苏州", "amount": "46.50",
  "invoice": {"number": "'$NUMBER'", "issued": "'$TODAY'", "total": "46.50"}, "receipts": ["'$RECEIPT'"]}'
post $ENGINEER dispatch/claims/$CLAIM/submit
post $WANG dispatch/claims/$CLAIM/approve
post $QIAN dispatch/claims/$CLAIM/approve-finance
post $WU dispatch/claims/$CLAIM/pay '{"paid_on": "'$TODAY'", "reference": "YH-0031"}'

# verified by somebody who had no part in it, posted: its costs are frozen
post $HE dispatch/work-orders/$ORDER/verify
post $QIAN dispatch/work-orders/$ORDER/post
send $ZHAO dispatch/work-orders/$ORDER/history

# the ticket hears of it by events: resolved, asked about, closed
for _ in $(seq 60); do
    send $LI tickets/$TICKET/history | grep -q TicketWorkOrderVerified && break
    sleep 0.5
done
post $LI tickets/$TICKET/resolve '{"resolution": "已更换"}'
post $LI tickets/$TICKET/survey '{"channel": "im"}'
post $LI tickets/$TICKET/survey/answer '{"channel": "phone", "score": 5, "proof": '"$CALL"'}'
post $LI tickets/$TICKET/close
echo "完成 · done: $PAPER, $URL/dispatch/docs"
