"""The composition root: what this service is made of."""

from collections.abc import Sequence

from services.reporting import addresses, links, web
from services.reporting.archive import Archive
from services.reporting.domain import monthly_report, notice_channel, recipient, webhook
from services.reporting.domain.subscribable import SOURCES
from services.reporting.feed import Ends, Feed
from services.reporting.notices import intake as notice_intake
from services.reporting.notices import tables as notice_tables
from services.reporting.notices.sending import Notifier
from services.reporting.opening import Opener
from services.reporting.reactions import on_deadline
from services.reporting.sealing import Seal
from services.reporting.sending.delivery import Delivery, Sender
from services.reporting.sending.outgoing import Outgoing
from services.reporting.views import VIEWS, kept_figures
from services.reporting.views.published import freshness, with_published
from services.reporting.webhooks import intake as webhook_intake
from services.reporting.webhooks import tables as webhook_tables
from services.reporting.webhooks.queue import Queue
from services.reporting.webhooks.replaying import Replayer
from services.reporting.webhooks.sending import Pusher
from shared.decider import Words
from shared.leases import Leases
from shared.service import Runtime, Service
from shared.shelves import shelf
from shared.subscription import Subscription
from shared.supervision import Worker

WEBHOOKS = Subscription("webhooks", SOURCES, webhook_intake.lay_down, patient=True)
NOTICES = Subscription("notices", SOURCES, notice_intake.lay_down, patient=True)


def own_workers(runtime: Runtime, leases: Leases) -> Sequence[Worker]:
    """Months open by themselves, what is issued is brought to its recipients, and it is noted how fresh all is."""
    ends = Ends(runtime.nats, runtime.clock)
    feeds = [Feed(view, ends, runtime.pool, runtime.clock, own=view.own(runtime.service.name)) for view in VIEWS]
    outgoing, seal = Outgoing(runtime.settings.outgoing_private), Seal(runtime.secret)
    sender = Sender(runtime.settings, runtime.secret, Archive(shelf(runtime.settings)), outgoing)
    assert runtime.nats, "who works has NATS"
    return [
        Opener(runtime.log, runtime.clock, leases),
        Delivery(runtime.log, runtime.pool, runtime.clock, leases, sender),
        Pusher(runtime.log, Queue(runtime.pool), seal, outgoing, runtime.clock, leases),
        Replayer(runtime.pool, runtime.nats, runtime.clock, leases),
        Notifier(runtime.pool, seal, outgoing, runtime.clock, leases),
        freshness.Watch(feeds, runtime.pool, runtime.clock, leases),
    ]


service = Service(
    name="reporting",
    title=Words("统计", "Reporting"),
    about=Words(
        "服务请求看板、月度统计与月报，由各服务的事件汇成。",
        "The ticket board, the monthly figures and reports, made from the services' events.",
    ),
    routes=web.routes,
    deciders=(monthly_report, recipient, webhook, notice_channel),
    subscriptions=(WEBHOOKS, NOTICES),
    views=with_published(VIEWS),
    own_workers=own_workers,
    on_deadline=on_deadline,
    tables=addresses.TABLES
    + links.TABLES
    + freshness.TABLES
    + kept_figures.TABLES
    + webhook_tables.TABLES
    + notice_tables.TABLES,
)
