"""HTTP to addresses that people have entered. None of them may lead into the company's own network.

A name is looked up once; what it stands for is judged, and that very address is called: a name that means something
else a moment later gets nobody further. Redirects are not followed, proxies of the environment are not used.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

from shared.decider import Words

PATIENCE_SECONDS = 15.0
"""From the look-up to the answer's head; its body is not waited for."""

IP = IPv4Address | IPv6Address
_NAT64 = ip_network("64:ff9b::/96")


class NotAllowed(Exception):
    """The address is none that may be called. ``words`` name no address."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(zh, en)


class Unreachable(Exception):
    """Nobody answered. ``what`` is the kind of the error, without the address."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said."""

    status: int
    retry_after: str | None

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300

    def wait_seconds(self, now: datetime) -> float:
        """How long the receiver asks to be left alone, from its ``Retry-After``; 0 where it doesn't say."""
        said = (self.retry_after or "").strip()
        if said.isascii() and said.isdigit():
            return float(said[:9])
        with contextlib.suppress(ValueError, TypeError):
            return max(0.0, (parsedate_to_datetime(said) - now).total_seconds())
        return 0.0


class Outgoing:
    """Calls public addresses, and of the others those that the settings allow (``OUTGOING_PRIVATE``)."""

    def __init__(self, private: str = "") -> None:
        """``private``: networks, separated by commas. Raises ValueError for what is none."""
        self._private: Sequence[IPv4Network | IPv6Network] = [
            ip_network(each.strip()) for each in private.split(",") if each.strip()
        ]
        self._tls: ssl.SSLContext | None = None

    async def check(self, url: str) -> str:
        """The host of an address that may be called now. Raises ``NotAllowed``, ``Unreachable``."""
        asked = _parsed(url)
        await self.address(asked.host, _port(asked), plain=asked.scheme == "http")
        return asked.host

    async def address(self, host: str, port: int, *, plain: bool = False) -> str:
        """The address that ``host`` stands for; ``plain``: nothing would be encrypted on the way.

        All it stands for has to be allowed. Raises ``NotAllowed``, ``Unreachable``.
        """
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Unreachable("host unknown") from error
        addresses = [ip_address(str(where[0]).partition("%")[0]) for *_, where in found]
        listed = [self._listed(each) for each in addresses]
        if not all(inside or _public(each) for inside, each in zip(listed, addresses, strict=True)):
            raise NotAllowed(
                "该地址在内部网络中；如确需推送到内网，请由管理员设置 OUTGOING_PRIVATE。",
                "The address lies in a private network; the administrator can allow it by OUTGOING_PRIVATE.",
            )
        if plain and not all(listed):
            raise NotAllowed(
                "须为 https 地址；http 仅用于 OUTGOING_PRIVATE 所列网络。",
                "It has to be https; http is for networks in OUTGOING_PRIVATE only.",
            )
        return str(addresses[0])

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], patience: float = PATIENCE_SECONDS
    ) -> Answer:
        """What the receiver answered. Raises ``NotAllowed``, ``Unreachable``."""
        try:
            async with asyncio.timeout(patience):
                return await self._post(_parsed(url), body, headers)
        except TimeoutError as error:
            raise Unreachable("timeout") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Unreachable(type(error).__name__) from error

    async def _post(self, asked: httpx.URL, body: bytes, headers: Mapping[str, str]) -> Answer:
        address = await self.address(asked.host, _port(asked), plain=asked.scheme == "http")
        self._tls = self._tls or httpx.create_ssl_context()
        client = httpx.AsyncClient(verify=self._tls, trust_env=False, follow_redirects=False, timeout=PATIENCE_SECONDS)
        async with client:
            request = client.build_request(
                "POST",
                asked.copy_with(host=address),
                content=body,
                headers={**headers, "Host": asked.netloc.decode("ascii"), "Accept-Encoding": "identity"},
                extensions={"sni_hostname": asked.raw_host.decode("ascii")} if _named(asked.host) else {},
            )
            answer = await client.send(request, stream=True)
            await answer.aclose()
        return Answer(answer.status_code, answer.headers.get("Retry-After"))

    def _listed(self, address: IP) -> bool:
        return any(_inner(address) in network for network in self._private)


def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise _no_address() from error
    if parsed.scheme not in ("https", "http") or not parsed.host or parsed.userinfo or parsed.fragment:
        raise _no_address()
    return parsed


def _no_address() -> NotAllowed:
    return NotAllowed(
        "须为完整的 https 地址，不含用户名与 #。", "It has to be a whole https address without a user name or #."
    )


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _named(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return True
    return False


def _inner(address: IP) -> IP:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _public(address: IP) -> bool:
    inner = _inner(address)
    return inner.is_global and not inner.is_multicast
