"""Hands messages to the configured mail server."""

from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from app.config import Mail
from app.mail.delivery import Delayed, Post, Refused

TIMEOUT_S = 30.0
# SMTP's answers from here on are final (RFC 5321 section 4.2.1).
PERMANENT = 500


def smtp_post(mail: Mail) -> Post:
    """A Post for `smtp://` (STARTTLS when the server offers it) or `smtps://` addresses."""
    parts = urlsplit(mail.smtp_url)

    async def post(message: EmailMessage) -> None:
        try:
            await aiosmtplib.send(
                message,
                hostname=parts.hostname,
                port=parts.port,
                username=unquote(parts.username) if parts.username else None,
                password=unquote(parts.password) if parts.password else None,
                use_tls=parts.scheme == "smtps",
                timeout=TIMEOUT_S,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [refused.code for refused in error.recipients]
            raise (Refused if min(codes, default=0) >= PERMANENT else Delayed)(f"recipient refused: {codes}") from None
        except aiosmtplib.SMTPAuthenticationError as error:
            # A password that an operator can mend.
            raise Delayed(f"sign-in refused: {error.code}") from None
        except aiosmtplib.SMTPResponseException as error:
            raise (Refused if error.code >= PERMANENT else Delayed)(f"{error.code} {error.message}") from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Delayed(type(error).__name__) from None

    return post
