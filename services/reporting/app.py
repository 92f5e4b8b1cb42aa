"""The composition root: what this service is made of."""

from collections.abc import Sequence

from services.reporting import addresses, links, web
from services.reporting.archive import Archive
from services.reporting.domain import monthly_report, recipient
from services.reporting.feed import Ends, Feed
from services.reporting.opening import Opener
from services.reporting.reactions import on_deadline
from services.reporting.sending.delivery import Delivery, Sender
from services.reporting.sending.outgoing import Outgoing
from services.reporting.views import VIEWS
from services.reporting.views.published import freshness, with_published
from shared.decider import Words
from shared.leases import Leases
from shared.service import Runtime, Service
from shared.shelves import shelf
from shared.supervision import Worker


def own_workers(runtime: Runtime, leases: Leases) -> Sequence[Worker]:
    """Months open by themselves, what is issued is brought to its recipients, and it is noted how fresh all is."""
    ends = Ends(runtime.nats, runtime.clock)
    feeds = [Feed(view, ends, runtime.pool, runtime.clock, own=view.own(runtime.service.name)) for view in VIEWS]
    sender = Sender(
        runtime.settings,
        runtime.secret,
        Archive(shelf(runtime.settings)),
        Outgoing(runtime.settings.outgoing_private),
    )
    return [
        Opener(runtime.log, runtime.clock, leases),
        Delivery(runtime.log, runtime.pool, runtime.clock, leases, sender),
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
    deciders=(monthly_report, recipient),
    views=with_published(VIEWS),
    own_workers=own_workers,
    on_deadline=on_deadline,
    tables=addresses.TABLES + links.TABLES + freshness.TABLES,
)
