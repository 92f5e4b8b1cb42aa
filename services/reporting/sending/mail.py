"""By e-mail, through the company's own mail server."""

from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from services.reporting.sending.letter import Letter, NotSent
from shared.settings import Settings

PATIENCE_SECONDS = 20.0


def message_of(letter: Letter, sender: str, to: str) -> EmailMessage:
    """Its id is the same at every try, so a mail program shows what came twice once."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, letter.subject
    message["Date"] = format_datetime(letter.issue.at)
    message["Message-ID"] = f"<{letter.recipient}.{letter.name}@{sender.rpartition('@')[2]}>"
    message.set_content(letter.text)
    for each in letter.attachments:
        kind, _, form = each.file.media_type.partition("/")
        message.add_attachment(each.content, maintype=kind, subtype=form, filename=each.file.name)
    return message


async def mail(letter: Letter, settings: Settings, to: str | None) -> str:
    """The message's id. Raises ``NotSent``; its reason tells no address."""
    if settings.smtp_host is None:
        raise NotSent("未设置邮件服务器（SMTP_HOST） · no mail server is set (SMTP_HOST)")
    if to is None:
        raise NotSent("未登记邮件地址 · no e-mail address is recorded")
    message = message_of(letter, settings.mail_from, to)
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
    try:
        await aiosmtplib.send(
            message,
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_user,
            password=password,
            use_tls=settings.smtp_security == "tls",
            start_tls=settings.smtp_security == "starttls",
            timeout=PATIENCE_SECONDS,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        codes = ", ".join(str(refusal.code) for refusal in error.recipients)
        raise NotSent(f"收件地址被拒（{codes}） · the address was refused ({codes})") from error
    except aiosmtplib.SMTPResponseException as error:
        raise NotSent(f"邮件服务器拒绝（{error.code}） · the mail server refused ({error.code})") from error
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        what = type(error).__name__
        raise NotSent(f"邮件服务器无法访问（{what}） · the mail server can't be reached ({what})") from error
    return str(message["Message-ID"])
