"""Examples for the API docs. Ids in them stand for nothing until somebody puts real ones there."""

from shared.bodies import Example

ID = "6f1f7a9e-3c52-4b8e-9a57-5a1e1c3f7a11"
CALL: Example = {"kind": "call", "call_id": "1696321200.17", "direction": "outbound", "seconds": 95}
MESSAGE: Example = {"kind": "message", "message_id": "wx-20261008-31", "channel": "im", "sent_by": "li.na"}
